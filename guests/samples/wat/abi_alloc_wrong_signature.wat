;; `buffer` ABI whose `caisson_alloc` returns an i64.
;; Expect: sandbox.bad_signature, naming `caisson_alloc`.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i64) (i64.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
