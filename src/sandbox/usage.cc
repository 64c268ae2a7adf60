#include "sandbox/usage.h"

#include <algorithm>

namespace caisson::sandbox {

namespace {

template <typename Counts>
void add_counts(Counts& total, const Counts& more) {
  for (const auto& [name, count] : more) {
    const auto known = std::ranges::find(total, name, &Counts::value_type::first);
    if (known == total.end()) {
      total.emplace_back(name, count);
    } else {
      known->second += count;
    }
  }
}

}  // namespace

void add_usage(Usage& total, const Usage& more) {
  total.wall += more.wall;
  total.cpu += more.cpu;
  total.fuel += more.fuel;
  total.memory_bytes = std::max(total.memory_bytes, more.memory_bytes);
  total.memory_over_baseline_bytes = std::max(total.memory_over_baseline_bytes, more.memory_over_baseline_bytes);
  total.input_bytes += more.input_bytes;
  total.output_bytes += more.output_bytes;
  total.stdout_bytes += more.stdout_bytes;
  total.stderr_bytes += more.stderr_bytes;
  total.log_bytes += more.log_bytes;
  total.emit_bytes += more.emit_bytes;
  total.random_bytes += more.random_bytes;
  total.file_read_bytes += more.file_read_bytes;
  total.file_write_bytes += more.file_write_bytes;
  total.http_requests += more.http_requests;
  total.http_connections += more.http_connections;
  total.http_sent_bytes += more.http_sent_bytes;
  total.http_received_bytes += more.http_received_bytes;
  total.host_calls += more.host_calls;
  total.throttled += more.throttled;
  add_counts(total.host_calls_by_name, more.host_calls_by_name);
  add_counts(total.http_requests_by_origin, more.http_requests_by_origin);
}

}  // namespace caisson::sandbox
