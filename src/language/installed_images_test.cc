#include "language/installed_images.h"

#include "base/testing/fake_environment.h"
#include "language/data_image.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace caisson::language {
namespace {

constexpr Language kData = Language::kPythonData;

std::string manifest_of(std::string_view wasm, const std::string& recipe = data_recipe(),
                        std::string_view name = "python-data") {
  return fmt::format(
      R"({{"name": "{}", "version": "3.15.0", "image": {{"sha256": "{}", "bytes": {}}}, "baseline_memory": 65536,
          "recipe": "{}", "modules": ["numpy"], "default_imports": []}})",
      name, base::sha256(wasm).hex(), wasm.size(), recipe);
}

class InstalledImagesTest : public ::testing::Test {
 protected:
  std::string reason_of_find() { return images_.find(kData).error().reason; }

  base::FakeEnvironment environment_;
  InstalledImages images_{environment_, "/data/images"};
  const std::string wasm_ = "the bytes of a module, a module, a module";
};

TEST_F(InstalledImagesTest, OneThatIsNotThereSaysWhatToType) {
  const auto none = images_.find(kData);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().reason, "language.not_installed");
  EXPECT_EQ(none.error().message, "the image python-data is not installed: `caisson image install python-data`");
  EXPECT_EQ(InstalledImages(environment_, "").find(kData).error().reason, "language.not_installed");
}

TEST_F(InstalledImagesTest, WhatWasAddedIsFoundAndRemoved) {
  environment_.add_directory("/data/images");
  ASSERT_TRUE(images_.add(kData, manifest_of(wasm_), pack(wasm_)));
  const auto image = images_.find(kData);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->version, "3.15.0");
  EXPECT_EQ(image->baseline_bytes, 65536U);
  EXPECT_EQ(*images_.read(*image), wasm_);
  EXPECT_TRUE(*images_.remove(kData));
  EXPECT_EQ(reason_of_find(), "language.not_installed");
  EXPECT_FALSE(environment_.file(images_.file(kData)));
  EXPECT_FALSE(*images_.remove(kData));
}

TEST_F(InstalledImagesTest, AnInstallationThatWasEndedOnTheWayIsNone) {
  environment_.add_file("/data/images/python-data.wasm.zst", pack(wasm_));
  environment_.add_file("/data/images/python-data.json.0123456789abcdef.tmp", "{\"na");
  EXPECT_EQ(reason_of_find(), "language.not_installed");
  EXPECT_FALSE(*images_.remove(kData));
  EXPECT_FALSE(environment_.file("/data/images/python-data.wasm.zst"));
  EXPECT_FALSE(environment_.file("/data/images/python-data.json.0123456789abcdef.tmp"));
}

TEST_F(InstalledImagesTest, AnImageOfAnotherVersionHasToBeInstalledAgain) {
  environment_.add_file("/data/images/python-data.json", manifest_of(wasm_, "older"));
  const auto stale = images_.find(kData);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().reason, "language.other_recipe");
  EXPECT_NE(stale.error().message.find("`caisson image install python-data`"), std::string::npos);
}

TEST_F(InstalledImagesTest, WhatIsDamagedIsNotUsed) {
  for (const std::string& manifest :
       {std::string(), std::string("{}"), std::string("[1]"), manifest_of(wasm_, data_recipe(), "python"),
        fmt::format(R"({{"name": "python-data", "image": {{"sha256": "{}", "bytes": 99999999999}}}})",
                    base::sha256("").hex())}) {
    environment_.add_file("/data/images/python-data.json", manifest);
    EXPECT_EQ(reason_of_find(), "language.bad_image") << manifest;
  }
  environment_.add_file("/data/images/python-data.json", manifest_of(wasm_));
  environment_.add_file("/data/images/python-data.wasm.zst", pack("other bytes, as long as a module, yes"));
  EXPECT_EQ(images_.read(*images_.find(kData)).error().reason, "language.bad_image");
  environment_.make_unsafe("/data/images/python-data.json");
  EXPECT_EQ(reason_of_find(), "file.unsafe_file");
}

TEST_F(InstalledImagesTest, AFullDiskIsSaid) {
  environment_.add_directory("/data/images");
  ASSERT_TRUE(images_.add(kData, manifest_of(wasm_), pack(wasm_)));
  environment_.fail_writes(Error{Category::kResourceExhausted, "file.no_space", "the disk is full"});
  EXPECT_EQ(images_.add(kData, manifest_of(wasm_), pack(wasm_)).error().reason, "file.no_space");
}

TEST(InstalledImagesLock, IsOfOneAtATime) {
  const auto environment = base::make_environment();
  std::string folder = (std::filesystem::temp_directory_path() / "caisson-images-XXXXXX").native();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  InstalledImages first(*environment, folder);
  InstalledImages second(*environment, folder);
  {
    const auto held = first.lock();
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_EQ(second.lock().error().reason, "language.busy");
  }
  EXPECT_TRUE(second.lock());
  EXPECT_EQ(InstalledImages(*environment, "").lock().error().reason, "language.no_folder");
  std::filesystem::remove_all(folder);
}

TEST(DataImage, AnotherPackageIsRefusedBeforeAnythingElseLooksAtIt) {
  base::FakeEnvironment environment;
  InstalledImages images(environment, "/data/images");
  const auto installed =
      install_data_image({.environment = &environment, .images = &images, .package = "PK\5\6 no package at all"});
  ASSERT_FALSE(installed);
  EXPECT_EQ(installed.error().reason, "language.wrong_package");
  EXPECT_NE(installed.error().message.find(base::sha256("PK\5\6 no package at all").hex()), std::string::npos);
  EXPECT_NE(installed.error().message.find(data_package().sha256), std::string::npos);
}

}  // namespace
}  // namespace caisson::language
