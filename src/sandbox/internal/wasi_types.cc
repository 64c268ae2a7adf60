#include "sandbox/internal/wasi_types.h"

#include <algorithm>
#include <cerrno>
#include <concepts>

namespace caisson::sandbox::wasi {

namespace {

constexpr std::array<std::string_view, 77> kErrnoNames = {
    "success",        "2big",       "acces",       "addrinuse",      "addrnotavail", "afnosupport", "again",
    "already",        "badf",       "badmsg",      "busy",           "canceled",     "child",       "connaborted",
    "connrefused",    "connreset",  "deadlk",      "destaddrreq",    "dom",          "dquot",       "exist",
    "fault",          "fbig",       "hostunreach", "idrm",           "ilseq",        "inprogress",  "intr",
    "inval",          "io",         "isconn",      "isdir",          "loop",         "mfile",       "mlink",
    "msgsize",        "multihop",   "nametoolong", "netdown",        "netreset",     "netunreach",  "nfile",
    "nobufs",         "nodev",      "noent",       "noexec",         "nolck",        "nolink",      "nomem",
    "nomsg",          "noprotoopt", "nospc",       "nosys",          "notconn",      "notdir",      "notempty",
    "notrecoverable", "notsock",    "notsup",      "notty",          "nxio",         "overflow",    "ownerdead",
    "perm",           "pipe",       "proto",       "protonosupport", "prototype",    "range",       "rofs",
    "spipe",          "srch",       "stale",       "timedout",       "txtbsy",       "xdev",        "notcapable",
};
static_assert(static_cast<std::size_t>(Errno::kNotcapable) + 1 == kErrnoNames.size());

template <std::unsigned_integral T>
void put(std::span<std::byte> out, std::size_t at, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

template <std::unsigned_integral T>
T get(std::span<const std::byte> in, std::size_t at) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<std::uint64_t>(in[at + i]) << (8 * i);
  }
  return static_cast<T>(value);
}

}  // namespace

std::string_view to_string(Errno code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return index < kErrnoNames.size() ? kErrnoNames[index] : "?";
}

Errno errno_from_host(int code) noexcept {
  switch (code) {
    case 0:
      return Errno::kSuccess;
    case E2BIG:
      return Errno::k2big;
    case EACCES:
      return Errno::kAcces;
    case EAGAIN:
      return Errno::kAgain;
    case EBADF:
      return Errno::kBadf;
    case EBUSY:
      return Errno::kBusy;
    case EDEADLK:
      return Errno::kDeadlk;
    case EDQUOT:
      return Errno::kDquot;
    case EEXIST:
      return Errno::kExist;
    case EFAULT:
      return Errno::kFault;
    case EFBIG:
      return Errno::kFbig;
    case EILSEQ:
      return Errno::kIlseq;
    case EINTR:
      return Errno::kIntr;
    case EINVAL:
      return Errno::kInval;
    case EISDIR:
      return Errno::kIsdir;
    case ELOOP:
      return Errno::kLoop;
    case EMFILE:
      return Errno::kMfile;
    case EMLINK:
      return Errno::kMlink;
    case ENAMETOOLONG:
      return Errno::kNametoolong;
    case ENFILE:
      return Errno::kNfile;
    case ENODEV:
      return Errno::kNodev;
    case ENOENT:
      return Errno::kNoent;
    case ENOLCK:
      return Errno::kNolck;
    case ENOMEM:
      return Errno::kNomem;
    case ENOSPC:
      return Errno::kNospc;
    case ENOSYS:
      return Errno::kNosys;
    case ENOTDIR:
      return Errno::kNotdir;
    case ENOTEMPTY:
      return Errno::kNotempty;
    case EOPNOTSUPP:
      return Errno::kNotsup;
    case ENXIO:
      return Errno::kNxio;
    case EOVERFLOW:
      return Errno::kOverflow;
    case EPERM:
      return Errno::kPerm;
    case EPIPE:
      return Errno::kPipe;
    case ERANGE:
      return Errno::kRange;
    case EROFS:
      return Errno::kRofs;
    case ESPIPE:
      return Errno::kSpipe;
    case ESTALE:
      return Errno::kStale;
    case ETIMEDOUT:
      return Errno::kTimedout;
    case ETXTBSY:
      return Errno::kTxtbsy;
    case EXDEV:
      return Errno::kXdev;
    default:
      return Errno::kIo;
  }
}

void encode(const Fdstat& value, std::span<std::byte, kFdstatSize> out) noexcept {
  std::ranges::fill(out, std::byte{0});
  put(out, 0, static_cast<std::uint8_t>(value.filetype));
  put(out, 2, value.flags);
  put(out, 8, value.rights_base);
  put(out, 16, value.rights_inheriting);
}

void encode(const Filestat& value, std::span<std::byte, kFilestatSize> out) noexcept {
  std::ranges::fill(out, std::byte{0});
  put(out, 0, value.dev);
  put(out, 8, value.ino);
  put(out, 16, static_cast<std::uint8_t>(value.filetype));
  put(out, 24, value.nlink);
  put(out, 32, value.size);
  put(out, 40, value.atim);
  put(out, 48, value.mtim);
  put(out, 56, value.ctim);
}

void encode(const Prestat& value, std::span<std::byte, kPrestatSize> out) noexcept {
  std::ranges::fill(out, std::byte{0});
  put(out, 4, value.name_size);
}

void encode(const Dirent& value, std::span<std::byte, kDirentSize> out) noexcept {
  std::ranges::fill(out, std::byte{0});
  put(out, 0, value.next);
  put(out, 8, value.ino);
  put(out, 16, value.name_size);
  put(out, 20, static_cast<std::uint8_t>(value.type));
}

void encode(const Event& value, std::span<std::byte, kEventSize> out) noexcept {
  std::ranges::fill(out, std::byte{0});
  put(out, 0, value.userdata);
  put(out, 8, static_cast<std::uint16_t>(value.error));
  put(out, 10, static_cast<std::uint8_t>(value.type));
  put(out, 16, value.nbytes);
  put(out, 24, value.flags);
}

Subscription decode_subscription(std::span<const std::byte, kSubscriptionSize> in) noexcept {
  return {.userdata = get<std::uint64_t>(in, 0),
          .tag = get<std::uint8_t>(in, 8),
          .clock = static_cast<ClockId>(get<std::uint32_t>(in, 16)),
          .timeout = get<std::uint64_t>(in, 24),
          .precision = get<std::uint64_t>(in, 32),
          .clock_flags = get<std::uint16_t>(in, 40),
          .fd = get<std::uint32_t>(in, 16)};
}

}  // namespace caisson::sandbox::wasi
