#include "attack/scene.h"

#include "attack/files.h"
#include "attack/internal/steps.h"
#include "observe/audit_reader.h"
#include "runtime/outside.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/resource.h>

namespace caisson::attack {

namespace {

std::size_t entries_of(const char* folder) {
  std::error_code ignored;
  const std::filesystem::directory_iterator all(folder, ignored);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Without the one that Wasmtime opens with the first engine of a process, and keeps: its own map of pages.
std::size_t open_descriptors() {
  std::error_code ignored;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    count += std::filesystem::read_symlink(entry.path(), ignored).filename() != "pagemap" ? 1U : 0U;
  }
  return count;
}

/// How many threads there are over `most`. One that was joined stays in the kernel's list for a moment after the join,
/// under load for several: it is waited for, and one that goes on is still there at the end.
std::size_t threads_over(std::size_t most) {
  using namespace std::chrono_literals;
  std::size_t now = entries_of("/proc/self/task");
  for (auto waited = 0ms; now > most && waited < 2s; waited += 5ms) {
    std::this_thread::sleep_for(5ms);
    now = entries_of("/proc/self/task");
  }
  return now > most ? now - most : 0;
}

std::uint64_t peak_resident(int who) {
  rusage used{};
  ::getrusage(who, &used);
  return static_cast<std::uint64_t>(used.ru_maxrss) << 10U;
}

}  // namespace

Result<std::unique_ptr<Scene>> Scene::create(const Case& attack, Options options) {
  std::error_code error;
  std::string pattern = (std::filesystem::temp_directory_path(error) / "caisson-attack-XXXXXX").native();
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    return Error{Category::kUnavailable, "attack.no_folder",
                 fmt::format("no folder can be made in {}", std::filesystem::temp_directory_path(error).native())};
  }
  // A grant names a path without links, and the temporary folder may be one.
  const std::filesystem::path whole = std::filesystem::canonical(pattern, error);
  for (const char* part : {"scene", "state"}) {
    std::filesystem::create_directory(whole / part, error);
  }
  return std::unique_ptr<Scene>(new Scene(attack, std::move(options), whole / "scene"));
}

Scene::Scene(const Case& attack, Options options, std::filesystem::path folder)
    : case_(attack),
      options_(std::move(options)),
      descriptors_(open_descriptors()),
      threads_(entries_of("/proc/self/task")) {
  facts_.folder = std::move(folder);
}

Scene::~Scene() {
  drop_runtime();
  std::error_code ignored;
  std::filesystem::remove_all(folder().parent_path(), ignored);
}

Status Scene::play() {
  for (const Step& step : case_.steps) {
    const StepRow* row = find_step(step.name);
    if (row == nullptr) {
      return bad_step(step, "there is no step of that name");
    }
    CAISSON_CHECK(row->play(*this, step));
  }
  facts_.peak_resident_bytes = peak_resident(RUSAGE_SELF);
  facts_.child_resident_bytes = peak_resident(RUSAGE_CHILDREN);
  facts_.served = network_.served();
  facts_.connected = network_.connected();
  return {};
}

std::string Scene::expand(std::string_view text) const {
  constexpr std::string_view kScene = "{scene}";
  std::string out;
  while (true) {
    const std::size_t at = text.find(kScene);
    out += text.substr(0, at);
    if (at == std::string_view::npos) {
      return network_.expand(std::move(out));
    }
    out += folder().native();
    text.remove_prefix(at + kScene.size());
  }
}

void Scene::on_notice(const Notice& notice) {
  facts_.notices.emplace_back(notice.name);
  facts_.said += fmt::format("\n{}: {}", notice.name, notice.text);
}

Runtime* Scene::runtime(RuntimeOptions options) {
  const std::string wanted =
      fmt::format("{}\n{}\n{}\n{}\n{}", fmt::join(options.allow, ","), fmt::join(options.deny, ","),
                  fmt::join(options.limits, ","), options.configuration_file.value_or(""), options.max_sessions);
  if (runtime_ != nullptr && wanted == runtime_options_) {
    return runtime_.get();
  }
  drop_runtime();
  options.cache_folder = (state() / "cache").native();
  options.audit_file = (state() / "audit.jsonl").native();
  options.read_configuration =
      options_.configuration == Configuration::kUsers || options.configuration_file.has_value();
  options.compile_program = options_.compile_program;
  options.on_notice = [this](const Notice& notice) { on_notice(notice); };
  const runtime::Outside outside{
      .resolver = &network_,
      .on_connect = [this](const net::IpAddress& to, std::uint16_t port) { return network_.connect(to, port); },
      .users_images = true};
  auto made = outside.create(std::move(options));
  if (!made) {
    note(made.error());
    return nullptr;
  }
  runtime_options_ = wanted;
  runtime_ = std::move(made).value();
  return runtime_.get();
}

void Scene::drop_runtime() {
  sessions_.clear();
  runtime_.reset();
}

void Scene::note(const Error& error) {
  facts_.reason = error.reason;
  facts_.verdict = verdict_of(error.reason);
  facts_.said += '\n' + report_failure("flow.yaml", error);
}

std::vector<std::string> Scene::look_around() {
  std::vector<std::string> wrong;
  if (facts_.output.find(kCanary) != std::string::npos || facts_.said.find(kCanary) != std::string::npos) {
    wrong.emplace_back("a planted secret was shown");
  }
  const Facts before = facts_;
  if (const Status canary = run_canary(*this); !canary) {
    wrong.push_back("a canary does not run any more: " + canary.error().message);
  }
  facts_ = before;
  drop_runtime();
  network_.close();
  if (const auto files = observe::audit_files(state() / "audit.jsonl")) {
    observe::AuditVerifier verifier({});
    const Status read = observe::read_audit(files->files, [&](const observe::AuditLine& line) {
      verifier.add(line);
      return true;
    });
    const observe::AuditVerdict verdict = verifier.finish();
    if (!read || (!verdict.intact() && facts_.verdict != "E_INTEGRITY")) {
      wrong.emplace_back("the audit log is not whole");
    }
  } else {
    wrong.emplace_back("there is no audit log");
  }
  if (const std::size_t now = open_descriptors(); now > descriptors_) {
    wrong.push_back(fmt::format("{} descriptors are left open", now - descriptors_));
  }
  if (const std::size_t left = threads_over(threads_); left > 0) {
    wrong.push_back(fmt::format("{} threads are left", left));
  }
  return wrong;
}

}  // namespace caisson::attack
