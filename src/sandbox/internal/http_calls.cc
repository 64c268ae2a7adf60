#include "sandbox/internal/http_calls.h"

#include "base/control.h"
#include "base/encoding.h"
#include "base/unicode.h"
#include "base/wipe.h"
#include "sandbox/http_grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::sandbox {

namespace {

std::string_view verdict_name(OperationStatus status) noexcept {
  switch (status) {
    case OperationStatus::kOk:
      return "ok";
    case OperationStatus::kDenied:
      return "denied";
    case OperationStatus::kInvalid:
      return "invalid";
    case OperationStatus::kLimit:
      return "limit";
    default:
      return "failed";
  }
}

bool has_header(const std::vector<net::Header>& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const net::Header& header) { return net::same_name(header.name, name); });
}

/// Whether the body is packed in some way, so that a secret in it would not be seen.
bool is_packed(const net::HttpResponse& response) {
  return std::ranges::any_of(response.headers, [](const net::Header& header) {
    return header.name == "content-encoding" && !header.value.empty() && !net::same_name(header.value, "identity");
  });
}

/// A request whose headers have secrets in them.
class WipeHeaders {
 public:
  explicit WipeHeaders(std::vector<net::Header>& headers) noexcept : headers_(headers) {}
  WipeHeaders(const WipeHeaders&) = delete;
  WipeHeaders& operator=(const WipeHeaders&) = delete;
  ~WipeHeaders() {
    for (net::Header& header : headers_) {
      base::wipe(header.value);
    }
  }

 private:
  std::vector<net::Header>& headers_;
};

}  // namespace

OperationStatus HttpCalls::fetch(CallState& call, const document::Value& head, std::string_view body,
                                 std::string& result) {
  Attempt attempt;
  const OperationStatus status = decide(call, head, body, result, attempt);
  tell(call, attempt, status);
  return status;
}

OperationStatus HttpCalls::decide(CallState& call, const document::Value& head, std::string_view body,
                                  std::string& result, Attempt& attempt) {
  const auto invalid = [&](const Error& error) {
    attempt.reason = "sandbox.bad_request";
    attempt.why = error.message;
    result = error.message;
    call.record({ViolationKind::kCapability, ViolationSeverity::kMedium,
                 fmt::format("http.fetch: refused as it is: {}", error.message)});
    return OperationStatus::kInvalid;
  };
  auto decoded = decode_http_head(head);
  if (!decoded) {
    return invalid(decoded.error());
  }
  auto url = net::parse_url(decoded->url);
  if (url) {
    url = canonical_url(*url);
  }
  if (!url) {
    return invalid(url.error());
  }
  net::HttpRequest request{std::move(decoded->method), std::move(url).value(), std::move(decoded->headers), {}};
  attempt.method = base::printable(base::shorten(request.method, 20));
  attempt.origin = request.url.origin();
  if (Status method = net::check_method(request.method); !method) {
    return invalid(method.error());
  }
  if (base::holds(base::Control::kHttpPattern) && !is_granted(call.grants().net, request.method, request.url)) {
    const bool usual = request.method == "GET" || request.method == "HEAD";
    attempt.reason = "sandbox.not_granted";
    attempt.why = fmt::format("{} {}{} is not granted", request.method, attempt.origin, request.url.path);
    result = call.denied(fmt::format("{} {}{}", request.method, attempt.origin, base::shorten(request.url.path, 100)),
                         fmt::format("grants: {{net: ['{}{}']}}", usual ? "" : request.method + " ", attempt.origin),
                         ViolationSeverity::kMedium);
    return OperationStatus::kDenied;
  }
  if (host_.client == nullptr) {
    attempt.reason = "sandbox.no_http";
    attempt.why = "this executor has no HTTP";
    result = attempt.reason;
    return OperationStatus::kFailed;
  }
  if (body.size() > call.limits().http_bytes) {  // before it is copied
    call.limited(ViolationKind::kNetworkLimit, fmt::format("http_bytes: a body of {} bytes does not fit into {}",
                                                           body.size(), call.limits().http_bytes));
    attempt.reason = "sandbox.http_limit";
    attempt.why = result = fmt::format("a call may move at most {} bytes over HTTP", call.limits().http_bytes);
    return OperationStatus::kLimit;
  }
  request.body = body;
  const WipeHeaders wipe(request.headers);
  if (const auto refused = fill_in(call, *decoded, request, result, attempt)) {
    result = *refused == OperationStatus::kFailed ? attempt.reason : result;
    return *refused;
  }
  if (Status headers = net::check_request_headers(request.headers); !headers) {
    return invalid(headers.error());
  }
  if (!decoded->secrets.empty() && has_header(request.headers, "range")) {
    return invalid({Category::kInvalidArgument, "sandbox.bad_request",
                    "a request with a secret asks for the whole answer: leave out the header Range"});
  }
  if (const auto over = over_limit(call, request, attempt)) {
    result = attempt.why;
    return *over;
  }
  return send(call, request, result, attempt);
}

