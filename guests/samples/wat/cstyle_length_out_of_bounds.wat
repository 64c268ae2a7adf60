;; `c-style` ABI: `process` writes a length that is longer than the memory.
;; Expect: sandbox.bad_pointer.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32 i32) (result i32)
    (i32.store (local.get 2) (i32.const 0xffffffff))
    (i32.const 8)))
