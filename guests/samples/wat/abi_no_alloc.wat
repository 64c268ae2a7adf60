;; `buffer` ABI without `caisson_alloc`.
;; Expect: sandbox.missing_export, naming `caisson_alloc`.
(module
  (memory (export "memory") 1)
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
