;; Proposal gc: a struct on the collected heap, which has no linear memory and needs a limit of its own.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (type $box (struct (field i32)))
  (func (export "run") (result i32)
    (struct.get $box 0 (struct.new $box (i32.const 7)))))
