#include "net/internal/curl_library.h"

#include <optional>
#include <type_traits>

#include <dlfcn.h>

namespace caisson::net {

namespace {

std::optional<CurlLibrary> load() noexcept {
  // Never closed: it may have threads and thread-local data of its own.
  void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return std::nullopt;
  }
  bool complete = true;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    complete = complete && function != nullptr;
  };
  CurlLibrary out;
  find(out.global_init, "curl_global_init");
  find(out.free, "curl_free");
  find(out.easy_init, "curl_easy_init");
  find(out.easy_cleanup, "curl_easy_cleanup");
  find(out.easy_setopt, "curl_easy_setopt");
  find(out.easy_getinfo, "curl_easy_getinfo");
  find(out.easy_strerror, "curl_easy_strerror");
  find(out.multi_init, "curl_multi_init");
  find(out.multi_cleanup, "curl_multi_cleanup");
  find(out.multi_setopt, "curl_multi_setopt");
  find(out.multi_add_handle, "curl_multi_add_handle");
  find(out.multi_remove_handle, "curl_multi_remove_handle");
  find(out.multi_perform, "curl_multi_perform");
  find(out.multi_info_read, "curl_multi_info_read");
  find(out.multi_poll, "curl_multi_poll");
  find(out.url, "curl_url");
  find(out.url_cleanup, "curl_url_cleanup");
  find(out.url_set, "curl_url_set");
  find(out.url_get, "curl_url_get");
  if (!complete || out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
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
