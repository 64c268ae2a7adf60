;; Proposal custom-page-sizes: a memory of pages of one byte, which changes what a page count means.
;; Expect: engine.unsupported_feature under the strict profile; run() returns 7 where the proposal is on.
(module
  (memory (export "memory") 16 (pagesize 1))
  (func (export "run") (result i32)
    (i32.sub (memory.size) (i32.const 9))))
