;; Exports what two ABIs need: `buffer`, which returns the input, and `c-style`, which would trap.
;; Expect: ok by the `buffer` ABI; the output is the input.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "caisson_process") (param $ptr i32) (param $len i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
      (i64.extend_i32_u (local.get $len))))
  (func (export "allocate") (param i32) (result i32) unreachable)
  (func (export "deallocate") (param i32 i32) unreachable)
  (func (export "process") (param i32 i32 i32) (result i32) unreachable))
