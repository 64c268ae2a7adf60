#include "sandbox/internal/form_reader.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace caisson::sandbox {

namespace {

using document::Value;
using internal::FormReader;
using internal::print_amount;

constexpr std::uint64_t kSecond = 1'000'000'000;

/// A domain and a port as a pattern. The form knows no scheme: port 80 is HTTP, any other HTTPS.
std::string pattern(const std::string& domain, std::int64_t port) {
  return port == 443  ? fmt::format("https://{}", domain)
         : port == 80 ? fmt::format("http://{}", domain)
                      : fmt::format("https://{}:{}", domain, port);
}

class Reader {
 public:
  explicit Reader(std::string_view file) : form_(file) {}

  Result<ForeignPolicy> read(const Value& value) && {
    form_.read_map(
        value, "",
        {{"sandbox_enabled", form_.truth([this](bool on, const Value& where) {
            if (!on) {
              form_.bad(where, "sandbox_enabled", "nothing here runs outside of a sandbox: remove it");
            }
          })},
         {"allowed_syscalls", [this](const Value& calls, const std::string& name) { syscalls(calls, name); }},
         {"max_memory_bytes", form_.limit("memory", "B", 1)},
         {"max_execution_time_secs", form_.limit("timeout", "s")},
         {"env_vars", [this](const Value& map, const std::string& name) { variables(map, name); }},
         {"network_access", [this](const Value& map, const std::string& name) { network(map, name); }},
         {"filesystem_access", [this](const Value& map, const std::string& name) { files(map, name); }},
         {"cpu_limits", [this](const Value& map, const std::string& name) { cpu(map, name); }}});
    return std::move(form_).finish();
  }

 private:
  void syscalls(const Value& value, const std::string& name) {
    form_.read_list(value, name, form_.text([this](const std::string&, const Value& where) {
      form_.warn(where, "allowed_syscalls", "a guest makes no system calls; what it may call is decided by grants");
    }));
  }

  void variables(const Value& value, const std::string& name) {
    const document::Map* map = value.as_map();
    if (map == nullptr) {
      form_.wrong_kind(value, name, "a map of names and values");
    } else if (!map->empty()) {
      form_.grants(Value::map({{"env", value}}), value);
    }
  }

