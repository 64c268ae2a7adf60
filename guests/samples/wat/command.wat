;; A module of the `command` ABI: a `_start` and no imports.
;; Expect: it runs, and gives an empty output.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
