;; Loads and stores at any address, for tests of the edges of a memory of one page (65536 bytes).
;; Expect: an access inside the page returns; any other traps, whatever the offset adds up to.
(module
  (memory (export "memory") 1)
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load32") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "load64") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "store8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  ;; the same with the largest offsets an instruction can carry
  (func (export "load8_offset_2g") (param i32) (result i32) (i32.load8_u offset=0x7fffffff (local.get 0)))
  (func (export "load8_offset_4g") (param i32) (result i32) (i32.load8_u offset=0xffffffff (local.get 0)))
  (func (export "load64_offset_4g") (param i32) (result i64) (i64.load offset=0xffffffff (local.get 0)))
  ;; a load whose value goes straight into another instruction: the check must not be lost on the way
  (func (export "copysign") (param i32) (result f64)
    (f64.copysign (f64.const 1) (f64.load (local.get 0))))
  (func (export "splat") (param i32) (result f64)
    (f64x2.extract_lane 1 (f64x2.splat (f64.load (local.get 0)))))
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))))
