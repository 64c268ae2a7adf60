;; Proposal function-references: a typed reference to a function, and a call through it.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (type $number (func (result i32)))
  (func $seven (type $number) (i32.const 7))
  (elem declare func $seven)
  (func (export "run") (result i32)
    (call_ref $number (ref.func $seven))))
