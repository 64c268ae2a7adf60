;; `c-style` ABI: `process` returns a pointer outside the memory, with a length that makes the sum wrap to zero.
;; Expect: sandbox.bad_pointer.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32 i32) (result i32)
    (i32.store (local.get 2) (i32.const 16))
    (i32.const 0xfffffff0)))
