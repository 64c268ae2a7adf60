;; A memory that grows between host functions, which see it as it is by then.
;; Expect: `wasi` gives 21 (fault) for a place in the second page before it is there, 0 after: 2100 together.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "wasi") (result i32) (local $before i32)
    (local.set $before (call $random_get (i32.const 65536) (i32.const 100)))
    (drop (memory.grow (i32.const 1)))
    (i32.add (i32.mul (local.get $before) (i32.const 100))
             (call $random_get (i32.const 65536) (i32.const 100)))))
