;; `caisson_alloc` grows the memory and returns a pointer into the new page, and so does `caisson_process`: a host that
;; keeps the base or the size of a memory over a call reads the wrong bytes.
;; Expect: ok; the output is the input (at most one page of it).
(module
  (memory (export "memory") 1)
  (func $new_page (result i32)
    (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
  (func (export "caisson_alloc") (param i32) (result i32) (call $new_page))
  (func (export "caisson_process") (param $ptr i32) (param $len i32) (result i64)
    (local $to i32)
    (local.set $to (call $new_page))
    (memory.copy (local.get $to) (local.get $ptr) (local.get $len))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $to)) (i64.const 32))
      (i64.extend_i32_u (local.get $len)))))
