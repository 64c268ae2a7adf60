;; Proposal wide-arithmetic: an addition of 128-bit numbers.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (func (export "run") (result i32)
    (i64.add128 (i64.const 3) (i64.const 0) (i64.const 4) (i64.const 0))
    (drop)
    (i32.wrap_i64)))