std::optional<OperationStatus> HttpCalls::fill_in(CallState& call, const HttpHead& head, net::HttpRequest& request,
                                                  std::string& result, Attempt& attempt) {
  request.headers.reserve(request.headers.size() + head.secrets.size());  // no value is left behind by growing
  for (const SecretHeader& wanted : head.secrets) {
    const std::string name = base::printable(base::shorten(wanted.secret, 64));
    const std::vector<std::string>& granted = call.grants().secrets;
    if (std::ranges::find(granted, wanted.secret) == granted.end()) {
      attempt.reason = "sandbox.secret_denied";
      attempt.why = fmt::format("the secret {} is not granted", name);
      result = call.denied(fmt::format("the secret {}", name), fmt::format("grants: {{secrets: [{}]}}", name),
                           ViolationSeverity::kMedium);
      return OperationStatus::kDenied;
    }
    const bool bound = host_.secrets != nullptr && (host_.secrets->is_bound_to(wanted.secret, request.url) ||
                                                    !base::holds(base::Control::kSecretHost));
    if (!bound) {
      attempt.reason = "sandbox.secret_denied";
      attempt.why = fmt::format("the secret {} is not for {}", name, attempt.origin);
      result =
          call.denied(fmt::format("the secret {} for {}", name, attempt.origin),
                      fmt::format("[secrets.{}] hosts = [\"{}\"]", name, attempt.origin), ViolationSeverity::kHigh);
      return OperationStatus::kDenied;
    }
    const auto began = call.watch().now();
    auto value = host_.secrets->read(
        wanted.secret, {call.watch().deadline(), [&] { return call.watch().look_since(began).has_value(); }});
    call.watch().count_wait(call.watch().now() - began);
    if (const auto ending = call.watch().look_since(began)) {
      call.end(*ending);
    }
    if (!value) {
      attempt.reason = "sandbox.secret_unavailable";
      attempt.why = fmt::format("the secret {}: {}", name, value.error().message);
      if (host_.observer != nullptr) {  // an operator has to see to it
        const std::array attributes = {observe::Attribute{"node", call.program()},
                                       observe::Attribute{"why", std::string_view(attempt.why)}};
        host_.observer->on_event({"sandbox.secret_unavailable", attributes});
      }
      return OperationStatus::kFailed;
    }
    const base::WipeAtEnd wipe_value(*value);
    if (base::holds(base::Control::kSecretRedaction)) {
      redactor_.add(name, *value);
    }
    std::string filled;
    if (wanted.user.empty()) {
      filled.reserve(wanted.prefix.size() + value->size());  // no copy is left behind by growing
      filled.append(wanted.prefix).append(*value);
    } else {
      std::string pair;
      pair.reserve(wanted.user.size() + 1 + value->size());
      pair.append(wanted.user).append(1, ':').append(*value);
      const base::WipeAtEnd wipe_pair(pair);
      std::string encoded = base::base64(pair);
      const base::WipeAtEnd wipe_encoded(encoded);
      filled = "Basic " + encoded;
    }
    request.headers.push_back({wanted.header, std::move(filled)});
  }
  return std::nullopt;
}

std::optional<OperationStatus> HttpCalls::over_limit(CallState& call, const net::HttpRequest& request,
                                                     Attempt& attempt) const {
  const Limits& limits = call.limits();
  const net::Traffic used = session_ == nullptr ? net::Traffic{} : session_->traffic();
  const std::uint64_t moved = used.sent_bytes + used.received_bytes;
  if (requests_ >= limits.http_requests) {
    attempt.why = fmt::format("a call may make at most {} HTTP requests", limits.http_requests);
  } else if (limits.http_connections == 0) {
    attempt.why = "a call may have no HTTP connection";
  } else if (moved >= limits.http_bytes || net::sent_size(request) >= limits.http_bytes - moved) {
    attempt.why = fmt::format("a call may move at most {} bytes over HTTP", limits.http_bytes);
  } else {
    return std::nullopt;
  }
  attempt.reason = "sandbox.http_limit";
  call.limited(ViolationKind::kNetworkLimit, "http: " + attempt.why);
  return OperationStatus::kLimit;
}

