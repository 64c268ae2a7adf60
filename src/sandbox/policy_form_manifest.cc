#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/internal/form_reader.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace caisson::sandbox {

namespace {

using document::Value;
using internal::FormReader;
using internal::print_amount;
using internal::print_whole;

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kPage = 64 << 10;

class Reader {
 public:
  explicit Reader(std::string_view file) : form_(file) {}

  Result<ForeignPolicy> read(const Value& value) && {
    const auto nothing = form_.text([](const std::string&, const Value&) {});
    form_.read_map(
        value, "",
        {{"name", nothing},
         {"version", nothing},
         {"runtime", bind(&Reader::runtime)},
         {"preset", form_.text([this](const std::string& name, const Value& where) { preset(name, where); })},
         {"capabilities", bind(&Reader::capabilities)},
         {"limits", bind(&Reader::limits)}});
    return std::move(form_).finish();
  }

 private:
  FormReader::Handler bind(void (Reader::*part)(const Value&, const std::string&)) {
    return [this, part](const Value& value, const std::string& name) { (this->*part)(value, name); };
  }

  void runtime(const Value& value, const std::string& name) {
    constexpr std::string_view kOperator = "the operator decides it for all modules";
    form_.read_map(value, name,
                   {{"engine", form_.text([this](const std::string& engine, const Value& where) {
                       if (engine != "wasmtime") {
                         form_.bad(where, "engine", "the one of runtime is 'wasmtime'");
                       }
                     })},
                    {"debug", form_.no_effect(kOperator)},
                    {"cache_modules", form_.no_effect(kOperator)},
                    {"compilation_threads", form_.no_effect(kOperator)}});
  }

  void preset(const std::string& name, const Value& where) {
    if (name == "minimal") {
      form_.grants(Value::map({{"preset", "none"}}), where);
    } else if (name == "development") {
      form_.grants(Value::map({{"preset", "wasi"}}), where);
      form_.warn(where, "preset 'development' beyond WASI", "name directories, hosts and variables one by one");
    } else {
      unknown("preset", name, where, {"minimal", "development"});
    }
  }

  void capabilities(const Value& value, const std::string& name) {
    form_.read_map(
        value, name,
        {{"network", bind(&Reader::network)},
         {"filesystem", bind(&Reader::filesystem)},
         {"environment", bind(&Reader::environment)},
         {"process", form_.text([this](const std::string& word, const Value& where) {
            if (word != "none") {
              form_.bad(where, "capabilities.process", "no guest starts processes: write none");
            }
          })},
         {"time", form_.text([this](const std::string& word, const Value& where) { time(word, where); })},
         {"random", form_.text([this](const std::string& word, const Value& where) { random(word, where); })},
         {"custom", [this](const Value& custom, const std::string& what) {
            const bool empty = (custom.as_map() != nullptr && custom.as_map()->empty()) ||
                               (custom.as_list() != nullptr && custom.as_list()->empty());
            if (!empty) {
              form_.bad(custom, what, "nobody here knows what it stands for: remove it");
            }
          }}});
  }

