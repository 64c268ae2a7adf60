;; A function that is lifted as asynchronous.
;; Expect: engine.unsupported_feature (SA-034).
(component
  (core module $A
    (func (export "f") (result i32) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $a (instantiate $A))
  (func (export "run") async (canon lift (core func $a "f") async (callback (core func $a "callback")))))
