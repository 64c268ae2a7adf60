;; `caisson_alloc` returns the last byte of the memory, whatever size was asked for.
;; Expect: ok for an input of one byte (which comes back), sandbox.bad_pointer for a longer one.
(module
  (memory (export "memory") 1)
  (func (export "caisson_alloc") (param i32) (result i32) (i32.const 0xffff))
  (func (export "caisson_process") (param $ptr i32) (param $len i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
      (i64.extend_i32_u (local.get $len)))))
