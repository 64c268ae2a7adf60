;; Proposal stack-switching: a continuation, that is a second stack.
;; Expect: engine.unsupported_feature under every profile.
(module
  (type $number (func (result i32)))
  (type $later (cont $number))
  (func $seven (type $number) (i32.const 7))
  (elem declare func $seven)
  (func (export "run") (result i32)
    (resume $later (cont.new $later (ref.func $seven)))))
