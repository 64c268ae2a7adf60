#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace caisson::language {

/// Where in the memory of a started interpreter what a call needs is; `start.py` says it.
struct DataAddresses {
  std::uint32_t serve = 0;      ///< a Python object: the function that is called with code and request
  std::uint32_t no_memory = 0;  ///< the bytes of the answer when there is no memory for another
  std::uint32_t no_memory_bytes = 0;
};

/// The module of the package with the exports that an image has, to be started by running a piece of Python once: its
/// `caisson_run` initialises the interpreter, runs the code, which ends with a zero byte, and gives the request back as
/// the answer. It imports WASI. Errors: data_loss / language.bad_package: it is not the module that this program knows.
[[nodiscard]] Result<std::string> starter_of(std::string_view package);

/// The module of the package with its memory as it is now, as an image: its functions of WASI are inside, four
/// excepted, and its one function of a host is the image's way out (guests/images/python-data/_caisson.py). Errors: as
/// starter_of.
[[nodiscard]] Result<std::string> image_of(std::string_view package, std::span<const std::byte> memory,
                                           const DataAddresses& addresses);

}  // namespace caisson::language
