;; Two linear memories of 16 pages in one component: `process` grows both by input[0] pages and answers what they gave.
;; Expect: the limit of memory counts both; sandbox.memory_limit beyond it.
(component
  (core module $B (memory (export "m") 16)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  (core module $A
    (import "b" "grow" (func $grow (param i32) (result i32)))
    (memory (export "memory") 16)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "process") (param i32 i32) (result i32)
      (i32.store (i32.const 64) (call $grow (i32.load8_u (local.get 0))))
      (i32.store (i32.const 68) (memory.grow (i32.load8_u (local.get 0))))
      (i32.store (i32.const 4) (i32.const 64))
      (i32.store (i32.const 8) (i32.const 8))
      (i32.const 0)))
  (core instance $b (instantiate $B))
  (core instance $a (instantiate $A (with "b" (instance $b))))
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
