;; Wants its memory from the host.
;; Expect: sandbox.import_denied, naming env.memory.
(module
  (import "env" "memory" (memory 1))
  (export "memory" (memory 0))
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
