;; `buffer` ABI whose memory is not exported.
;; Expect: sandbox.missing_export, naming `memory`.
(module
  (memory 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param i32 i32) (result i64) (i64.const 0)))
