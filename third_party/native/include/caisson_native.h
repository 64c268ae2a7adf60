// What Caisson needs and the Wasmtime C API 48.0.8 does not offer; implemented in Rust in the same static library.
// Every function may be called from any thread, one at a time for each object.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime.h>
#ifdef __cplusplus
extern "C" {
#endif

// The numbers are fixed: later entry points use those that are missing here.
enum cn_status {
  CN_OK = 0,
  CN_GUEST_ERROR = 1,
  CN_TRAP = 2,
  CN_OUT_OF_FUEL = 3,
  CN_DEADLINE = 4,
  CN_MEMORY_LIMIT = 5,
  CN_TABLE_LIMIT = 6,
  CN_INSTANCE_LIMIT = 7,
  CN_HANDLE_LIMIT = 8,
  CN_TRANSFER_LIMIT = 9,
  CN_REJECTED = 11,
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
  uint64_t exception_bytes;               // beside them, for exceptions; 0 where a store may have several memories
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

// A slot of the pool is cleaned page by page, of those the kernel says were written (PAGEMAP_SCAN, Linux 6.7), up to
// what is kept resident; the rest is unmapped. False: this kernel cannot say, and what is kept resident is rewritten
// whole.
bool cn_pool_scan_pages(wasmtime_pooling_allocation_config_t*);

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

// ---- components

typedef struct cn_component cn_component;          // compiled; immutable, shared by threads
typedef struct cn_component_pre cn_component_pre;  // and linked; likewise

// CN_REJECTED with a text in `err`.
int32_t cn_component_compile(const wasm_engine_t*, const uint8_t*, size_t, cn_component** out, cn_buf* err);
// The machine code; the text of an error with CN_HOST_ERROR.
int32_t cn_component_serialize(const cn_component*, cn_buf* out);
// THE BYTES ARE MACHINE CODE AND ARE TRUSTED.
int32_t cn_component_deserialize(const wasm_engine_t*, const uint8_t*, size_t, cn_component** out, cn_buf* err);
void cn_component_delete(cn_component*);
size_t cn_component_code_bytes(const cn_component*);
// As cn_module_describe, with two more rules: the functions of an interface stand one by one (an import has the
// interface as its module, an export is named INTERFACE#NAME), and type 5 is a function of a component: its signature
// as a text.
int32_t cn_component_describe(const cn_component*, cn_buf* out);

// A function that the host has; its place in the list is its number. `caisson:node/host@1.0.0`, `call`.
typedef struct {
  const char* interface;
  size_t interface_size;
  const char* name;
  size_t name_size;
} cn_host_name;

// Links to these functions what the component imports. CN_REJECTED with a text in `err` when it imports more, or with
// other types, or exports no interface that can be called.
int32_t cn_component_link(const cn_component*, const cn_host_name*, size_t count, cn_component_pre** out, cn_buf* err);
void cn_component_pre_delete(cn_component_pre*);

// One call of a host function: what its arguments and results are depends on the function.
typedef struct {
  uint64_t numbers[2];   // arguments, then results
  const uint8_t* bytes;  // an argument, in the guest's memory
  size_t size;
  const char* name;  // an argument
  size_t name_size;
  uint64_t fuel;          // what the guest has left; the host may lower it
  const uint8_t* result;  // of the host; good until the next call of the guest
  size_t result_size;
} cn_host_call;

// Whoever a call is made for. Runs on the calling thread; false ends the guest with CN_HOST_ERROR. No exceptions, and
// no calls back into the guest.
typedef struct {
  void* context;
  bool (*call)(void* context, size_t function, cn_host_call*);
  bool (*tick)(void* context, uint64_t memory_bytes);  // at each tick of the engine's epoch while guest code runs
} cn_host;

typedef struct {
  cn_limits store;          // over all core instances
  uint64_t fuel;            // UINT64_MAX: all there is
  uint64_t transfer_bytes;  // that one transfer to the host may have: a result, the arguments of an import
  uint32_t handles;         // of resources, at once
} cn_component_limits;

typedef struct {
  cn_usage store;
  uint64_t fuel;
  uint64_t baseline_bytes;  // of memory, after instantiation
  int32_t trap_code;        // wasmtime_trap_code_t of CN_TRAP, otherwise -1
  int32_t error_code;       // of CN_GUEST_ERROR
} cn_component_usage;

// Calls the first that it exports of: `process` of caisson:node/processor@1, `process` of
// dagwood:component/processing-node@1, `run` of wasi:cli/run@0.2, whose input and output are empty. One execution: a
// fresh store and instance, the call, and all of it gone. `out` has the result (CN_OK), the guest's text
// (CN_GUEST_ERROR) or a message (everything else). Not on a thread that is inside of another call.
int32_t cn_component_call(const cn_component_pre*, const uint8_t* input, size_t, const cn_component_limits*,
                          const cn_host*, cn_buf* out, cn_component_usage*);

// ---- binaries that nobody vouches for

// What is counted, over all modules of a binary together. The largest one seen: body_bytes, locals (without
// parameters), nesting, br_table_targets, depth. The sums of what is declared: table_elements, memory_bytes. Instances
// are those of modules and of components; items are aliases, canonical functions and component-level types, imports and
// exports.
enum cn_metric {
  CN_BYTES,
  CN_FUNCTIONS,
  CN_BODY_BYTES,
  CN_CODE_BYTES,
  CN_LOCALS,
  CN_NESTING,
  CN_BR_TABLE_TARGETS,
  CN_TYPES,
  CN_IMPORTS,
  CN_EXPORTS,
  CN_GLOBALS,
  CN_TAGS,
  CN_TABLES,
  CN_TABLE_ELEMENTS,
  CN_MEMORIES,
  CN_MEMORY_BYTES,
  CN_SEGMENTS,
  CN_DATA_BYTES,
  CN_ELEMENT_ITEMS,
  CN_CUSTOM_BYTES,
  CN_MODULES,
  CN_DEPTH,
  CN_INSTANCES,
  CN_ITEMS,
  CN_METRICS
};

// Bits of cn_structure.proposals, by their numbers. What the first version of WebAssembly has sets none.
enum cn_proposal {
  CN_MUTABLE_GLOBALS,
  CN_SIGN_EXTENSION,
  CN_NONTRAPPING_CONVERSIONS,
  CN_MULTI_VALUE,
  CN_BULK_MEMORY,
  CN_REFERENCE_TYPES,
  CN_SIMD,
  CN_RELAXED_SIMD,
  CN_TAIL_CALL,
  CN_EXTENDED_CONST,
  CN_MULTI_MEMORY,
  CN_MEMORY64,
  CN_THREADS,
  CN_EXCEPTIONS,
  CN_LEGACY_EXCEPTIONS,
  CN_FUNCTION_REFERENCES,
  CN_GC,
  CN_CUSTOM_PAGE_SIZES,
  CN_WIDE_ARITHMETIC,
  CN_STACK_SWITCHING,
  CN_MEMORY_CONTROL,
  CN_SHARED_EVERYTHING_THREADS,
  CN_CUSTOM_DESCRIPTORS,
  CN_COMPONENT_MODEL,
  CN_COMPONENT_MODEL_ASYNC,
  CN_PROPOSALS
};

typedef struct {
  uint64_t metrics[CN_METRICS];
  uint64_t proposals;
  int32_t exceeded;  // the metric that was over its limit first, or -1
} cn_structure;

// One pass over the bytes, which may be anything; nothing is validated. CN_REJECTED at the first number over its limit,
// or with a text in `err` when the bytes are malformed; `out` has what was seen until then.
int32_t cn_structural_check(const uint8_t*, size_t, const uint64_t limits[CN_METRICS], cn_structure* out, cn_buf* err);

// CN_PANIC with a text in `err` if panics are caught; otherwise the process aborts.
int32_t cn_test_panic(cn_buf* err);

#ifdef __cplusplus
}
#endif
