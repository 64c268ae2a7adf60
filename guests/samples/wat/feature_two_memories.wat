;; Proposal multi-memory: two memories in one module, which would escape a limit for each memory.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (memory (export "memory") 1)
  (memory $second 1)
  (func (export "run") (result i32)
    (i32.store $second (i32.const 0) (i32.const 7))
    (i32.load $second (i32.const 0))))
