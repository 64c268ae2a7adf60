;; The smallest module of the `c-style` ABI: the output is the input.
;; Expect: ok.
(module
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 1024))
  (func (export "allocate") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (local.get $at))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param $ptr i32) (param $len i32) (param $out_len i32) (result i32)
    (i32.store (local.get $out_len) (local.get $len))
    (local.get $ptr)))
