;; Imports of four kinds from three modules, one name with characters that do not belong on a terminal.
;; Expect: sandbox.import_denied, naming the three that no grant allows, the control characters escaped.
(module
  (import "env" "foo" (func (param i32)))
  (import "env" "table" (table 1 funcref))
  (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
  (import "odd\1b[31m" "na\0ame" (global i64))
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
