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

// An error is the caller's, NULL says that there is none. What it means for the host:
enum cn_status {
  CN_MEMORY_LIMIT = 5,
  CN_TABLE_LIMIT = 6,
  CN_INSTANCE_LIMIT = 7,
  CN_HANDLE_LIMIT = 8,
  CN_TRANSFER_LIMIT = 9,
  CN_HOST_ERROR = 12,  // everything else
  CN_PANIC = 13,       // of this library, caught; the objects of the call are good only to be deleted
};
// Limits arrive as wasmtime_error_t, never as wasm_trap_t. `trap_code`: wasmtime_trap_code_t of what is a trap (of
// which the status says nothing), otherwise -1. The error stays usable and owned by the caller.
int32_t cn_error_status(wasmtime_error_t*, int32_t* trap_code);

// Bytes that one side lends the other; none may be nowhere.
typedef struct {
  const uint8_t* at;
  size_t size;
} cn_bytes;

// ---- limits of a store, counted over all its memories and tables

typedef struct {
  uint64_t memory_bytes, table_elements;  // totals over the whole store
  uint64_t exception_bytes;               // beside them, for exceptions; 0 where a store may have several memories
  uint64_t transfer_bytes;  // of components, in one transfer to the host: a result, the arguments of an import
  uint32_t handles;         // of components, to resources, at once
  uint32_t instances, memories, tables;  // counts; exceeding one gives an untyped error at instantiation
  uint8_t trap_on_limit;                 // 1: a refused growth traps, with a typed cause; 0: grow returns -1
} cn_limits;

typedef struct {
  uint64_t memory_bytes, table_elements;  // now, which is also the peak
  uint32_t denied;                        // growths refused
} cn_usage;

typedef struct {
  cn_limits limits;
  cn_usage used;
} cn_tally;

// Replaces wasmtime_store_limiter. The tally is the caller's, outlives the store, and is read on the store's thread.
void cn_store_limit(wasmtime_store_t*, cn_tally*);

// A slot of the pool is cleaned page by page, of those the kernel says were written (PAGEMAP_SCAN, Linux 6.7), up to
// what is kept resident; the rest is unmapped. False: this kernel cannot say, and what is kept resident is rewritten
// whole.
bool cn_pool_scan_pages(wasmtime_pooling_allocation_config_t*);

// ---- components

// As wasmtime_component_new, with panics caught.
wasmtime_error_t* cn_component_compile(const wasm_engine_t*, cn_bytes, wasmtime_component_t** out);
size_t cn_component_code_bytes(const wasmtime_component_t*);

// All that it imports, then all that it exports; what an interface has stands one by one, with the interface's name.
// `function` is NULL for what is none. What is given is lent until `visit` returns.
typedef void (*cn_component_visit)(void* context, bool imported, cn_bytes interface, cn_bytes name,
                                   const wasmtime_component_func_type_t* function);
wasmtime_error_t* cn_component_items(const wasmtime_component_t*, void* context, cn_component_visit);

// A function that the host has; its place in the list is its number. `caisson:node/host@1.0.0`, `call`.
typedef struct {
  cn_bytes interface, name;
} cn_host_name;

// One call of a host function: what its arguments and results are depends on the function.
typedef struct {
  uint64_t numbers[2];  // arguments, then results
  cn_bytes bytes;       // an argument, maybe in the guest's memory
  cn_bytes name;        // an argument
  cn_bytes result;      // of the host; good until the next call of the guest
} cn_host_call;

// Whoever the store is for: `context` is its data. Runs on the calling thread; false ends the guest with CN_HOST_ERROR.
// No exceptions, and no calls back into the guest.
typedef bool (*cn_host_function)(void* context, size_t function, cn_host_call*);

typedef struct cn_linked cn_linked;  // a component that can be called; immutable, shared by threads

// Links to these functions what the component imports. An error when it imports more, or with other types, or exports
// no interface that can be called.
wasmtime_error_t* cn_component_link(const wasmtime_component_t*, const cn_host_name*, size_t count, cn_host_function,
                                    cn_linked** out);
void cn_linked_delete(cn_linked*);

typedef struct {
  wasm_byte_vec_t bytes;    // what it returned, or what it says went wrong
  int32_t error_code;       // of the guest's failure, otherwise -1
  uint64_t baseline_bytes;  // of memory, after instantiation
} cn_answer;

// Calls the first that it exports of: `process` of caisson:node/processor@1, `process` of
// dagwood:component/processing-node@1, `run` of wasi:cli/run@0.2, whose input and output are empty. In a store that is
// fresh and whose tally this is; not on a thread that is inside of another call. `out` begins empty.
wasmtime_error_t* cn_component_call(const cn_linked*, wasmtime_context_t*, const cn_tally*, cn_bytes input,
                                    cn_answer* out);

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

// One pass over the bytes, which may be anything; nothing is validated. An error at the first number over its limit, or
// when the bytes are malformed; `out` has what was seen until then.
wasmtime_error_t* cn_structural_check(cn_bytes, const uint64_t limits[CN_METRICS], cn_structure* out);

// CN_PANIC if panics are caught; otherwise the process aborts.
wasmtime_error_t* cn_test_panic(void);

#ifdef __cplusplus
}
#endif
