;; A module of version 2 of the `buffer` ABI, which this host does not know.
;; Expect: sandbox.unsupported_abi, naming the version.
(module
  (memory (export "memory") 1)
  (func (export "caisson_abi") (result i32) (i32.const 2))
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