  void network(const Value& value, const std::string& name) {
    Value list = Value::list();
    if (const std::string* word = value.as_string()) {
      if (*word == "loopback") {
        list = Value::list(
            {"* http://127.0.0.1:*", "* http://localhost:*", "* https://127.0.0.1:*", "* https://localhost:*"});
      } else if (*word == "full") {
        list = Value::list({"* http://*:*", "* https://*:*"});
      } else if (*word != "none") {
        unknown(name, *word, value, {"none", "loopback", "full"});
        return;
      }
    } else {
      const auto hosts = form_.text([&](const std::string& host, const Value&) { list.push("* https://" + host); });
      const auto ports = form_.whole(
          1, 65'535, [&](std::int64_t port, const Value&) { list.push(fmt::format("* https://*:{}", port)); });
      form_.read_map(value, name, {{"hosts", each(hosts)}, {"ports", each(ports)}});
    }
    form_.grants(Value::map({{"net", std::move(list)}}), value);
  }

  FormReader::Handler each(FormReader::Handler item) {
    return [this, item = std::move(item)](const Value& list, const std::string& name) {
      form_.read_list(list, name, item);
    };
  }

  void filesystem(const Value& value, const std::string& name) {
    if (const std::string* word = value.as_string(); word != nullptr && *word == "none") {
      form_.grants(Value::map({{"read", Value::list()}, {"write", Value::list()}}), value);
      return;
    }
    bool writes = false;
    const Value* kept = nullptr;  // allow_delete: false
    const auto same = [this](std::string_view key) {
      return [this, key](const Value& words, const std::string&) {
        form_.grants(Value::map({{std::string(key), words}}), words);
      };
    };
    form_.read_map(value, name,
                   {{"readable_dirs", same("read")},
                    {"writable_dirs",
                     [&](const Value& words, const std::string& what) {
                       same("write")(words, what);
                       writes = words.as_list() == nullptr || !words.as_list()->empty();
                     }},
                    {"max_file_size", form_.amount("file_size")},
                    {"allow_create", form_.truth([this](bool on, const Value& where) {
                       if (!on) {
                         form_.request().set(*find_limit("created_files"), 0, form_.at(where));
                       }
                     })},
                    {"allow_delete", form_.truth([&](bool on, const Value& where) { kept = on ? nullptr : &where; })}});
    if (kept != nullptr && writes) {
      form_.bad(*kept, name + ".allow_delete",
                "what may be written may also be deleted: ask for readable_dirs, or allow it");
    }
  }

  void environment(const Value& value, const std::string& name) {
    if (const std::string* word = value.as_string()) {
      if (*word == "full" || *word == "none") {
        form_.grants(Value::map({{"env", *word == "full" ? Value::list({"*"}) : Value::list()}}), value);
      } else {
        unknown(name, *word, value, {"none", "full"});
      }
      return;
    }
    form_.read_map(
        value, name,
        {{"allowlist",
          [this](const Value& names, const std::string&) { form_.grants(Value::map({{"env", names}}), names); }},
         {"denylist", [this](const Value& names, const std::string& what) {
            form_.bad(names, what, "name the variables it may see in allowlist; what is denied is configured");
          }}});
  }

  void time(const std::string& word, const Value& where) {
    if (word == "none" || word == "read-only" || word == "read_only") {
      form_.grants(Value::map({{"clock", word == "none" ? "denied" : "real"}}), where);
    } else if (word == "full") {
      form_.bad(where, "capabilities.time", "no guest sets a clock: write read-only");
    } else {
      unknown("capabilities.time", word, where, {"none", "read-only"});
    }
  }

  void random(const std::string& word, const Value& where) {
    const std::string_view mode = word == "none"     ? "denied"
                                  : word == "pseudo" ? "seeded"
                                  : word == "full"   ? "real"
                                                     : "";
    if (mode.empty()) {
      unknown("capabilities.random", word, where, {"none", "pseudo", "full"});
      return;
    }
    form_.grants(Value::map({{"random", mode}}), where);
  }

  void limits(const Value& value, const std::string& name) {
    const auto threads = form_.whole(1, 1'024, [this](std::int64_t count, const Value& where) {
      if (count > 1) {
        form_.warn(where, "max_threads", "a guest has one thread");
      }
    });
    form_.read_map(value, name,
                   {{"max_memory", form_.amount("memory")},
                    {"max_memory_pages", form_.pages("memory", 1, 65'536)},
                    {"reserved_memory", form_.no_effect("nothing is reserved")},
                    {"reserved_memory_pages", form_.no_effect("nothing is reserved")},
                    {"max_memory_growth_pages_per_second", form_.pages("memory_growth", 1, 65'536)},
                    {"max_tables", form_.no_effect("the elements of all tables are limited together: limits.tables")},
                    {"max_cpu_time_ms", form_.limit("cpu", "ms", 1)},
                    {"max_cpu_percent", form_.limit("cpu_percent", "%", 1, 100)},
                    {"max_threads", threads},
                    {"max_open_files", form_.limit("files", "")},
                    {"max_read_bytes", form_.limit("file_read", "")},
                    {"max_write_bytes", form_.limit("file_write", "")},
                    {"max_read_bytes_per_second", form_.limit("file_read_rate", "", 1)},
                    {"max_write_bytes_per_second", form_.limit("file_write_rate", "", 1)},
                    {"max_execution_time_ms", form_.limit("timeout", "ms", 1)},
                    {"max_idle_time_ms", form_.limit("idle", "ms", 1)},
                    {"max_fuel", form_.limit("fuel", "", 1)},
                    {"startup_timeout_ms", form_.no_effect("starting counts towards the time of the call")}});
  }

  void unknown(std::string_view name, std::string_view word, const Value& where,
               std::initializer_list<std::string_view> known) {
    form_.bad(where, name,
              fmt::format("{} is not one of its words{}", base::quote(base::shorten(word, 40)),
                          base::did_you_mean(word, known)));
  }

  FormReader form_;
};

Value hosts_of(const WrittenList<DirectoryGrant>& list) {
  Value out = Value::list();
  for (const Written<DirectoryGrant>& item : list.value_or(std::vector<Written<DirectoryGrant>>())) {
    out.push(item.value.host == item.value.guest ? item.value.host
                                                 : fmt::format("{}:{}", item.value.host, item.value.guest));
  }
  return out;
}

Value network_value(const std::vector<Written<NetGrant>>& list) {
  if (list.empty()) {
    return "none";
  }
  Value hosts = Value::list();
  for (const Written<NetGrant>& item : list) {
    const std::string& pattern = item.value.pattern;
    hosts.push(pattern.substr(std::min(pattern.size(), std::string_view("https://").size())));
  }
  return Value::map({{"hosts", std::move(hosts)}});
}

Value environment_value(const std::vector<Written<VariableGrant>>& list) {
  Value names = Value::list();
  for (const Written<VariableGrant>& item : list) {
    if (item.value.name == "*") {
      return "full";
    }
    names.push(item.value.name);
  }
  return names.as_list()->empty() ? Value("none") : Value::map({{"allowlist", std::move(names)}});
}

Value capabilities_value(const PolicyRequest& request) {
  Value out = Value::map();
  if (request.net) {
    out.set("network", network_value(*request.net));
  }
  if (request.read || request.write) {
    Value files = Value::map({{"readable_dirs", hosts_of(request.read)}, {"writable_dirs", hosts_of(request.write)}});
    print_amount(files, "max_file_size", request, "file_size");
    out.set("filesystem", std::move(files));
  }
  if (request.env) {
    out.set("environment", environment_value(*request.env));
  }
  out.set("process", "none");
  if (request.clock) {
    out.set("time", request.clock->value == ClockMode::kDenied ? "none" : "read-only");
  }
  if (request.random) {
    const RandomMode mode = request.random->value.mode;
    out.set("random", mode == RandomMode::kReal ? "full" : mode == RandomMode::kSeeded ? "pseudo" : "none");
  }
  return out;
}

}  // namespace

Result<ForeignPolicy> read_sandbox_manifest(const Value& value, std::string_view file) {
  return Reader(file).read(value);
}

PrintedPolicy print_sandbox_manifest(const PolicyRequest& request) {
  Value limits = Value::map();
  print_amount(limits, "max_memory", request, "memory");
  print_whole(limits, "max_memory_growth_pages_per_second", request, "memory_growth", kPage, 1, 65'536);
  print_amount(limits, "max_cpu_time_ms", request, "cpu", kMillisecond);
  print_amount(limits, "max_cpu_percent", request, "cpu_percent", 1'000);
  print_amount(limits, "max_open_files", request, "files");
  print_amount(limits, "max_read_bytes", request, "file_read");
  print_amount(limits, "max_write_bytes", request, "file_write");
  print_amount(limits, "max_read_bytes_per_second", request, "file_read_rate");
  print_amount(limits, "max_write_bytes_per_second", request, "file_write_rate");
  print_amount(limits, "max_execution_time_ms", request, "timeout", kMillisecond);
  print_amount(limits, "max_idle_time_ms", request, "idle", kMillisecond);
  print_amount(limits, "max_fuel", request, "fuel");
  Value out = Value::map({{"capabilities", capabilities_value(request)}, {"limits", std::move(limits)}});
  if (request.preset && request.preset->value == Preset::kNone) {
    out.set("preset", "minimal");
  }
  return internal::check_printed(std::move(out), request, read_sandbox_manifest);
}

}  // namespace caisson::sandbox
