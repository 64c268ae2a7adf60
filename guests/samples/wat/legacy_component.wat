;; A core module with a custom section named `component`, as an early tool chain made them.
;; Expect: engine.legacy_component; the exports, which are fine, do not matter.
(module
  (@custom "component" "\01\02\03")
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
