// Steps `tamper` and `verify_audit`: files that somebody changes behind Caisson's back, and a log that tells.

#include "attack/internal/steps.h"
#include "attack/internal/values.h"
#include "base/digest.h"
#include "observe/audit_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <vector>

#include <sys/stat.h>

namespace caisson::attack {

namespace {

using document::Value;

/// Files of the scene's folder `directory` whose names end with `end`, in the order of their names.
std::vector<std::filesystem::path> files_of(const Scene& scene, const std::string& pattern) {
  const std::filesystem::path whole = scene.folder() / pattern;
  const std::string name = whole.filename().native();
  if (!name.starts_with('*')) {
    return {whole};
  }
  std::vector<std::filesystem::path> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(whole.parent_path(), ignored)) {
    if (entry.path().native().ends_with(name.substr(1))) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

std::string_view line(std::string_view text, std::size_t number) {
  for (std::size_t i = 1; i < number; ++i) {
    text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
  }
  return text.substr(0, std::min(text.find('\n') + 1, text.size()));
}

/// Changes the bytes of one file, as one of the ways says. Nothing when none is named.
bool change(const Scene& scene, const Value& about, std::string& bytes) {
  const auto number = [&](std::string_view name) { return find_number(about, name); };
  if (const auto* at = number("flip")) {  // a bit; counted from the end if negative
    const auto bit = static_cast<std::size_t>(*at < 0 ? static_cast<std::int64_t>(bytes.size()) * 8 + *at : *at);
    if (bit / 8 >= bytes.size()) {
      return false;
    }
    bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ (1U << (bit % 8)));
  } else if (const auto* size = number("cut")) {  // to so many bytes; from the end if negative
    bytes.resize(static_cast<std::size_t>(*size < 0 ? static_cast<std::int64_t>(bytes.size()) + *size : *size));
  } else if (const auto* gone = number("remove_line")) {
    const std::string_view whole = line(bytes, static_cast<std::size_t>(*gone));
    bytes.erase(static_cast<std::size_t>(whole.data() - bytes.data()), whole.size());
  } else if (const auto* first = number("swap_lines")) {  // this one and the next
    const std::string a(line(bytes, static_cast<std::size_t>(*first)));
    const std::string b(line(bytes, static_cast<std::size_t>(*first) + 1));
    const auto begin = static_cast<std::size_t>(line(bytes, static_cast<std::size_t>(*first)).data() - bytes.data());
    bytes.replace(begin, a.size() + b.size(), b + a);
  } else if (const Value* invert = about.find("invert")) {  // a byte, from the end, and every so many before it
    const std::int64_t every = std::max<std::int64_t>(number_of(*invert, "every", 1), 1);
    for (std::int64_t i = std::ssize(bytes) - number_of(*invert, "from_end", 1); i >= 0; i -= every) {
      char& byte = bytes[static_cast<std::size_t>(i)];
      byte = static_cast<char>(~static_cast<unsigned char>(byte));
    }
  } else if (const std::string* key = find_text(about, "reseal")) {  // by somebody who has the key
    bytes.resize(bytes.size() - std::min(bytes.size(), sizeof(base::Digest::bytes)));
    const base::Digest seal = base::hmac_sha256(*key, {bytes});
    bytes.append(reinterpret_cast<const char*>(seal.bytes.data()), seal.bytes.size());
  } else if (const std::string* more = find_text(about, "append")) {
    bytes += scene.expand(*more);
  } else if (const std::string* content = find_text(about, "replace")) {
    bytes = scene.expand(*content);
  } else if (const Value* edit = about.find("edit"); edit != nullptr && edit->as_map() != nullptr) {
    for (const document::Entry& entry : *edit->as_map()) {
      const std::size_t found = bytes.find(entry.name);
      if (found == std::string::npos || entry.value.as_string() == nullptr) {
        return false;
      }
      bytes.replace(found, entry.name.size(), *entry.value.as_string());
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace

Status tamper(Scene& scene, const Step& step) {
  const std::string* pattern = find_text(step.about, "file");
  if (pattern == nullptr) {
    return bad_step(step, "it names no 'file'");
  }
  const auto files = files_of(scene, *pattern);
  if (files.empty()) {
    return bad_step(step, fmt::format("no file is like '{}'", *pattern));
  }
  if (step.about.find("swap") != nullptr) {  // contents, of the first two
    if (files.size() < 2) {
      return bad_step(step, "there are no two files to swap");
    }
    const std::string first = read_bytes(files[0]);
    return write_bytes(files[0], read_bytes(files[1])) && write_bytes(files[1], first)
               ? Status()
               : bad_step(step, "cannot be written");
  }
  for (const auto& file : files) {
    std::error_code error;
    if (const std::int64_t* mode = find_number(step.about, "mode")) {
      if (::chmod(file.c_str(), static_cast<mode_t>(*mode)) != 0) {
        return bad_step(step, "the mode cannot be changed");
      }
      continue;
    }
    if (step.about.find("link") != nullptr) {  // the file moves, and a link takes its place
      const std::filesystem::path moved = scene.state() / ("moved-" + file.filename().native());
      std::filesystem::rename(file, moved, error);
      std::filesystem::create_symlink(moved, file, error);
      if (error) {
        return bad_step(step, "the link cannot be made");
      }
      continue;
    }
    std::string bytes = read_bytes(file);
    if (!change(scene, step.about, bytes) || !write_bytes(file, bytes)) {
      return bad_step(step, fmt::format("'{}' cannot be changed like that", file.filename().native()));
    }
  }
  return {};
}

Status verify_audit(Scene& scene, const Step& step) {
  scene.drop_runtime();
  const auto files = observe::audit_files(scene.state() / "audit.jsonl");
  if (!files) {
    return bad_step(step, files.error().message);
  }
  observe::AuditVerifier verifier({});
  CAISSON_CHECK(observe::read_audit(files->files, [&](const observe::AuditLine& one) {
    verifier.add(one);
    return true;
  }));
  const observe::AuditVerdict verdict = verifier.finish();
  scene.facts().verdict = verdict.intact() ? "OK" : "E_INTEGRITY";
  scene.facts().reason.clear();
  for (const Diagnostic& finding : verdict.findings) {
    if (finding.severity == Severity::kError && scene.facts().reason.empty()) {
      scene.facts().reason = finding.reason;
    }
    scene.facts().said += '\n' + to_string(finding);
  }
  return {};
}

}  // namespace caisson::attack
