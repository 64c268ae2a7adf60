// Steps `certify`, `serve`, `names` and `environ`: what lies around a guest that uses the network.

#include "attack/internal/steps.h"
#include "attack/internal/values.h"
#include "net/address.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace caisson::attack {

namespace {

using document::Value;

using Act = Network::Act;

std::optional<Act> act_of(const Scene& scene, const Value& value) {
  if (const std::string* text = value.as_string()) {
    return Act{.text = scene.expand(*text)};
  }
  if (const std::string* echo = find_text(value, "echo")) {
    const bool plain = *echo == "plain";
    return plain || *echo == "base64" ? std::optional(Act{plain ? Act::Kind::kEcho : Act::Kind::kEchoBase64})
                                      : std::nullopt;
  }
  if (value.find("stall") != nullptr) {
    return Act{Act::Kind::kStall};
  }
  if (value.find("close") != nullptr) {
    return Act{Act::Kind::kClose};
  }
  if (const std::string* text = find_text(value, "text")) {
    return Act{.text = scene.expand(*text),
               .times = number_of(value, "times", 1),
               .wait = std::chrono::milliseconds(number_of(value, "wait_ms", 0))};
  }
  return std::nullopt;
}

std::vector<Value> items_of(const Value& value) {
  const document::List* list = value.as_list();
  return list == nullptr ? std::vector<Value>{value} : std::vector<Value>(list->begin(), list->end());
}

std::optional<std::vector<net::IpAddress>> addresses_of(const Value& value) {
  std::vector<net::IpAddress> out;
  for (const Value& item : items_of(value)) {
    const auto address = item.as_string() == nullptr ? std::nullopt : net::parse_address(*item.as_string());
    if (!address) {
      return std::nullopt;
    }
    out.push_back(*address);
  }
  return out;
}

}  // namespace

Status certify(Scene& scene, const Step& step) {
  if (step.about.as_map() == nullptr) {
    return bad_step(step, "it is not a map");
  }
  std::string trusted;
  for (const document::Entry& entry : *step.about.as_map()) {
    const Value* names = entry.value.find("names");
    net::ServerIdentity::Options options{.names = {}, .expired = entry.value.find("expired") != nullptr};
    for (const Value& name : names == nullptr ? std::vector<Value>() : items_of(*names)) {
      options.names.push_back(name.as_string() == nullptr ? std::string() : *name.as_string());
    }
    if (options.names.empty() || options.names.front().empty()) {
      return bad_step(step, fmt::format("server '{}' has no names", entry.name));
    }
    CAISSON_TRY(const std::string certificate, scene.network().certify(entry.name, options));
    trusted += entry.value.find("trusted") != nullptr ? certificate : "";
  }
  if (!write_bytes(scene.folder() / "trusted.pem", trusted)) {
    return bad_step(step, "the certificates cannot be written");
  }
  return {};
}

Status serve(Scene& scene, const Step& step) {
  if (step.about.as_map() == nullptr) {
    return bad_step(step, "it is not a map");
  }
  for (const document::Entry& entry : *step.about.as_map()) {
    CAISSON_CHECK(scene.network().start(entry.name));
  }
  for (const document::Entry& entry : *step.about.as_map()) {  // all of them have their port now
    Network::Script script;
    for (const Value& item : items_of(entry.value)) {
      auto act = act_of(scene, item);
      if (!act) {
        return bad_step(step, fmt::format("server '{}' cannot do what line {} says", entry.name, item.mark().line));
      }
      script.push_back(*std::move(act));
    }
    scene.network().set_script(entry.name, std::move(script));
  }
  return {};
}

Status names(Scene& scene, const Step& step) {
  if (step.about.as_map() == nullptr) {
    return bad_step(step, "it is not a map");
  }
  for (const document::Entry& entry : *step.about.as_map()) {
    std::vector<std::vector<net::IpAddress>> answers;
    for (const Value& item : items_of(entry.value)) {
      auto addresses = addresses_of(item);
      if (!addresses) {
        return bad_step(step, fmt::format("'{}' has what is no address", entry.name));
      }
      answers.push_back(*std::move(addresses));
    }
    scene.network().set_name(entry.name, std::move(answers));
  }
  return {};
}

Status environ(Scene& scene, const Step& step) {
  if (step.about.as_map() == nullptr) {
    return bad_step(step, "it is not a map");
  }
  for (const document::Entry& entry : *step.about.as_map()) {
    const std::string* text = entry.value.as_string();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the process is the scene's, and what else runs in it reads no variable
    if (text == nullptr || ::setenv(entry.name.c_str(), scene.expand(*text).c_str(), 1) != 0) {
      return bad_step(step, fmt::format("the variable '{}' cannot be set", entry.name));
    }
  }
  return {};
}

}  // namespace caisson::attack
