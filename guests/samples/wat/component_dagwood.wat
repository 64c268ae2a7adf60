;; A component of the world dagwood:component. An input that begins with i, f or l is refused with the error of that
;; letter, whose text is the input; any other input is the result.
;; Expect: sandbox.guest_error with the codes 400, 500 and 413; otherwise the input.
(component
  (core module $A
    (memory (export "memory") 4)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
    (func (export "process") (param i32 i32) (result i32)
      (local $first i32)
      (if (local.get 1) (then (local.set $first (i32.load8_u (local.get 0)))))
      ;; result: tag at 0; then list at 8, or the tag of the error at 8 and its text or number at 16
      (if (i32.eq (local.get $first) (i32.const 108)) (then
        (i32.store8 (i32.const 0) (i32.const 1))
        (i32.store8 (i32.const 8) (i32.const 2))
        (i64.store (i32.const 16) (i64.const 5000000000))
        (return (i32.const 0))))
      (if (i32.or (i32.eq (local.get $first) (i32.const 105)) (i32.eq (local.get $first) (i32.const 102))) (then
        (i32.store8 (i32.const 0) (i32.const 1))
        (i32.store8 (i32.const 8) (i32.eq (local.get $first) (i32.const 102)))
        (i32.store (i32.const 16) (local.get 0))
        (i32.store (i32.const 20) (local.get 1))
        (return (i32.const 0))))
      (i32.store (i32.const 8) (local.get 0))
      (i32.store (i32.const 12) (local.get 1))
      (i32.const 0)))
  (core instance $a (instantiate $A))
  (type $error (variant (case "invalid-input" string) (case "processing-failed" string) (case "input-too-large" u64)))
  (func $process (param "input" (list u8)) (result (result (list u8) (error $error)))
    (canon lift (core func $a "process") (memory (core memory $a "memory")) (realloc (core func $a "realloc"))))
  (component $Interface
    (type $e (variant (case "invalid-input" string) (case "processing-failed" string) (case "input-too-large" u64)))
    (import "processing-error" (type $error (eq $e)))
    (import "process" (func $f (param "input" (list u8)) (result (result (list u8) (error $error)))))
    (export $exported "processing-error" (type $error))
    (export "process" (func $f) (func (param "input" (list u8)) (result (result (list u8) (error $exported))))))
  (instance $interface
    (instantiate $Interface (with "processing-error" (type $error)) (with "process" (func $process))))
  (export "dagwood:component/processing-node@1.0.0" (instance $interface)))
