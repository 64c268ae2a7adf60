#include <caisson/error.h>
#include <caisson/result.h>
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdio>

namespace caisson {

namespace {

struct CategoryRow {
  Category category;
  std::string_view name;
  int exit_code;
  int http_status;
};

// The one table of what a category means outside. docs/reference/errors.md repeats it; a test compares the two.
constexpr std::array kCategories = {
    CategoryRow{Category::kInvalidArgument, "invalid_argument", 2, 400},
    CategoryRow{Category::kNotFound, "not_found", 3, 404},
    CategoryRow{Category::kAlreadyExists, "already_exists", 2, 409},
    CategoryRow{Category::kPermissionDenied, "permission_denied", 5, 403},
    CategoryRow{Category::kFailedPrecondition, "failed_precondition", 2, 409},
    CategoryRow{Category::kResourceExhausted, "resource_exhausted", 6, 413},
    CategoryRow{Category::kDeadlineExceeded, "deadline_exceeded", 7, 504},
    CategoryRow{Category::kCancelled, "cancelled", 130, 499},
    CategoryRow{Category::kUnavailable, "unavailable", 8, 503},
    CategoryRow{Category::kGuestFault, "guest_fault", 4, 422},
    CategoryRow{Category::kUnimplemented, "unimplemented", 9, 501},
    CategoryRow{Category::kDataLoss, "data_loss", 10, 500},
    CategoryRow{Category::kInternal, "internal", 70, 500},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kCategories.size(); ++i) {
    if (kCategories[i].category != static_cast<Category>(i)) {
      return false;
    }
  }
  return kCategories.size() == static_cast<std::size_t>(Category::kInternal) + 1;
}
static_assert(in_order(), "kCategories is indexed by Category");

const CategoryRow& row(Category category) noexcept {
  const auto index = static_cast<std::size_t>(category);
  return index < kCategories.size() ? kCategories[index] : kCategories.back();
}

}  // namespace

std::string_view to_string(Category category) noexcept { return row(category).name; }
int exit_code(Category category) noexcept { return row(category).exit_code; }
int http_status(Category category) noexcept { return row(category).http_status; }

std::string to_string(const Diagnostic& diagnostic) {
  std::string out;
  if (!diagnostic.where.file.empty()) {
    out += diagnostic.where.file + ':';
  }
  if (diagnostic.where.line > 0) {
    out += fmt::format("{}:", diagnostic.where.line);
    if (diagnostic.where.column > 0) {
      out += fmt::format("{}:", diagnostic.where.column);
    }
  }
  if (!out.empty()) {
    out += ' ';
  }
  out += diagnostic.severity == Severity::kError ? "error: " : "warning: ";
  return out + diagnostic.message;
}

Error Error::with_context(std::string_view context) && {
  message = fmt::format("{}: {}", context, message);
  return std::move(*this);
}

Error Error::with_context(std::string_view context) const& { return Error(*this).with_context(context); }

namespace detail {

void fail_access(const Error& error) noexcept {
  // Not a library's place to print, except here: the process is about to end because of a bug of its own.
  std::fprintf(stderr, "caisson: bug: the value of a failed result was used: %s: %s\n", error.reason.c_str(),
               error.message.c_str());
  std::abort();
}

void fail_error_access() noexcept {
  std::fputs("caisson: bug: the error of a successful result was used\n", stderr);
  std::abort();
}

}  // namespace detail

}  // namespace caisson
