;; The smallest component: a header and nothing else (00 61 73 6d 0d 00 01 00).
;; Expect: engine.component, by the bytes alone.
(component)
