#include "net/server_identity.h"

#include "net/address.h"
#include "net/internal/shared_library.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

namespace caisson::net {

namespace {

constexpr long kDay = 24L * 3'600;

/// The functions of libssl that are used. Like libcurl it is loaded when it is first needed.
struct TlsLibrary {
  decltype(&TLS_server_method) server_method = nullptr;
  decltype(&SSL_CTX_new) context_new = nullptr;
  decltype(&SSL_CTX_free) context_free = nullptr;
  decltype(&SSL_CTX_use_certificate) use_certificate = nullptr;
  decltype(&SSL_CTX_use_PrivateKey) use_key = nullptr;
  decltype(&SSL_new) connection_new = nullptr;
  decltype(&SSL_free) connection_free = nullptr;
  decltype(&SSL_set_fd) set_socket = nullptr;
  decltype(&SSL_accept) accept = nullptr;
  decltype(&SSL_read) read = nullptr;
  decltype(&SSL_write) write = nullptr;
};

std::optional<TlsLibrary> load() noexcept {
  SharedLibrary library("libssl.so.3");
  TlsLibrary out;
  library.find(out.server_method, "TLS_server_method");
  library.find(out.context_new, "SSL_CTX_new");
  library.find(out.context_free, "SSL_CTX_free");
  library.find(out.use_certificate, "SSL_CTX_use_certificate");
  library.find(out.use_key, "SSL_CTX_use_PrivateKey");
  library.find(out.connection_new, "SSL_new");
  library.find(out.connection_free, "SSL_free");
  library.find(out.set_socket, "SSL_set_fd");
  library.find(out.accept, "SSL_accept");
  library.find(out.read, "SSL_read");
  library.find(out.write, "SSL_write");
  return library.complete() ? std::optional(out) : std::nullopt;
}

const TlsLibrary* tls_library() noexcept {
  static const std::optional<TlsLibrary> library = load();
  return library ? &*library : nullptr;
}

/// A test without its certificate tests nothing.
template <typename T>
T* required(T* made) {
  if (made == nullptr) {
    std::abort();
  }
  return made;
}

void add_names(X509* certificate, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += fmt::format("{}{}:{}", list.empty() ? "" : ",", parse_address(name) ? "IP" : "DNS", name);
  }
  X509_EXTENSION* extension = required(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, list.c_str()));
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

class TlsWire final : public HttpServer::Wire {
 public:
  TlsWire(const TlsLibrary& tls, ssl_ctx_st* context, int socket)
      : tls_(tls), ssl_(required(tls.connection_new(context)), tls.connection_free) {
    tls.set_socket(ssl_.get(), socket);
  }
  bool accept() { return tls_.accept(ssl_.get()) == 1; }
  std::ptrdiff_t receive(std::span<char> bytes) override {
    return tls_.read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::ptrdiff_t send(std::string_view bytes) override {
    return tls_.write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  const TlsLibrary& tls_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace

void ServerIdentity::CleanUp::operator()(ssl_ctx_st* context) const noexcept { tls_library()->context_free(context); }

ServerIdentity::ServerIdentity(const Options& options) {
  const TlsLibrary* tls = tls_library();
  if (tls == nullptr) {
    return;
  }
  context_.reset(required(tls->context_new(tls->server_method())));
  EVP_PKEY* key = required(EVP_EC_gen("P-256"));
  X509* certificate = required(X509_new());
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -10 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), options.expired ? -kDay : kDay);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  add_names(certificate, options.names);
  X509_sign(certificate, key, EVP_sha256());
  tls->use_certificate(context_.get(), certificate);
  tls->use_key(context_.get(), key);
  BIO* memory = required(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory, certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  certificate_.assign(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

ServerIdentity::~ServerIdentity() = default;

std::unique_ptr<HttpServer::Wire> ServerIdentity::accept(int socket) const {
  if (context_ == nullptr) {
    return nullptr;
  }
  auto wire = std::make_unique<TlsWire>(*tls_library(), context_.get(), socket);
  return wire->accept() ? std::move(wire) : nullptr;
}

}  // namespace caisson::net
