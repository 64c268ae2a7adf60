#include "sandbox/internal/form_reader.h"
#include "sandbox/policy_forms.h"

#include <string>
#include <utility>
#include <vector>

namespace caisson::sandbox {

namespace {

using document::Value;
using internal::FormReader;

class Reader {
 public:
  explicit Reader(std::string_view file) : form_(file) {}

  Result<ForeignPolicy> read(const Value& value) && {
    const auto same = [this](std::string_view key) {
      return [this, key](const Value& words, const std::string&) {
        form_.grants(Value::map({{std::string(key), words}}), words);
      };
    };
    const auto directories = [this](const Value& words, const std::string& name) { preopened(words, name); };
    const auto variables = [this](const Value& words, const std::string& name) { env(words, name); };
    form_.read_map(value, "",
                   {{"inherit_stdio", stream(true)},
                    {"inherit_stdin", stream(true)},
                    {"inherit_stdout", stream(false)},
                    {"inherit_stderr", stream(false)},
                    {"inherit_env", form_.truth([this](bool on, const Value& where) {
                       if (on) {
                         form_.grants(Value::map({{"env", Value::list({"*"})}}), where);
                       }
                     })},
                    {"inherit_args", form_.truth([this](bool on, const Value& where) {
                       if (on) {
                         form_.bad(where, "inherit_args",
                                   "the arguments of this process are not a guest's: write args");
                       }
                     })},
                    {"env", variables},
                    {"envs", variables},
                    {"args", same("args")},
                    {"preopened_dir", directories},
                    {"preopened_dirs", directories},
                    {"clock", same("clock")},
                    {"random", same("random")}});
    return std::move(form_).finish();
  }

 private:
  /// The streams are those of the call: its input and its captured output, never those of the host process.
  FormReader::Handler stream(bool input) {
    return form_.truth([this, input](bool on, const Value& where) {
      if (on) {
        form_.grants(input ? Value::map({{"wasi", true}, {"stdin", true}}) : Value::map({{"wasi", true}}), where);
      }
    });
  }

  /// A map, or a list of pairs.
  void env(const Value& words, const std::string& name) {
    const document::List* list = words.as_list();
    if (list == nullptr) {
      form_.grants(Value::map({{"env", words}}), words);
      return;
    }
    Value map = Value::map();
    for (const Value& pair : *list) {
      const document::List* parts = pair.as_list();
      if (parts == nullptr || parts->size() != 2 || (*parts)[0].as_string() == nullptr) {
        form_.wrong_kind(pair, name, "a map, or a list of [name, value] pairs");
        return;
      }
      map.set(*(*parts)[0].as_string(), (*parts)[1]);
    }
    form_.grants(Value::map({{"env", std::move(map)}}), words);
  }

  /// One directory or a list of them: {host, guest, writable}.
  void preopened(const Value& words, const std::string& name) {
    if (words.as_list() != nullptr) {
      form_.read_list(words, name, [this](const Value& item, const std::string& what) { directory(item, what); });
    } else {
      directory(words, name);
    }
  }

  void directory(const Value& words, const std::string& name) {
    if (words.as_map() == nullptr) {
      form_.wrong_kind(words, name, "a map of host, guest and writable");
      return;
    }
    const std::size_t before = form_.problem_count();
    Value grant = Value::map();
    bool writable = false;
    const auto part = [&](std::string_view key) {
      return form_.text([&grant, key](const std::string& path, const Value&) { grant.set(std::string(key), path); });
    };
    form_.read_map(words, name,
                   {{"host", part("host")},
                    {"guest", part("guest")},
                    {"writable", form_.truth([&](bool on, const Value&) { writable = on; })}});
    if (form_.problem_count() == before) {
      form_.grants(Value::map({{writable ? "write" : "read", Value::list({std::move(grant)})}}), words);
    }
  }

  FormReader form_;
};

}  // namespace

Result<ForeignPolicy> read_wasi_grants(const Value& value, std::string_view file) { return Reader(file).read(value); }

PrintedPolicy print_wasi_grants(const PolicyRequest& request) {
  Value out = Value::map();
  if (request.stdin_is_input && request.stdin_is_input->value) {
    out.set("inherit_stdio", true);
  } else if (request.wasi && request.wasi->value) {
    out.set("inherit_stdout", true);
    out.set("inherit_stderr", true);
  }
  Value env = Value::map();
  for (const Written<VariableGrant>& item : request.env.value_or(std::vector<Written<VariableGrant>>())) {
    if (item.value.value) {
      env.set(item.value.name, *item.value.value);
    } else if (item.value.name == "*") {
      out.set("inherit_env", true);
    }
  }
  if (!env.as_map()->empty()) {
    out.set("env", std::move(env));
  }
  if (request.args) {
    Value args = Value::list();
    for (const std::string& arg : request.args->value) {
      args.push(arg);
    }
    out.set("args", std::move(args));
  }
  Value directories = Value::list();
  for (const auto* list : {&request.read, &request.write}) {
    for (const Written<DirectoryGrant>& item : list->value_or(std::vector<Written<DirectoryGrant>>())) {
      directories.push(Value::map(
          {{"host", item.value.host}, {"guest", item.value.guest}, {"writable", item.value.access == Access::kWrite}}));
    }
  }
  if (!directories.as_list()->empty()) {
    out.set("preopened_dirs", std::move(directories));
  }
  if (request.clock) {
    out.set("clock", to_string(request.clock->value));
  }
  if (request.random) {
    out.set("random", request.random->value.mode == RandomMode::kSeeded
                          ? Value::map({{"seed", static_cast<std::int64_t>(request.random->value.seed)}})
                          : Value(to_string(request.random->value.mode)));
  }
  return internal::check_printed(std::move(out), request, read_wasi_grants);
}

}  // namespace caisson::sandbox
