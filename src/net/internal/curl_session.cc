#include "net/internal/curl_session.h"

#include "base/control.h"
#include "base/no_broken_pipe.h"
#include "base/unicode.h"
#include "base/wipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <sys/socket.h>

namespace caisson::net {

namespace {

constexpr std::uint64_t kMostHead = 256U << 10;  // of an answer, 1xx answers and trailers included
constexpr int kInformational = 100;              // classes of status
constexpr int kFinal = 200;
// How much later a transfer ends that knows of no end, in a build for tests.
constexpr auto kNoDeadline = std::chrono::seconds(4);

using base::Control;
using base::holds;

struct CleanUpEasy {
  void operator()(CURL* easy) const noexcept { curl_library()->easy_cleanup(easy); }
};

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// A list of texts as curl wants it. Ours, not curl's copies: what holds a secret is wiped here.
class TextList {
 public:
  TextList() = default;
  TextList(const TextList&) = delete;
  TextList& operator=(const TextList&) = delete;
  ~TextList() { std::ranges::for_each(texts_, base::wipe); }

  /// Of texts that will be added: none is left behind by growing.
  void reserve(std::size_t count) { texts_.reserve(count); }
  void add(std::string text) { texts_.push_back(std::move(text)); }
  /// Valid until the next `add`.
  [[nodiscard]] curl_slist* get() {
    nodes_.resize(texts_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      nodes_[i] = {texts_[i].data(), i + 1 < nodes_.size() ? &nodes_[i + 1] : nullptr};
    }
    return nodes_.empty() ? nullptr : nodes_.data();
  }

 private:
  std::vector<std::string> texts_;
  std::vector<curl_slist> nodes_;
};

/// One request under way: what its callbacks read and fill.
class Transfer {
 public:
  Transfer(const CurlLibrary& curl, const HttpClientOptions& options, const HttpRequest& request,
           const HttpAllowance& allowance, std::vector<IpAddress> addresses, Traffic& traffic)
      : curl_(curl),
        options_(options),
        request_(request),
        allowance_(allowance),
        addresses_(std::move(addresses)),
        traffic_(traffic),
        easy_(curl.easy_init()) {}

  Result<HttpResponse> run(CURLM* multi);

 private:
  [[nodiscard]] bool set_up();
  void set_method();
  void set_headers();
  [[nodiscard]] std::optional<Error> wait(CURLM* multi, CURLcode& code);
  [[nodiscard]] Error failure(CURLcode code) const;
  [[nodiscard]] bool count(std::size_t bytes) noexcept;
  [[nodiscard]] bool add_line(std::string_view line);
  [[nodiscard]] curl_socket_t connect(const curl_sockaddr& to);

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* to) noexcept;

  template <typename T>
  void set(CURLoption option, T value) {
    settings_good_ = curl_.easy_setopt(easy_.get(), option, value) == CURLE_OK && settings_good_;
  }
  [[nodiscard]] std::string_view why() const noexcept { return why_.data(); }

