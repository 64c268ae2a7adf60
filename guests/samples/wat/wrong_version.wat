;; The right magic number and a version that does not exist.
;; Expect: engine.not_wasm.
(module binary "\00asm" "\02\00\00\00")
