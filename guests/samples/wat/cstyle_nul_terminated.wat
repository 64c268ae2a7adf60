;; The older form of the `c-style` ABI: one pointer to a text that ends with a NUL byte, in and out.
;; Expect: sandbox.unsupported_abi, with a message that says what to export instead.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "deallocate") (param i32 i32))
  (func (export "process") (param $text i32) (result i32)
    (local.get $text)))
