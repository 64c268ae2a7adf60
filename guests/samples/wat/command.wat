;; A module of the `command` ABI: a `_start` and no imports.
;; Expect: sandbox.unsupported_abi, as this version runs no commands.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
