;; `c-style` ABI without `allocate`.
;; Expect: sandbox.missing_export, naming `allocate`.
(module
  (memory (export "memory") 1)
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param i32 i32 i32) (result i32) (i32.const 0)))
