#include "engine/internal/config.h"

#include "base/control.h"

#include <caisson_native.h>

#include <sys/mman.h>

#include <algorithm>

namespace caisson::engine {

namespace {

constexpr std::uint64_t kReservation = 4ULL << 30;  // lets a 32-bit address need no bounds check
constexpr std::uint64_t kGuard = 32ULL << 20;
// Of a slot, what is rewritten whole after each instance when nobody can say which of its pages were written.
constexpr std::size_t kKeptUnseen = 256 << 10;

/// For tests of what the profile keeps out: everything that Wasmtime has on by itself.
void set_more_proposals(wasm_config_t* config) {
  wasmtime_config_wasm_gc_set(config, true);
  wasmtime_config_gc_support_set(config, true);
  wasmtime_config_wasm_function_references_set(config, true);
  wasmtime_config_wasm_exceptions_set(config, true);
  wasmtime_config_wasm_memory64_set(config, true);
  wasmtime_config_wasm_multi_memory_set(config, true);
  wasmtime_config_wasm_tail_call_set(config, true);
  wasmtime_config_wasm_relaxed_simd_set(config, true);
  wasmtime_config_wasm_wide_arithmetic_set(config, true);
  wasmtime_config_wasm_custom_page_sizes_set(config, true);
  wasmtime_config_wasm_threads_set(config, true);
  wasmtime_config_shared_memory_set(config, true);
}

void set_proposals(wasm_config_t* config, const Profile& profile) {
  // Compiled in, and off (see third_party/native/Cargo.toml).
  wasmtime_config_wasm_threads_set(config, false);
  wasmtime_config_shared_memory_set(config, false);
  wasmtime_config_wasm_gc_set(config, false);
  wasmtime_config_gc_support_set(config, true);  // externref, which is part of the reference types, needs it
  wasmtime_config_wasm_function_references_set(config, profile.exceptions);
  wasmtime_config_wasm_exceptions_set(config, profile.exceptions);
  wasmtime_config_wasm_memory64_set(config, false);
  wasmtime_config_wasm_multi_memory_set(config, false);
  wasmtime_config_wasm_tail_call_set(config, false);
  wasmtime_config_wasm_relaxed_simd_set(config, false);
  wasmtime_config_wasm_relaxed_simd_deterministic_set(config, true);
  wasmtime_config_wasm_stack_switching_set(config, false);
  wasmtime_config_wasm_wide_arithmetic_set(config, false);
  wasmtime_config_wasm_custom_page_sizes_set(config, false);
  wasmtime_config_wasm_branch_hinting_set(config, false);
  wasmtime_config_wasm_component_model_set(config, true);
  wasmtime_config_wasm_component_model_map_set(config, false);
  wasmtime_config_concurrency_support_set(config, false);  // the asynchronous component model is not compiled in

  wasmtime_config_wasm_simd_set(config, true);
  wasmtime_config_wasm_bulk_memory_set(config, true);
  wasmtime_config_wasm_reference_types_set(config, true);
  wasmtime_config_wasm_multi_value_set(config, true);
  if (!base::holds(base::Control::kProposals)) {
    set_more_proposals(config);
  }
}

void set_compiler(wasm_config_t* config, const Profile& profile, Effort effort) {
  wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_CRANELIFT);
  wasmtime_config_cranelift_opt_level_set(config,
                                          effort == Effort::kFull ? WASMTIME_OPT_LEVEL_SPEED : WASMTIME_OPT_LEVEL_NONE);
  if (effort == Effort::kLow) {
    wasmtime_config_cranelift_regalloc_algorithm_set(config, WASMTIME_REGALLOC_SINGLE_PASS);
  }
  wasmtime_config_cranelift_debug_verifier_set(config, false);
  wasmtime_config_cranelift_nan_canonicalization_set(config, profile.canonical_nans);
  wasmtime_config_parallel_compilation_set(config,
                                           false);  // the compiler stays on the thread whose stack is large enough
  wasmtime_config_debug_info_set(config, false);
  wasmtime_config_native_unwind_info_set(config, true);
  wasmtime_config_profiler_set(config, WASMTIME_PROFILING_STRATEGY_NONE);
}

void set_execution(wasm_config_t* config, const Profile& profile) {
  wasmtime_config_consume_fuel_set(config, true);
  wasmtime_config_epoch_interruption_set(config, true);
  wasmtime_config_async_stack_size_set(config, profile.async_stack_bytes);
  wasmtime_config_max_wasm_stack_set(config, profile.stack_bytes);
  wasmtime_config_native_unwind_info_set(config, false);  // Wasmtime walks its frames without; nothing else may
  wasmtime_config_signals_based_traps_set(config, true);
  wasmtime_config_memory_init_cow_set(config, true);
  wasmtime_config_memory_may_move_set(config, false);
  wasmtime_config_memory_reservation_set(config, kReservation);
  wasmtime_config_memory_guard_size_set(config, kGuard);
  wasmtime_config_memory_reservation_for_growth_set(config, 0);
}

/// Exceptions live in a heap of their own, which takes a memory of the pool.
std::uint32_t memories(const Profile& profile) noexcept { return profile.pool_slots * (profile.exceptions ? 2 : 1); }

void set_pool(wasm_config_t* config, const Profile& profile) {
  using PoolHandle =
      std::unique_ptr<wasmtime_pooling_allocation_config_t, Deleter<wasmtime_pooling_allocation_config_delete>>;
  const PoolHandle pool(wasmtime_pooling_allocation_config_new());
  wasmtime_pooling_allocation_config_total_core_instances_set(pool.get(), profile.pool_slots);
  wasmtime_pooling_allocation_config_total_component_instances_set(pool.get(), profile.pool_slots);
  wasmtime_pooling_allocation_config_total_memories_set(pool.get(), memories(profile));
  wasmtime_pooling_allocation_config_total_tables_set(pool.get(), profile.pool_slots);
  wasmtime_pooling_allocation_config_total_stacks_set(pool.get(), 0);  // no asynchronous calls
  wasmtime_pooling_allocation_config_total_gc_heaps_set(pool.get(), profile.pool_slots);
  wasmtime_pooling_allocation_config_max_memories_per_module_set(pool.get(), 1);
  wasmtime_pooling_allocation_config_max_tables_per_module_set(pool.get(), 4);
  wasmtime_pooling_allocation_config_max_memory_size_set(pool.get(), profile.pool_memory_bytes);
  wasmtime_pooling_allocation_config_table_elements_set(pool.get(), profile.pool_table_elements);
  wasmtime_pooling_allocation_config_max_core_instance_size_set(pool.get(), profile.pool_instance_bytes);
  const bool written_pages_known = cn_pool_scan_pages(pool.get());
  wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(
      pool.get(),
      written_pages_known ? profile.keep_resident_bytes : std::min(profile.keep_resident_bytes, kKeptUnseen));
  wasmtime_pooling_allocation_config_table_keep_resident_set(pool.get(), 4096);
  wasmtime_pooling_allocation_config_max_unused_warm_slots_set(pool.get(), 100);
  wasmtime_pooling_allocation_config_decommit_batch_size_set(pool.get(), 1);
  wasmtime_pooling_allocation_strategy_set(config, pool.get());
}

}  // namespace

std::uint64_t pool_address_bytes(const Profile& profile) noexcept {
  const std::uint64_t memory = std::max(kReservation, profile.pool_memory_bytes) + kGuard;
  const std::uint64_t table = profile.pool_table_elements * 16;
  return (std::uint64_t{memories(profile)} + 1) * memory + (std::uint64_t{profile.pool_slots} + 1) * table;
}

bool address_space_available(std::uint64_t bytes) noexcept {
  void* probe = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) {
    return false;
  }
  ::munmap(probe, bytes);
  return true;
}

EngineHandle make_engine(const Profile& profile, Allocation allocation, Effort effort) {
  wasm_config_t* config = wasm_config_new();  // taken over by wasm_engine_new_with_config
  set_proposals(config, profile);
  set_compiler(config, profile, effort);
  set_execution(config, profile);
  if (allocation == Allocation::kPooling) {
    set_pool(config, profile);
  }
  return EngineHandle(wasm_engine_new_with_config(config));
}

}  // namespace caisson::engine
