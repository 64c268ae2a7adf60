;; Imports sockets, which no grant gives.
;; Expect: sandbox.import_denied, naming the function.
(component
  (import "wasi:sockets/network@0.2.0" (instance (export "open" (func (result u32)))))
  (core module $A (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $a (instantiate $A))
  (func $process (param "value" u32) (result u32) (canon lift (core func $a "f")))
  (instance $i (export "process" (func $process)))
  (export "caisson:node/processor@1.0.0" (instance $i)))
