;; A module of the `buffer` ABI that refuses every input with a JSON error.
;; Expect: sandbox.guest_error with the message and the code below.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\22message\22:\22this module refuses every input\22,\22code\22:422}")
  (func (export "caisson_alloc") (param $size i32) (result i32)
    (local $pages i32)
    ;; The input goes behind the first page; the memory grows if it is longer than one page.
    (if (i32.gt_u (local.get $size) (i32.const 65536))
      (then
        (local.set $pages
          (i32.add (i32.shr_u (i32.sub (local.get $size) (i32.const 65537)) (i32.const 16)) (i32.const 1)))
        (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1))
          (then (return (i32.const 0))))))
    (i32.const 65536))
  (func (export "caisson_process") (param i32 i32) (result i64)
    ;; bit 63 (error), pointer 16, length 56
    (i64.const 0x8000_0010_0000_0038)))
