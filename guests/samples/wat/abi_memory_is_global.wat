;; `buffer` ABI that exports a global under the name `memory`.
;; Expect: sandbox.missing_export, naming `memory` and what is there.
(module
  (memory 1)
  (global (export "memory") i32 (i32.const 0))
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
