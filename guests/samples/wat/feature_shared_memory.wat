;; Proposal threads: a shared memory and an atomic addition.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (memory (export "memory") 1 2 shared)
  (func (export "run") (result i32)
    (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 7)))
    (i32.atomic.load (i32.const 8))))