  const CurlLibrary& curl_;
  const HttpClientOptions& options_;
  const HttpRequest& request_;
  const HttpAllowance& allowance_;
  std::vector<IpAddress> addresses_;
  Traffic& traffic_;
  TextList headers_;
  TextList resolved_;
  std::unique_ptr<CURL, CleanUpEasy> easy_;
  bool settings_good_ = true;
  std::array<char, CURL_ERROR_SIZE> why_{};
  std::uint64_t received_ = 0;
  std::uint64_t head_bytes_ = 0;
  bool too_large_ = false;
  std::optional<Error> refused_;  // the address that was about to be connected to
  int status_ = 0;
  bool head_done_ = false;
  HttpResponse response_;
};

void Transfer::set_method() {
  const std::string& method = request_.method;
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request_.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void Transfer::set_headers() {
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(request_.headers, [&](const Header& header) { return same_name(header.name, name); });
  };
  headers_.reserve(request_.headers.size() + 4);
  for (const Header& header : request_.headers) {
    const std::string_view value = trimmed(header.value);
    headers_.add(value.empty() ? header.name + ";" : fmt::format("{}: {}", header.name, value));
  }
  // What curl would say by itself, said here or not at all.
  headers_.add("Accept-Encoding: identity");
  headers_.add("Expect:");
  if (!has("user-agent")) {
    headers_.add("User-Agent: caisson");
  }
  if (!has("content-type")) {
    headers_.add("Content-Type:");
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
  ++traffic_.requests;
  traffic_.sent_bytes += sent_size(request_);
}

bool Transfer::set_up() {
  if (easy_ == nullptr) {
    return false;
  }
  set(CURLOPT_ERRORBUFFER, why_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_URL, request_.url.text().c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_DEFAULT_PROTOCOL, request_.url.scheme.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_FOLLOWLOCATION, holds(Control::kHttpRedirect) ? 0L : 1L);
  if (holds(Control::kHttpProxy)) {
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
  }
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_UNRESTRICTED_AUTH, 0L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_SSL_VERIFYPEER, holds(Control::kTlsVerification) ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, holds(Control::kTlsVerification) ? 2L : 0L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.certificates.empty()) {
    set(CURLOPT_CAINFO, options_.certificates.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(std::min<std::uint64_t>(
                                     std::max<std::uint64_t>(allowance_.received_bytes, 1), 1ULL << 62)));
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  if (!request_.url.address) {
    std::string line = fmt::format("{}:{}:", request_.url.host, request_.url.port);
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
      const std::string text = to_string(addresses_[i]);
      line += (i == 0 ? "" : ",") + (addresses_[i].is_v4 ? text : "[" + text + "]");
    }
    resolved_.add(std::move(line));
    set(CURLOPT_RESOLVE, resolved_.get());
  }
  set_method();
  set_headers();
  return settings_good_;
}

bool Transfer::count(std::size_t bytes) noexcept {
  received_ += bytes;
  traffic_.received_bytes += bytes;
  too_large_ = too_large_ || received_ > allowance_.received_bytes;
  return !too_large_;
}

bool Transfer::add_line(std::string_view line) {
  head_bytes_ += line.size();
  too_large_ = too_large_ || head_bytes_ > kMostHead;
  if (!count(line.size())) {
    return false;
  }
  if (line.starts_with("HTTP/") && (!head_done_ || (status_ >= kInformational && status_ < kFinal))) {
    const std::size_t blank = std::min(line.find(' '), line.size() - 1);
    const std::string_view digits = line.substr(blank + 1, 3);
    status_ = 0;
    for (const char c : digits) {
      status_ = c >= '0' && c <= '9' ? status_ * 10 + (c - '0') : status_;
    }
    head_done_ = false;
    response_.headers.clear();
  } else if (trimmed(line).empty()) {
    head_done_ = true;
  } else if (!head_done_) {
    const std::size_t colon = line.find(':');
    if ((line.front() == ' ' || line.front() == '\t') && !response_.headers.empty()) {
      response_.headers.back().value.append(" ").append(trimmed(line));
    } else if (colon != std::string_view::npos) {
      std::string name(line.substr(0, colon));
      std::ranges::transform(name, name.begin(), lower);
      response_.headers.push_back({std::move(name), std::string(trimmed(line.substr(colon + 1)))});
    }
  }
  return true;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  return static_cast<Transfer*>(self)->add_line({data, size * count}) ? size * count : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.count(size * count)) {
    return 0;
  }
  transfer.response_.body.append(data, size * count);
  return size * count;
}

curl_socket_t Transfer::connect(const curl_sockaddr& to) {
  const auto address = address_of(to.addr);
  const bool pinned = holds(Control::kHttpPin) && holds(Control::kHttpProxy);
  if (!address || (pinned && std::ranges::find(addresses_, *address) == addresses_.end())) {
    refused_ = Error{
        Category::kPermissionDenied, "net.address_denied",
        fmt::format("{} was about to be reached at an address that was not checked", base::quote(request_.url.host))};
    return CURL_SOCKET_BAD;
  }
  if (auto good = check_address(options_.reach, request_.url.host, *address); pinned && !good) {
    refused_ = std::move(good).error();
    return CURL_SOCKET_BAD;
  }
  if (options_.on_connect && !options_.on_connect(*address, request_.url.port)) {
    return CURL_SOCKET_BAD;
  }
  ++traffic_.connections;
  return socket(to.family, to.socktype | SOCK_CLOEXEC, to.protocol);
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype purpose, curl_sockaddr* to) noexcept {
  return purpose == CURLSOCKTYPE_IPCXN ? static_cast<Transfer*>(self)->connect(*to) : CURL_SOCKET_BAD;
}

