;; Proposal threads: an atomic instruction on a memory that is not shared.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    (i32.atomic.rmw.xchg (i32.const 8) (i32.const 7))
    (drop)
    (i32.atomic.load (i32.const 8))))
