;; A module that ends in the middle of a section.
;; Expect: engine.not_wasm.
(module binary "\00asm" "\01\00\00\00" "\01\7f\60")
