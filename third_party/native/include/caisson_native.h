// What Caisson needs and the Wasmtime C API 48.0.8 does not offer; implemented in Rust in the same static library.
// Every function may be called from any thread, one at a time for each object.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <wasmtime.h>
#ifdef __cplusplus
extern "C" {
#endif

// The numbers are fixed: later entry points use those that are missing here.
enum cn_status {
  CN_OK = 0,
  CN_TRAP = 2,
  CN_OUT_OF_FUEL = 3,
  CN_DEADLINE = 4,
  CN_MEMORY_LIMIT = 5,
  CN_TABLE_LIMIT = 6,
  CN_HOST_ERROR = 12,
  CN_PANIC = 13,
};

// Bytes owned by the library: start from {0}, release with cn_buf_free (twice is harmless).
typedef struct {
  uint8_t* ptr;
  size_t len, cap;
} cn_buf;
void cn_buf_free(cn_buf*);

// ---- limits of a store, counted over all its memories and tables

typedef struct {
  uint64_t memory_bytes, table_elements;  // totals over the whole store
  uint32_t instances, memories, tables;   // counts; exceeding one gives an untyped error at instantiation
  uint8_t trap_on_limit;                  // 1: a refused growth traps, with a typed cause; 0: grow returns -1
} cn_limits;

typedef struct {
  uint64_t memory_bytes, table_elements;  // now, which is also the peak
  uint32_t denied;                        // growths refused
} cn_usage;

typedef struct cn_tally cn_tally;
// Replaces wasmtime_store_limiter. Never NULL. The tally may outlive the store.
cn_tally* cn_store_limit(wasmtime_store_t*, const cn_limits*);
// Only while no call into the store is running.
void cn_tally_read(const cn_tally*, cn_usage*);
void cn_tally_delete(cn_tally*);

// Why a call failed, for errors that are not plain traps: limits arrive as wasmtime_error_t, never as wasm_trap_t.
// The error stays usable and owned by the caller.
int32_t cn_error_status(wasmtime_error_t*);

// ---- modules

// What a module imports and exports, for types that the C API's own calls abort on. Little-endian, numbers are 64 bits:
//   count, then for each import: text module, text name, type
//   count, then for each export: text name, type
// text: length, bytes. type: one byte, 0 function (list of parameters, list of results; a list is a count and one byte
// each: 0 i32, 1 i64, 2 f32, 3 f64, 4 v128, 5 funcref, 6 externref, 7 other), 1 memory (minimum in pages), 2 table, 3
// global, 4 other.
int32_t cn_module_describe(const wasmtime_module_t*, cn_buf* out);

// CN_PANIC with a text in `err` if panics are caught; otherwise the process aborts.
int32_t cn_test_panic(cn_buf* err);

#ifdef __cplusplus
}
#endif
