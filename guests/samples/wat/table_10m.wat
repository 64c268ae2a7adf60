;; A table of ten million elements.
;; Expect: engine.pool_too_small when it is compiled; without a pool, sandbox.table_limit before any code runs.
(module
  (memory (export "memory") 1)
  (table 10000000 funcref)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