OperationStatus HttpCalls::send(CallState& call, const net::HttpRequest& request, std::string& result,
                                Attempt& attempt) {
  const Limits& limits = call.limits();
  if (session_ == nullptr) {
    session_ = host_.client->open(limits.http_connections);
  }
  ++requests_;
  ++by_origin_[fmt::format("{} {}", attempt.method, attempt.origin)];
  const net::Traffic used = session_->traffic();
  const std::uint64_t most = limits.http_bytes - used.sent_bytes - used.received_bytes - net::sent_size(request);
  CallWatch& watch = call.watch();
  const auto began = watch.now();
  auto response =
      session_->fetch(request, {{watch.deadline(), [&] { return watch.look_since(began).has_value(); }}, most});
  watch.count_wait(watch.now() - began);
  if (const auto ending = watch.look_since(began)) {
    call.end(*ending);
    attempt.reason = "net.stopped";
    attempt.why = "the call ended";
    return OperationStatus::kFailed;
  }
  if (response && !redactor_.empty() && is_packed(*response)) {
    response = Error{Category::kUnavailable, "net.bad_answer",
                     "the answer to a request with a secret is packed, though nobody asked for that"};
  }
  if (!response) {
    const Error& error = response.error();
    attempt.reason = error.reason;
    attempt.why = error.message;
    if (error.reason == "net.address_denied") {
      call.record({ViolationKind::kCapability, ViolationSeverity::kHigh, "Capability not granted: " + error.message});
      return OperationStatus::kDenied;
    }
    if (error.reason == "net.too_large") {
      result = fmt::format("a call may move at most {} bytes over HTTP", limits.http_bytes);
      call.limited(ViolationKind::kNetworkLimit, "http: " + result);
      return OperationStatus::kLimit;
    }
    result = error.reason;  // and no more: what went wrong outside is not the guest's to know
    return error.category == Category::kInvalidArgument ? OperationStatus::kInvalid : OperationStatus::kFailed;
  }
  attempt.status = response->status;
  for (net::Header& header : response->headers) {
    redactor_.apply(header.name);
    redactor_.apply(header.value);
  }
  redactor_.apply(response->body);
  result = encode_http_response(*response);
  return OperationStatus::kOk;
}

void HttpCalls::tell(const CallState& call, const Attempt& attempt, OperationStatus status) const {
  if (host_.observer == nullptr || !host_.observer->enabled()) {
    return;
  }
  std::string why = attempt.why;
  redactor_.apply(why);
  const std::array attributes = {
      observe::Attribute{"node", call.program()},
      observe::Attribute{"method", std::string_view(attempt.method)},
      observe::Attribute{"origin", std::string_view(attempt.origin)},
      observe::Attribute{"verdict", verdict_name(status)},
      observe::Attribute{"reason", std::string_view(attempt.reason)},
      observe::Attribute{"status", static_cast<std::int64_t>(attempt.status)},
      observe::Attribute{"why", std::string_view(why)},
  };
  host_.observer->on_event({"sandbox.http", attributes});
}

void HttpCalls::add_to(Usage& usage) const {
  const net::Traffic traffic = session_ == nullptr ? net::Traffic{} : session_->traffic();
  usage.http_requests = requests_;
  usage.http_connections = traffic.connections;
  usage.http_sent_bytes = traffic.sent_bytes;
  usage.http_received_bytes = traffic.received_bytes;
  usage.http_requests_by_origin.assign(by_origin_.begin(), by_origin_.end());
}

void HttpCalls::redact(std::string& text) const { redactor_.apply(text); }

void HttpCalls::redact(Outcome& outcome) const {
  if (redactor_.empty()) {
    return;
  }
  redactor_.apply(outcome.captured.standard_output);
  redactor_.apply(outcome.captured.standard_error);
  for (LogLine& line : outcome.captured.log) {
    redactor_.apply(line.text);
  }
  for (EmittedRecord& record : outcome.captured.emitted) {
    redactor_.apply(record.topic);
    redactor_.apply(record.bytes);
  }
  for (Violation& violation : outcome.violations) {
    redactor_.apply(violation.description);
  }
  if (outcome.error) {
    redactor_.apply(outcome.error->message);
  }
  std::string output(outcome.output.bytes());
  if (redactor_.apply(output)) {
    outcome.output = Payload(std::move(output), std::string(outcome.output.media_type()));
  }
}

}  // namespace caisson::sandbox
