;; `caisson_alloc` always says that there is no memory.
;; Expect: sandbox.alloc_failed; `caisson_process` (which would trap) is not called.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 0))
  (func (export "caisson_process") (param i32 i32) (result i64) unreachable))
