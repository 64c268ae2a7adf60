;; `buffer` ABI without `caisson_process`.
;; Expect: sandbox.missing_export, naming `caisson_process`.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024)))
