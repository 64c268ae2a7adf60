;; `caisson_alloc` traps.
;; Expect: sandbox.trap.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) unreachable)
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
