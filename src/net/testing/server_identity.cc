#include "net/testing/server_identity.h"

#include "net/address.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <span>
#include <utility>

namespace caisson::net {

namespace {

constexpr long kDay = 24L * 3'600;

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
  TlsWire(ssl_ctx_st* context, int socket) : ssl_(required(SSL_new(context))) { SSL_set_fd(ssl_.get(), socket); }
  bool accept() { return SSL_accept(ssl_.get()) == 1; }
  std::ptrdiff_t receive(std::span<char> bytes) override {
    return SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::ptrdiff_t send(std::string_view bytes) override {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  struct CleanUp {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, CleanUp> ssl_;
};

}  // namespace

void ServerIdentity::CleanUp::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

ServerIdentity::ServerIdentity(const Options& options) : context_(required(SSL_CTX_new(TLS_server_method()))) {
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
  SSL_CTX_use_certificate(context_.get(), certificate);
  SSL_CTX_use_PrivateKey(context_.get(), key);
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
  auto wire = std::make_unique<TlsWire>(context_.get(), socket);
  return wire->accept() ? std::move(wire) : nullptr;
}

}  // namespace caisson::net
