;; Hands texts to the log: input[0] is the encoding (0 UTF-8, 1 UTF-16, 2 Latin-1 or UTF-16), input[1..5] the address and
;; input[5..9] the length, both little-endian. The memory has 256 KiB; at 64 is "h\c3\a9!" and at 128 the same in UTF-16.
;; Expect: a line of the log, or sandbox.trap for a text that is misaligned, outside the memory or no text (SA-036).
(component
  (import "caisson:node/host@1.0.0" (instance $host
    (type $l (enum "trace" "debug" "info" "warning" "error"))
    (export "level" (type $level (eq $l)))
    (export "log" (func (param "level" $level) (param "message" string)))))
  (core module $Memory
    (memory (export "memory") 4)
    (data (i32.const 64) "h\c3\a9!")
    (data (i32.const 128) "h\00\e9\00!\00")
    (data (i32.const 192) "\00\d8")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $memory (instantiate $Memory))
  (core func $utf8 (canon lower (func $host "log") (memory (core memory $memory "memory")) string-encoding=utf8))
  (core func $utf16 (canon lower (func $host "log") (memory (core memory $memory "memory")) string-encoding=utf16))
  (core func $compact
    (canon lower (func $host "log") (memory (core memory $memory "memory")) string-encoding=latin1+utf16))
  (core module $A
    (import "m" "memory" (memory 4))
    (import "log" "0" (func $utf8 (param i32 i32 i32)))
    (import "log" "1" (func $utf16 (param i32 i32 i32)))
    (import "log" "2" (func $compact (param i32 i32 i32)))
    (table funcref (elem $utf8 $utf16 $compact))
    (type $log (func (param i32 i32 i32)))
    (func (export "process") (param i32 i32) (result i32)
      (call_indirect (type $log)
        (i32.const 2)
        (i32.load offset=1 align=1 (local.get 0))
        (i32.load offset=5 align=1 (local.get 0))
        (i32.load8_u (local.get 0)))
      (i32.const 0)))
  (core instance $a (instantiate $A (with "m" (instance $memory))
    (with "log" (instance (export "0" (func $utf8)) (export "1" (func $utf16)) (export "2" (func $compact))))))
  (type $error (record (field "message" string) (field "code" u16)))
  (func $process (param "input" (list u8)) (result (result (list u8) (error $error)))
    (canon lift (core func $a "process") (memory (core memory $memory "memory"))
      (realloc (core func $memory "realloc"))))
  ;; The interface names its types, which takes a component around the function.
  (component $Interface
    (type $e (record (field "message" string) (field "code" u16)))
    (import "error" (type $error (eq $e)))
    (import "process" (func $f (param "input" (list u8)) (result (result (list u8) (error $error)))))
    (export $exported "error" (type $error))
    (export "process" (func $f) (func (param "input" (list u8)) (result (result (list u8) (error $exported))))))
  (instance $interface (instantiate $Interface (with "error" (type $error)) (with "process" (func $process))))
  (export "caisson:node/processor@1.0.0" (instance $interface)))
