;; Proposal relaxed-simd: an instruction whose result may differ between machines.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (func (export "run") (result i32)
    (i32x4.extract_lane 0
      (i32x4.relaxed_trunc_f32x4_s (v128.const f32x4 7 0 0 0)))))
