;; `caisson_alloc` returns a pointer far outside the memory; the host must not write there.
;; Expect: sandbox.bad_pointer; `caisson_process` (which would trap) is not called.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 0xfffffff0))
  (func (export "caisson_process") (param i32 i32) (result i64) unreachable))
