;; Everything that a module of the profiles may import and export, for what describes it.
(module
  (import "" "f" (func (param i32)))
  (import "m" "table" (table 2 externref))
  (import "m" "glöbal" (global (mut v128)))
  (memory (export "wide") 3 9)
  (global (export "g") i32 (i32.const 1))
  (export "t" (table 0))
  (func (export "all") (param i32 i64 f32 f64 v128 funcref externref) (result v128 i32) unreachable))
