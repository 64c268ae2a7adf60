;; Functions of the `scalar` ABI, and two that it cannot call.
(module
  ;; add(a, b): wraps around, as 32-bit integers do
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))

  ;; fib(n): the n-th Fibonacci number by recursion; burns fuel for n of 30 and more
  (func $fib (export "fib") (param $n i64) (result i64)
    (if (result i64) (i64.lt_s (local.get $n) (i64.const 2))
      (then (local.get $n))
      (else
        (i64.add
          (call $fib (i64.sub (local.get $n) (i64.const 1)))
          (call $fib (i64.sub (local.get $n) (i64.const 2)))))))

  ;; hypot(a, b): the square root of a*a + b*b; NaN and infinities come back as null, for JSON has no form for them
  (func (export "hypot") (param f64 f64) (result f64)
    (f64.sqrt
      (f64.add
        (f64.mul (local.get 0) (local.get 0))
        (f64.mul (local.get 1) (local.get 1)))))

  ;; half(x): a 32-bit float in and out
  (func (export "half") (param f32) (result f32)
    (f32.mul (local.get 0) (f32.const 0.5)))

  ;; identity(x): every i64 there is
  (func (export "identity") (param i64) (result i64)
    (local.get 0))

  ;; divide(a, b): traps on zero, and on -2^31 / -1
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))

  ;; swap(a, b): two results of different types
  (func (export "swap") (param i32 i64) (result i64 i32)
    (local.get 1)
    (local.get 0))

  ;; answer(): no parameters
  (func (export "answer") (result i32)
    (i32.const 42))

  ;; nothing(): no result
  (func (export "nothing"))

  ;; spin(): never returns
  (func (export "spin")
    (loop $again (br $again)))

  ;; Expect: sandbox.bad_signature for these two; the others stay callable.
  (func (export "take_reference") (param externref) (result i32)
    (ref.is_null (local.get 0)))
  (func (export "vector") (result v128)
    (v128.const i32x4 1 2 3 4))

  ;; Exports that are no functions. Expect: sandbox.missing_export, saying what they are.
  (global (export "limit") i32 (i32.const 1))
  (memory (export "memory") 1))
