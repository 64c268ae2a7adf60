;; Proposal memory64: a memory with 64-bit addresses.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (memory (export "memory") i64 1)
  (func (export "run") (result i32)
    (i32.store (i64.const 8) (i32.const 7))
    (i32.load (i64.const 8))))
