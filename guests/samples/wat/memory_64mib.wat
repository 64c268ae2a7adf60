;; A memory of exactly 64 MiB (1024 pages), the default limit.
;; Expect: ok with an empty output.
(module
  (memory (export "memory") 1024)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
