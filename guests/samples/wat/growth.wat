;; Growth of a memory and of a table, asked for by number; returns the size before, or -1 if the engine says no.
;; Expect: beyond a limit the call ends (sandbox.memory_limit, sandbox.table_limit). Beyond what can be at all (the
;; maximum that a table declares itself, 65536 pages, the size of the pool's slots) the answer is -1 and no limit was
;; reached.
(module
  (memory (export "memory") 1)
  (table $unbounded 1 funcref)
  (table $bounded 1 4 funcref)
  (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "memory_size") (result i32) (memory.size))
  (func (export "table_grow") (param i32) (result i32)
    (table.grow $unbounded (ref.null func) (local.get 0)))
  (func (export "bounded_table_grow") (param i32) (result i32)
    (table.grow $bounded (ref.null func) (local.get 0)))
  (func (export "table_size") (result i32) (table.size $unbounded)))
