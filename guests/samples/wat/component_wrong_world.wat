;; A component that exports a function, and no interface that is called.
;; Expect: sandbox.missing_export, which says what is exported and what is expected.
(component
  (core module $A (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $a (instantiate $A))
  (func (export "double") (param "value" u32) (result u32) (canon lift (core func $a "f"))))
