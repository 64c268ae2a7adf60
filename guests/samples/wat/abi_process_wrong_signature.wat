;; `buffer` ABI whose `caisson_process` takes one number and not two.
;; Expect: sandbox.bad_signature, naming `caisson_process`.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32) (result i64) (i64.const 0)))
