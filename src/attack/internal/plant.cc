// Step `plant`: what is there before the attack.

#include "attack/files.h"
#include "attack/internal/bombs.h"
#include "attack/internal/steps.h"
#include "attack/internal/values.h"

#include <system_error>

#include <sys/stat.h>

namespace caisson::attack {

namespace {

using document::Value;

Status plant_one(Scene& scene, const Step& step, const std::string& name, const Value& what) {
  const std::filesystem::path path = scene.folder() / name;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  bool done = false;
  if (const std::string* text = what.as_string()) {
    done = write_bytes(path, scene.expand(*text));
  } else if (what.find("folder") != nullptr) {
    done = std::filesystem::create_directories(path, error) || std::filesystem::is_directory(path, error);
  } else if (const std::string* target = find_text(what, "link")) {
    std::filesystem::create_symlink(scene.expand(*target), path, error);
    done = !error;
  } else if (what.find("pipe") != nullptr) {
    done = ::mkfifo(path.c_str(), 0600) == 0;
  } else if (const std::string* guest = find_text(what, "guest")) {
    const File* file = find_file(scene.attack().folder + "/" + *guest);
    file = file == nullptr ? find_file(*guest) : file;
    done = file != nullptr && write_bytes(path, file->bytes);
  } else if (const std::int64_t* bytes = find_number(what, "bytes")) {
    done = write_bytes(path, std::string(static_cast<std::size_t>(*bytes), 'x'));
  } else if (const std::int64_t* mode = find_number(what, "mode")) {
    done = ::chmod(path.c_str(), static_cast<mode_t>(*mode)) == 0;
  } else if (what.find("bomb") != nullptr) {
    CAISSON_TRY(const std::string bomb, make_bomb(what));
    done = write_bytes(path, bomb);
  }
  return done ? Status() : Status(bad_step(step, "'" + name + "' cannot be planted"));
}

}  // namespace

Status plant(Scene& scene, const Step& step) {
  if (step.about.as_map() == nullptr) {
    return bad_step(step, "it is not a map");
  }
  for (const document::Entry& entry : *step.about.as_map()) {
    CAISSON_CHECK(plant_one(scene, step, entry.name, entry.value));
  }
  return {};
}

}  // namespace caisson::attack
