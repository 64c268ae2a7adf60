#include "base/file_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace caisson::base {

Error file_error(std::string_view doing, const std::filesystem::path& path, int code) {
  const auto error = [&](Category category, std::string_view reason, std::string_view why) {
    return Error{category, std::string(reason), fmt::format("cannot {} '{}': {}", doing, path.native(), why)};
  };
  const std::string why = std::generic_category().message(code);
  switch (code) {
    case ENOENT:
      return error(Category::kNotFound, "file.missing",
                   doing == "write" || doing == "create" ? "its folder does not exist" : "there is no such file");
    case ENOTDIR:
      return error(Category::kNotFound, "file.missing", "a part of its path is not a directory");
    case EACCES:
    case EPERM:
    case EROFS:
      return error(Category::kPermissionDenied, "file.permission", why);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return error(Category::kResourceExhausted, "file.no_space", why);
    case EISDIR:
      return error(Category::kInvalidArgument, "file.not_a_file", "it is a directory, not a file");
    case ENXIO:
      return error(Category::kInvalidArgument, "file.not_a_file", "it is a socket or a device, not a file");
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
      return error(Category::kInvalidArgument, "file.bad_path", why);
    default:
      return error(Category::kInternal, "file.io", why);
  }
}

}  // namespace caisson::base
