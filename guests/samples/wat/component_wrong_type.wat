;; The right interface with a function of other types.
;; Expect: sandbox.bad_signature with both.
(component
  (core module $A (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $a (instantiate $A))
  (func $process (param "value" u32) (result u32) (canon lift (core func $a "f")))
  (instance $i (export "process" (func $process)))
  (export "caisson:node/processor@1.0.0" (instance $i)))
