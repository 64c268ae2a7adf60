;; A memory of 4 GiB, all that 32 bits can address.
;; Expect: engine.pool_too_small when it is compiled; without a pool, sandbox.memory_limit before any code runs.
;; Either way at no cost in memory of the host.
(module
  (memory (export "memory") 65536)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
