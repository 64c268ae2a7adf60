;; Proposal exception-handling (try_table): throws, and catches what it threw.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (memory 1)  ;; beside it, the heap of exceptions is a second one
  (tag $thrown (param i32))
  (func (export "run") (result i32)
    (block $caught (result i32)
      (try_table (catch $thrown $caught)
        (throw $thrown (i32.const 7)))
      (i32.const 0))))
