;; `c-style` ABI whose `process` takes two numbers and returns an i64.
;; Expect: sandbox.bad_signature, naming `process`.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32) (result i64) (i64.const 0)))
