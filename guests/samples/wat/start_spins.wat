;; The start function never ends, so instantiation does not either.
;; Expect: sandbox.out_of_fuel, or sandbox.deadline with fuel to spare.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0))
  (func $start (loop $again (br $again)))
  (start $start))