/// Drives the transfer to its end. An error: patience ended before it.
std::optional<Error> Transfer::wait(CURLM* multi, CURLcode& code) {
  for (;;) {
    int running = 0;
    if (curl_.multi_perform(multi, &running) != CURLM_OK) {
      return Error{Category::kInternal, "net.failed", "the transfer could not be driven"};
    }
    int left_over = 0;
    while (const CURLMsg* message = curl_.multi_info_read(multi, &left_over)) {
      if (message->msg == CURLMSG_DONE && message->easy_handle == easy_.get()) {
        code = message->data.result;
        return std::nullopt;
      }
    }
    const Patience& patience = allowance_.patience;
    if (patience.stop && holds(Control::kHttpDeadline) && patience.stop()) {
      return Error{Category::kCancelled, "net.stopped", "the request was cancelled"};
    }
    const auto late = holds(Control::kHttpDeadline) ? std::chrono::seconds(0) : kNoDeadline;
    const auto left = patience.deadline + late - options_.environment->now();
    if (left <= left.zero()) {
      return Error{Category::kDeadlineExceeded, "net.deadline",
                   fmt::format("{} did not answer in time", request_.url.origin())};
    }
    const auto slice = std::min<std::chrono::nanoseconds>(left, Patience::kSlice);
    curl_.multi_poll(multi, nullptr, 0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(slice).count()),
                     nullptr);
  }
}

Error Transfer::failure(CURLcode code) const {
  const std::string origin = request_.url.origin();
  const std::string detail = base::printable(base::shorten(why().empty() ? curl_.easy_strerror(code) : why(), 300));
  const auto error = [&](Category category, std::string_view reason, std::string_view what) {
    return Error{category, std::string(reason), fmt::format("{}: {} ({})", origin, what, detail)};
  };
  if (refused_) {
    return *refused_;
  }
  if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
    return {Category::kResourceExhausted, "net.too_large",
            fmt::format("{}: the answer has more than {} bytes, or a head of more than {}", origin,
                        allowance_.received_bytes, kMostHead)};
  }
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_COULDNT_RESOLVE_HOST:
      return error(Category::kUnavailable, "net.connect", "no connection could be made");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return error(Category::kUnavailable, "net.tls", "no connection that can be trusted could be made");
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_URL_MALFORMAT:
      return error(Category::kInternal, "net.failed", "the request could not be made");
    default:
      return error(Category::kUnavailable, "net.bad_answer", "the answer broke off or is none");
  }
}

Result<HttpResponse> Transfer::run(CURLM* multi) {
  const base::NoBrokenPipe no_signal;
  if (!set_up() || curl_.multi_add_handle(multi, easy_.get()) != CURLM_OK) {
    return Error{Category::kInternal, "net.failed", "the request could not be set up"};
  }
  CURLcode code = CURLE_OK;
  auto ended = wait(multi, code);
  curl_.multi_remove_handle(multi, easy_.get());
  if (ended) {
    return std::move(*ended);
  }
  if (code != CURLE_OK) {
    return failure(code);
  }
  char* address = nullptr;
  if (curl_.easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address != nullptr) {
    response_.address = parse_address(address).value_or(IpAddress{});
  }
  response_.status = status_;
  return std::move(response_);
}

}  // namespace

void CurlSession::CleanUp::operator()(CURLM* multi) const noexcept {
  const base::NoBrokenPipe no_signal;  // TLS says goodbye, also to whom has gone
  curl_library()->multi_cleanup(multi);
}

CurlSession::CurlSession(const HttpClientOptions& options, std::uint32_t most_connections)
    : options_(options), curl_(curl_library()), multi_(curl_ == nullptr ? nullptr : curl_->multi_init()) {
  const long most = std::clamp<long>(most_connections, 1, 1'000);
  if (multi_ != nullptr) {
    curl_->multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, most);
    curl_->multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  }
}

Result<std::vector<IpAddress>> CurlSession::checked_addresses(const Url& url, const Patience& patience) {
  std::vector<IpAddress> addresses;
  if (url.address) {
    addresses.push_back(*url.address);
  } else {
    CAISSON_TRY(addresses, options_.resolver->resolve(url.host, patience));
  }
  for (const IpAddress& address : addresses) {
    CAISSON_CHECK(check_address(options_.reach, url.host, address));
  }
  if (!holds(Control::kHttpPin) && !url.address) {  // what a client does that looks the name up once more
    return options_.resolver->resolve(url.host, patience);
  }
  return addresses;
}

Result<HttpResponse> CurlSession::fetch(const HttpRequest& request, const HttpAllowance& allowance) {
  CAISSON_CHECK(check_method(request.method));
  CAISSON_CHECK(check_request_headers(request.headers));
  if (!request.body.empty() && (request.method == "GET" || request.method == "HEAD")) {
    return Error{Category::kInvalidArgument, "net.bad_body",
                 fmt::format("a request with method {} has no body", request.method)};
  }
  if (multi_ == nullptr) {
    return Error{Category::kInternal, "net.failed", "libcurl could not be started"};
  }
  CAISSON_TRY(std::vector<IpAddress> addresses, checked_addresses(request.url, allowance.patience));
  return Transfer(*curl_, options_, request, allowance, std::move(addresses), traffic_).run(multi_.get());
}

}  // namespace caisson::net
