;; Appends a suffix to a text, written by hand: `hello world` becomes `hello world-wasm`.
;;
;; The module speaks Caisson's `buffer` ABI (api/abi.md): the host asks `caisson_alloc` for room, copies the input there
;; and calls `caisson_process`, which returns pointer and length of the output in one number.
(module
  (memory (export "memory") 1)

  ;; The suffix. Change the text, and the length below with it.
  (data (i32.const 16) "-wasm")
  (global $suffix i32 (i32.const 16))
  (global $suffix_length i32 (i32.const 5))

  ;; Where the free part of the memory begins.
  (global $next (mut i32) (i32.const 1024))

  ;; Room for the input, and for the suffix behind it. 0 if there is no memory left.
  (func (export "caisson_alloc") (param $size i32) (result i32)
    (local $at i32)
    (local $end i64) ;; in 64 bits, so that it cannot wrap around
    (local $have i64)
    (local.set $at (global.get $next))
    (local.set $end
      (i64.add
        (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $size)))
        (i64.extend_i32_u (global.get $suffix_length))))
    (local.set $have (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
    (if (i64.gt_u (local.get $end) (local.get $have))
      (then
        ;; pages that are missing, rounded up
        (if (i32.eq
              (memory.grow
                (i32.wrap_i64
                  (i64.shr_u
                    (i64.add (i64.sub (local.get $end) (local.get $have)) (i64.const 65535))
                    (i64.const 16))))
              (i32.const -1))
          (then (return (i32.const 0))))))
    (global.set $next (i32.wrap_i64 (local.get $end)))
    (local.get $at))

  ;; The output is the input with the suffix copied behind it.
  (func (export "caisson_process") (param $ptr i32) (param $len i32) (result i64)
    (memory.copy
      (i32.add (local.get $ptr) (local.get $len))
      (global.get $suffix)
      (global.get $suffix_length))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
      (i64.extend_i32_u
        (i32.add (local.get $len) (global.get $suffix_length))))))
