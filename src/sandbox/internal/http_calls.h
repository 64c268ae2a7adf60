#pragma once

#include "document/value.h"
#include "net/http_client.h"
#include "sandbox/internal/call_state.h"
#include "sandbox/internal/http_message.h"
#include "sandbox/internal/operations.h"
#include "sandbox/internal/redactor.h"
#include "sandbox/outcome.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// The HTTP requests of one call: what was granted is asked, what was spent is counted, and every decision is told.
///
/// Lifetime: one call; secrets that were used are wiped with it. Threads: the guest's only.
class HttpCalls {
 public:
  explicit HttpCalls(const HttpHost& host) : host_(host) {}

  /// The operation `http.fetch`.
  [[nodiscard]] OperationStatus fetch(CallState& call, const document::Value& head, std::string_view body,
                                      std::string& result);

  void add_to(Usage& usage) const;
  /// Replaces the secrets that were used in what is left of the call.
  void redact(Outcome& outcome) const;
  void redact(std::string& text) const;

 private:
  /// One request on its way: what an event says of it.
  struct Attempt {
    std::string method{};
    std::string origin{};
    std::string reason{};  ///< of a refusal or a failure
    std::string why{};
    int status = 0;
  };
  [[nodiscard]] OperationStatus decide(CallState& call, const document::Value& head, std::string_view body,
                                       std::string& result, Attempt& attempt);
  [[nodiscard]] OperationStatus send(CallState& call, const net::HttpRequest& request, std::string& result,
                                     Attempt& attempt);
  [[nodiscard]] std::optional<OperationStatus> fill_in(CallState& call, const HttpHead& head, net::HttpRequest& request,
                                                       std::string& result, Attempt& attempt);
  [[nodiscard]] std::optional<OperationStatus> over_limit(CallState& call, const net::HttpRequest& request,
                                                          Attempt& attempt) const;
  void tell(const CallState& call, const Attempt& attempt, OperationStatus status) const;

  HttpHost host_;
  std::unique_ptr<net::HttpSession> session_;
  Redactor redactor_;
  std::uint64_t requests_ = 0;
  std::map<std::string, std::uint64_t> by_origin_;
};

}  // namespace caisson::sandbox
