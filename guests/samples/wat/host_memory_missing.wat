;; Host functions in a module that exports no memory: every pointer is outside of it.
;; Expect: `wasi` gives 21 (fault) with WASI granted; `empty` 0, because no bytes may be anywhere at the end; `log` ends with
;; sandbox.bad_pointer.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "caisson_v1" "log" (func $log (param i32 i32 i32)))
  (memory 1)
  (func (export "wasi") (result i32) (call $random_get (i32.const 0) (i32.const 1)))
  (func (export "empty") (result i32) (call $random_get (i32.const 0) (i32.const 0)))
  (func (export "log") (result i32) (call $log (i32.const 2) (i32.const 0) (i32.const 1)) (i32.const 0)))
