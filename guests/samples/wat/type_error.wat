;; Well-formed sections around code that does not type-check: i32.add of an i32 and an i64.
;; Expect: engine.malformed_module.
(module
  (func (export "run") (result i32)
    (i32.add (i32.const 1) (i64.const 1))))
