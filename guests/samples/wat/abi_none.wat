;; A valid module that exports nothing a host could call.
;; Expect: sandbox.missing_export, naming what a module can export to be called.
(module
  (memory (export "memory") 1))
