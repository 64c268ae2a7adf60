;; `c-style` ABI: `allocate` always says that there is no memory.
;; Expect: sandbox.alloc_failed; `process` (which would trap) is not called.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 0))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32 i32) (result i32) unreachable))
