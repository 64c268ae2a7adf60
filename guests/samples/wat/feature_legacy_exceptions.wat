;; The older form of exception handling (try and catch), which the engine never runs.
;; Expect: engine.unsupported_feature under every profile.
(module
  (tag $thrown)
  (func (export "run") (result i32)
    try (result i32)
      (throw $thrown)
    catch $thrown
      (i32.const 7)
    end))
