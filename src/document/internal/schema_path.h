#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::document::internal {

/// Where a walk through a value is; its names outlive it.
class SchemaPath {
 public:
  /// One step down, until it goes out of scope.
  class Step {
   public:
    Step(SchemaPath& path, std::string_view name) : path_(path) { path_.parts_.push_back({name, 0}); }
    Step(SchemaPath& path, std::size_t index) : path_(path) { path_.parts_.push_back({{}, index + 1}); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.parts_.pop_back(); }

   private:
    SchemaPath& path_;
  };

  [[nodiscard]] std::size_t size() const noexcept { return parts_.size(); }
  /// As a JSON pointer, safe to show: long names, and the middle of a long path, are left out.
  [[nodiscard]] std::string print() const;

 private:
  struct Part {
    std::string_view name;
    std::size_t number;  ///< from 1, of an item of a list
  };
  std::vector<Part> parts_;
};

}  // namespace caisson::document::internal
