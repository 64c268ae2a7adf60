;; `c-style` ABI without `process`.
;; Expect: sandbox.missing_export, naming `process`.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "deallocate") (param i32 i32)))
