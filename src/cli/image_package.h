#pragma once

#include "base/environment.h"

#include <caisson/result.h>
#include <caisson/runtime.h>

#include <filesystem>
#include <utility>

namespace caisson::cli {

/// A package in a temporary folder, which goes with it.
class FetchedPackage {
 public:
  FetchedPackage(std::filesystem::path folder, std::filesystem::path file)
      : folder_(std::move(folder)), file_(std::move(file)) {}
  FetchedPackage(FetchedPackage&& other) noexcept
      : folder_(std::exchange(other.folder_, {})), file_(std::move(other.file_)) {}
  FetchedPackage& operator=(FetchedPackage&&) = delete;
  FetchedPackage(const FetchedPackage&) = delete;
  FetchedPackage& operator=(const FetchedPackage&) = delete;
  ~FetchedPackage();

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path file_;
};

/// Fetches a package with the user's pip, which reads the user's variables and settings: by name, version and digest,
/// as a wheel, with nothing that it depends on. Nothing of it is run. Errors: not_found / cli.no_pip: there is none,
/// with what else to do; unavailable / cli.fetch_failed, with what pip said; internal / file.io.
[[nodiscard]] Result<FetchedPackage> fetch_package(const base::Environment& environment, const ImagePackage& package);

}  // namespace caisson::cli
