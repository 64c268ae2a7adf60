;; The cheapest component of the world caisson:node: no imports, the result is the input in place.
;; Expect: the input.
(component
  (core module $A
    (memory (export "memory") 40)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
    (func (export "process") (param i32 i32) (result i32)
      (i32.store (i32.const 4) (local.get 0))
      (i32.store (i32.const 8) (local.get 1))
      (i32.const 0)))
  (core instance $a (instantiate $A))
  (type $error (record (field "message" string) (field "code" u16)))
  (func $process (param "input" (list u8)) (result (result (list u8) (error $error)))
    (canon lift (core func $a "process") (memory (core memory $a "memory")) (realloc (core func $a "realloc"))))
  ;; The interface names its types, which takes a component around the function.
  (component $Interface
    (type $e (record (field "message" string) (field "code" u16)))
    (import "error" (type $error (eq $e)))
    (import "process" (func $f (param "input" (list u8)) (result (result (list u8) (error $error)))))
    (export $exported "error" (type $error))
    (export "process" (func $f) (func (param "input" (list u8)) (result (result (list u8) (error $exported))))))
  (instance $interface (instantiate $Interface (with "error" (type $error)) (with "process" (func $process))))
  (export "caisson:node/processor@1.0.0" (instance $interface)))
