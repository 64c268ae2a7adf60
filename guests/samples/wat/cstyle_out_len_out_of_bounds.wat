;; `c-style` ABI: the second `allocate`, for the four bytes of the length, returns a pointer outside the memory.
;; Expect: sandbox.bad_pointer; `process` (which would trap) is not called.
(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "allocate") (param i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (select (i32.const 1024) (i32.const 0xfffe) (i32.eq (global.get $calls) (i32.const 1))))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32 i32) (result i32) unreachable))
