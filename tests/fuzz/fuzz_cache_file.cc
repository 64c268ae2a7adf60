// Any bytes as a file of the cache of compiled modules: what nobody with the secret wrote for this key is nothing, what
// was written is read back, and one bit more or less makes it nothing again. And as a file of a module that was too
// much to compile: what is written is read back, and nothing else is read.

#include "engine/cache_file.h"
#include "engine/refusal_file.h"
#include "fuzz.h"

#include <string>
#include <string_view>

namespace base = caisson::base;
namespace engine = caisson::engine;
namespace fuzz = caisson::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string secret = "the secret of this installation.";
  static const base::Digest key = base::sha256("an entry");
  static const base::Digest other_key = base::sha256("another entry");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto read = engine::read_cache_file(secret, key, bytes)) {
    const std::string_view salt = bytes.substr(read->code.size() + 8 + key.bytes.size(), engine::kCacheSaltBytes);
    fuzz::require(engine::write_cache_file(secret, key, salt, *read) == bytes, "what is read was written so");
  }
  const engine::CompileCaps caps;
  const auto why = engine::read_refusal_file(caps, bytes);
  fuzz::require(!why || bytes.ends_with(*why), "why it was refused stands at the end");
  fuzz::require(engine::read_refusal_file(caps, engine::write_refusal_file(caps, bytes)) == bytes, "it is read back");
  if (size < 4) {
    return 0;
  }
  const engine::CachedCode cached{bytes.substr(4), engine::Proposals(data[2])};
  std::string file = engine::write_cache_file(secret, key, std::string(engine::kCacheSaltBytes, 's'), cached);
  const auto back = engine::read_cache_file(secret, key, file);
  fuzz::require(back && back->code == cached.code && back->proposals.bits() == cached.proposals.bits(),
                "what was written is read back");
  fuzz::require(!engine::read_cache_file(secret, other_key, file), "it is of its entry only");
  fuzz::require(!engine::read_cache_file("another secret", key, file), "and of its installation");
  const std::size_t at = (data[0] + 256U * data[1]) % file.size();
  fuzz::require(!engine::read_cache_file(secret, key, std::string_view(file).substr(0, at)), "a part of it is nothing");
  fuzz::require(!engine::read_cache_file(secret, key, std::string_view(file).substr(at + 1)),
                "a part of it is nothing");
  file[at] = static_cast<char>(static_cast<unsigned char>(file[at]) ^ (1U << (data[3] % 8U)));
  fuzz::require(!engine::read_cache_file(secret, key, file), "a bit of it is nothing");
  return 0;
}
