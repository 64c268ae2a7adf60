;; `c-style` ABI without `deallocate`.
;; Expect: sandbox.missing_export, naming `deallocate`.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "process") (param i32 i32 i32) (result i32) (i32.const 0)))