  void network(const Value& value, const std::string& name) {
    bool enabled = false;
    std::vector<std::string> domains;
    std::vector<std::int64_t> ports;
    form_.read_map(
        value, name,
        {{"enabled", form_.truth([&](bool on, const Value&) { enabled = on; })},
         {"allowed_domains",
          [&](const Value& list, const std::string& what) {
            form_.read_list(list, what,
                            form_.text([&](const std::string& domain, const Value&) { domains.push_back(domain); }));
          }},
         {"allowed_ports",
          [&](const Value& list, const std::string& what) {
            form_.read_list(list, what,
                            form_.whole(1, 65'535, [&](std::int64_t port, const Value&) { ports.push_back(port); }));
          }},
         {"max_connections", form_.limit("http_connections", "", 0, 1'000)}});
    if (!enabled) {
      if (!domains.empty() || !ports.empty()) {
        form_.warn(value, name, "it is not enabled");
      }
      return;
    }
    domains = domains.empty() ? std::vector<std::string>{"*"} : domains;
    ports = ports.empty() ? std::vector<std::int64_t>{443} : ports;
    Value list = Value::list();
    for (const std::string& domain : domains) {
      for (const std::int64_t port : ports) {
        list.push("* " + pattern(domain, port));  // the form knows no methods
      }
    }
    form_.grants(Value::map({{"net", std::move(list)}}), value);
  }

  void files(const Value& value, const std::string& name) {
    bool enabled = false;
    const Value* read = nullptr;
    const Value* write = nullptr;
    const auto paths = [&](const Value*& target) {
      return [&target, this](const Value& list, const std::string& what) {
        form_.read_list(list, what, form_.text([](const std::string&, const Value&) {}));
        target = &list;
      };
    };
    form_.read_map(value, name,
                   {{"enabled", form_.truth([&](bool on, const Value&) { enabled = on; })},
                    {"allowed_read_paths", paths(read)},
                    {"allowed_write_paths", paths(write)},
                    {"max_file_size_bytes", form_.limit("file_size", "B")}});
    for (const auto& [key, list] : {std::pair("read", read), std::pair("write", write)}) {
      if (list == nullptr || list->as_list() == nullptr || list->as_list()->empty()) {
        continue;
      }
      if (enabled) {
        form_.grants(Value::map({{key, *list}}), *list);
      } else {
        form_.warn(*list, name, "it is not enabled");
      }
    }
  }

  void cpu(const Value& value, const std::string& name) {
    form_.read_map(value, name,
                   {{"max_cpu_percent", form_.limit("cpu_percent", "%", 0, 100)},
                    {"max_threads",
                     [this](const Value& threads, const std::string& what) {
                       form_.whole(1, INT64_MAX)(threads, what);
                       if (threads.as_integer() != nullptr && *threads.as_integer() > 1) {
                         form_.warn(threads, what, "a guest has one thread");
                       }
                     }},
                    {"cpu_time_limit_secs", form_.limit("cpu", "s")}});
  }

  FormReader form_;
};

Value paths(const WrittenList<DirectoryGrant>& list) {
  Value out = Value::list();
  for (const Written<DirectoryGrant>& item : list.value_or(std::vector<Written<DirectoryGrant>>())) {
    out.push(item.value.host == item.value.guest ? item.value.host
                                                 : fmt::format("{}:{}", item.value.host, item.value.guest));
  }
  return out;
}

Value print_network(const PolicyRequest& request) {
  Value domains = Value::list();
  Value ports = Value::list();
  std::set<std::string> seen;
  for (const Written<NetGrant>& item : request.net.value_or(std::vector<Written<NetGrant>>())) {
    const auto pattern = parse_net_pattern(item.value.pattern);
    if (!pattern) {
      continue;
    }
    if (seen.insert(pattern->host).second) {
      domains.push(pattern->host);
    }
    if (pattern->port != "*" && seen.insert(":" + pattern->port).second) {
      ports.push(static_cast<std::int64_t>(std::stoi(pattern->port)));
    }
  }
  Value out = Value::map({{"enabled", request.net && !request.net->empty()},
                          {"allowed_domains", std::move(domains)},
                          {"allowed_ports", std::move(ports)}});
  print_amount(out, "max_connections", request, "http_connections");
  return out;
}

}  // namespace

Result<ForeignPolicy> read_security_context(const Value& value, std::string_view file) {
  return Reader(file).read(value);
}

PrintedPolicy print_security_context(const PolicyRequest& request) {
  Value out = Value::map({{"sandbox_enabled", true}, {"allowed_syscalls", Value::list()}});
  print_amount(out, "max_memory_bytes", request, "memory");
  print_amount(out, "max_execution_time_secs", request, "timeout", kSecond);
  Value env = Value::map();
  for (const Written<VariableGrant>& item : request.env.value_or(std::vector<Written<VariableGrant>>())) {
    if (item.value.value) {
      env.set(item.value.name, *item.value.value);
    }
  }
  out.set("env_vars", std::move(env));
  out.set("network_access", print_network(request));
  Value files = Value::map({{"enabled", request.read.has_value() || request.write.has_value()},
                            {"allowed_read_paths", paths(request.read)},
                            {"allowed_write_paths", paths(request.write)}});
  print_amount(files, "max_file_size_bytes", request, "file_size");
  out.set("filesystem_access", std::move(files));
  Value cpu = Value::map();
  print_amount(cpu, "max_cpu_percent", request, "cpu_percent", 1'000);
  print_amount(cpu, "cpu_time_limit_secs", request, "cpu", kSecond);
  out.set("cpu_limits", std::move(cpu));
  return internal::check_printed(std::move(out), request, read_security_context);
}

}  // namespace caisson::sandbox
