;; A memory of one page over 64 MiB, the default limit.
;; Expect: sandbox.memory_limit before any code runs.
(module
  (memory (export "memory") 1025)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
