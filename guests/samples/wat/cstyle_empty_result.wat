;; `c-style` ABI: a pointer that is not null, and length 0.
;; Expect: ok with an empty output.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32 i32) (result i32)
    (i32.store (local.get 2) (i32.const 0))
    (i32.const 8)))
