;; An active element segment behind the end of the table.
;; Expect: sandbox.trap, from instantiation.
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func $f)
  (elem (i32.const 1) func $f)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
