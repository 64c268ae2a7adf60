;; Keeps a number in a global, one in memory and one in a table between calls into the same instance.
;; Expect: every function returns 0 in a fresh instance, whatever ran before.
(module
  (memory (export "memory") 1)
  (table $slots 2 funcref)
  (global $count (mut i32) (i32.const 0))
  (elem declare func $mark)
  (func $mark)
  (func (export "global") (result i32)
    (global.get $count)
    (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "memory_byte") (result i32)
    (i32.load8_u (i32.const 40000))
    (i32.store8 (i32.const 40000) (i32.const 0xa5)))
  (func (export "table_slot") (result i32)
    (i32.eqz (ref.is_null (table.get $slots (i32.const 1))))
    (table.set $slots (i32.const 1) (ref.func $mark))))
