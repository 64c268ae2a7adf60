#include "net/internal/curl_library.h"

#include "net/internal/shared_library.h"

#include <optional>

namespace caisson::net {

namespace {

std::optional<CurlLibrary> load() noexcept {
  SharedLibrary library("libcurl.so.4");
  CurlLibrary out;
  library.find(out.global_init, "curl_global_init");
  library.find(out.free, "curl_free");
  library.find(out.easy_init, "curl_easy_init");
  library.find(out.easy_cleanup, "curl_easy_cleanup");
  library.find(out.easy_setopt, "curl_easy_setopt");
  library.find(out.easy_getinfo, "curl_easy_getinfo");
  library.find(out.easy_strerror, "curl_easy_strerror");
  library.find(out.multi_init, "curl_multi_init");
  library.find(out.multi_cleanup, "curl_multi_cleanup");
  library.find(out.multi_setopt, "curl_multi_setopt");
  library.find(out.multi_add_handle, "curl_multi_add_handle");
  library.find(out.multi_remove_handle, "curl_multi_remove_handle");
  library.find(out.multi_perform, "curl_multi_perform");
  library.find(out.multi_info_read, "curl_multi_info_read");
  library.find(out.multi_poll, "curl_multi_poll");
  library.find(out.url, "curl_url");
  library.find(out.url_cleanup, "curl_url_cleanup");
  library.find(out.url_set, "curl_url_set");
  library.find(out.url_get, "curl_url_get");
  if (!library.complete() || out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

const CurlLibrary* curl_library() noexcept {
  static const std::optional<CurlLibrary> library = load();
  return library ? &*library : nullptr;
}

}  // namespace caisson::net
