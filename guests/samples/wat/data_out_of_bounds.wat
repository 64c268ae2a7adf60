;; An active data segment whose last byte lies behind the end of the memory.
;; Expect: sandbox.trap, from instantiation.
(module
  (memory (export "memory") 1)
  (data (i32.const 0xfffd) "four")
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
