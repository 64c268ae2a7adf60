;; Proposal tail-call: a call that replaces its caller's frame.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (func $seven (result i32) (i32.const 7))
  (func (export "run") (result i32)
    (return_call $seven)))
