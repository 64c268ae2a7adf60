;; What the strict profile allows beyond the first version of WebAssembly, in one module: several results, bulk memory,
;; sign extension, conversions that saturate, references, SIMD, exported mutable globals.
;; Expect: compiles under every profile; run() returns 7.
(module
  (memory (export "memory") 1)
  (table $references 4 externref)
  (global (export "counter") (mut i32) (i32.const 0))
  (func $two (result i32 i32) (i32.const 3) (i32.const 4))
  (func (export "run") (result i32)
    (memory.fill (i32.const 0) (i32.const 0xff) (i32.const 16))
    (memory.copy (i32.const 16) (i32.const 0) (i32.const 16))
    (table.set $references (i32.const 0) (ref.null extern))
    (drop (table.grow $references (ref.null extern) (i32.const 1)))
    (global.set 0 (i32.trunc_sat_f64_s (f64.const nan)))
    ;; 0xff extended to -1, in four lanes, read back as one: -1
    (global.set 0
      (i32.add (global.get 0)
        (i32x4.extract_lane 2 (i32x4.splat (i32.extend8_s (i32.load8_u (i32.const 20)))))))
    (call $two)
    (i32.add)
    ;; 7 + (counter + 1), where counter is -1
    (i32.add (i32.add (global.get 0) (i32.const 1)))))
