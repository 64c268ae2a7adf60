;; The `buffer` twin of component_echo, for timing beside it: the output is the input, 40 pages.
;; Expect: ok. The bytes never move, so the result points into what the host wrote.
(module
  (memory (export "memory") 40)
  (func (export "caisson_alloc") (param $size i32) (result i32)
    (i32.const 65536))
  (func (export "caisson_process") (param $ptr i32) (param $len i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
      (i64.extend_i32_u (local.get $len)))))
