#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

// The numbers and records of WASI preview 1.
//
// Source: WebAssembly/WASI, legacy/preview1/witx/typenames.witx and wasi_snapshot_preview1.witx; a record's fields are
// laid out in order, each at a multiple of its own size, little-endian.

namespace caisson::sandbox::wasi {

enum class Errno : std::uint16_t {
  kSuccess,
  k2big,
  kAcces,
  kAddrinuse,
  kAddrnotavail,
  kAfnosupport,
  kAgain,
  kAlready,
  kBadf,
  kBadmsg,
  kBusy,
  kCanceled,
  kChild,
  kConnaborted,
  kConnrefused,
  kConnreset,
  kDeadlk,
  kDestaddrreq,
  kDom,
  kDquot,
  kExist,
  kFault,
  kFbig,
  kHostunreach,
  kIdrm,
  kIlseq,
  kInprogress,
  kIntr,
  kInval,
  kIo,
  kIsconn,
  kIsdir,
  kLoop,
  kMfile,
  kMlink,
  kMsgsize,
  kMultihop,
  kNametoolong,
  kNetdown,
  kNetreset,
  kNetunreach,
  kNfile,
  kNobufs,
  kNodev,
  kNoent,
  kNoexec,
  kNolck,
  kNolink,
  kNomem,
  kNomsg,
  kNoprotoopt,
  kNospc,
  kNosys,
  kNotconn,
  kNotdir,
  kNotempty,
  kNotrecoverable,
  kNotsock,
  kNotsup,
  kNotty,
  kNxio,
  kOverflow,
  kOwnerdead,
  kPerm,
  kPipe,
  kProto,
  kProtonosupport,
  kPrototype,
  kRange,
  kRofs,
  kSpipe,
  kSrch,
  kStale,
  kTimedout,
  kTxtbsy,
  kXdev,
  kNotcapable,
};

/// The specification's name: `noent`, `notcapable`.
[[nodiscard]] std::string_view to_string(Errno code) noexcept;

/// What a guest is told for an errno of the host; `io` for one that preview 1 has no name for.
[[nodiscard]] Errno errno_from_host(int code) noexcept;

/// A value, or why there is none. T has a default.
template <typename T>
class [[nodiscard]] OrErrno {
 public:
  OrErrno(T value) : value_(std::move(value)) {}
  OrErrno(Errno error) : error_(error) {}

  [[nodiscard]] explicit operator bool() const noexcept { return error_ == Errno::kSuccess; }
  /// Only of a success; a default otherwise.
  [[nodiscard]] T& operator*() & noexcept { return value_; }
  [[nodiscard]] const T& operator*() const& noexcept { return value_; }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(value_); }
  [[nodiscard]] T* operator->() noexcept { return &value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }
  /// kSuccess when there is a value.
  [[nodiscard]] Errno error() const noexcept { return error_; }

 private:
  T value_{};
  Errno error_ = Errno::kSuccess;
};

using Fd = std::uint32_t;
using Rights = std::uint64_t;

inline constexpr Rights kFdDatasync = 1ULL << 0;
inline constexpr Rights kFdRead = 1ULL << 1;
inline constexpr Rights kFdSeek = 1ULL << 2;
inline constexpr Rights kFdFdstatSetFlags = 1ULL << 3;
inline constexpr Rights kFdSync = 1ULL << 4;
inline constexpr Rights kFdTell = 1ULL << 5;
inline constexpr Rights kFdWrite = 1ULL << 6;
inline constexpr Rights kFdAdvise = 1ULL << 7;
inline constexpr Rights kFdAllocate = 1ULL << 8;
inline constexpr Rights kPathCreateDirectory = 1ULL << 9;
inline constexpr Rights kPathCreateFile = 1ULL << 10;
inline constexpr Rights kPathLinkSource = 1ULL << 11;
inline constexpr Rights kPathLinkTarget = 1ULL << 12;
inline constexpr Rights kPathOpen = 1ULL << 13;
inline constexpr Rights kFdReaddir = 1ULL << 14;
inline constexpr Rights kPathReadlink = 1ULL << 15;
inline constexpr Rights kPathRenameSource = 1ULL << 16;
inline constexpr Rights kPathRenameTarget = 1ULL << 17;
inline constexpr Rights kPathFilestatGet = 1ULL << 18;
inline constexpr Rights kPathFilestatSetSize = 1ULL << 19;
inline constexpr Rights kPathFilestatSetTimes = 1ULL << 20;
inline constexpr Rights kFdFilestatGet = 1ULL << 21;
inline constexpr Rights kFdFilestatSetSize = 1ULL << 22;
inline constexpr Rights kFdFilestatSetTimes = 1ULL << 23;
inline constexpr Rights kPathSymlink = 1ULL << 24;
inline constexpr Rights kPathRemoveDirectory = 1ULL << 25;
inline constexpr Rights kPathUnlinkFile = 1ULL << 26;
inline constexpr Rights kPollFdReadwrite = 1ULL << 27;
inline constexpr Rights kSockShutdown = 1ULL << 28;
inline constexpr Rights kSockAccept = 1ULL << 29;

using FdFlags = std::uint16_t;
inline constexpr FdFlags kFdFlagAppend = 1U << 0;
inline constexpr FdFlags kFdFlagDsync = 1U << 1;
inline constexpr FdFlags kFdFlagNonblock = 1U << 2;
inline constexpr FdFlags kFdFlagRsync = 1U << 3;
inline constexpr FdFlags kFdFlagSync = 1U << 4;
inline constexpr FdFlags kFdFlagsAll = (1U << 5) - 1;

using OFlags = std::uint16_t;
inline constexpr OFlags kOFlagCreat = 1U << 0;
inline constexpr OFlags kOFlagDirectory = 1U << 1;
inline constexpr OFlags kOFlagExcl = 1U << 2;
inline constexpr OFlags kOFlagTrunc = 1U << 3;
inline constexpr OFlags kOFlagsAll = (1U << 4) - 1;

using LookupFlags = std::uint32_t;
inline constexpr LookupFlags kLookupSymlinkFollow = 1U << 0;
inline constexpr LookupFlags kLookupFlagsAll = kLookupSymlinkFollow;

using FstFlags = std::uint16_t;
inline constexpr FstFlags kFstAtim = 1U << 0;
inline constexpr FstFlags kFstAtimNow = 1U << 1;
inline constexpr FstFlags kFstMtim = 1U << 2;
inline constexpr FstFlags kFstMtimNow = 1U << 3;
inline constexpr FstFlags kFstFlagsAll = (1U << 4) - 1;

enum class Filetype : std::uint8_t {
  kUnknown,
  kBlockDevice,
  kCharacterDevice,
  kDirectory,
  kRegularFile,
  kSocketDgram,
  kSocketStream,
  kSymbolicLink,
};

enum class Whence : std::uint8_t { kSet, kCur, kEnd };

enum class Advice : std::uint8_t { kNormal, kSequential, kRandom, kWillneed, kDontneed, kNoreuse };

enum class ClockId : std::uint32_t { kRealtime, kMonotonic, kProcessCputimeId, kThreadCputimeId };

enum class EventType : std::uint8_t { kClock, kRead, kWrite };

/// Of `subscription_clock.flags`: the timeout is a time of the clock, not a distance from now.
inline constexpr std::uint16_t kSubclockAbstime = 1U << 0;
/// Of `event.fd_readwrite.flags`.
inline constexpr std::uint16_t kEventHangup = 1U << 0;

/// Attributes of a descriptor.
struct Fdstat {
  Filetype filetype = Filetype::kUnknown;
  FdFlags flags = 0;
  Rights rights_base = 0;
  Rights rights_inheriting = 0;

  friend bool operator==(const Fdstat&, const Fdstat&) = default;
};

/// Attributes of a file. Times are nanoseconds since 1970.
struct Filestat {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  Filetype filetype = Filetype::kUnknown;
  std::uint64_t nlink = 0;
  std::uint64_t size = 0;
  std::uint64_t atim = 0;
  std::uint64_t mtim = 0;
  std::uint64_t ctim = 0;

  friend bool operator==(const Filestat&, const Filestat&) = default;
};

/// A preopened directory; the only kind there is has tag 0.
struct Prestat {
  std::uint32_t name_size = 0;
};

/// Head of a directory entry; the name follows without a terminator.
struct Dirent {
  std::uint64_t next = 0;  ///< the cookie of the entry after it
  std::uint64_t ino = 0;
  std::uint32_t name_size = 0;
  Filetype type = Filetype::kUnknown;
};

/// `userdata`, and either a clock or a descriptor to wait for, by the tag.
struct Subscription {
  std::uint64_t userdata = 0;
  std::uint8_t tag = 0;  ///< an EventType, when it is one
  ClockId clock = ClockId::kRealtime;
  std::uint64_t timeout = 0;
  std::uint64_t precision = 0;
  std::uint16_t clock_flags = 0;
  Fd fd = 0;
};

struct Event {
  std::uint64_t userdata = 0;
  Errno error = Errno::kSuccess;
  EventType type = EventType::kClock;
  std::uint64_t nbytes = 0;
  std::uint16_t flags = 0;
};

// Encoded sizes, in bytes.
inline constexpr std::size_t kIovecSize = 8;  ///< pointer, then length; ciovec is the same
inline constexpr std::size_t kFdstatSize = 24;
inline constexpr std::size_t kFilestatSize = 64;
inline constexpr std::size_t kPrestatSize = 8;
inline constexpr std::size_t kDirentSize = 24;
inline constexpr std::size_t kSubscriptionSize = 48;
inline constexpr std::size_t kEventSize = 32;

using EncodedDirent = std::array<std::byte, kDirentSize>;

// Each fills the whole of `out`, padding with zeros.
void encode(const Fdstat& value, std::span<std::byte, kFdstatSize> out) noexcept;
void encode(const Filestat& value, std::span<std::byte, kFilestatSize> out) noexcept;
void encode(const Prestat& value, std::span<std::byte, kPrestatSize> out) noexcept;
void encode(const Dirent& value, std::span<std::byte, kDirentSize> out) noexcept;
void encode(const Event& value, std::span<std::byte, kEventSize> out) noexcept;

/// Any bytes are a subscription; whether its tag and clock exist is for the caller to check.
[[nodiscard]] Subscription decode_subscription(std::span<const std::byte, kSubscriptionSize> in) noexcept;

}  // namespace caisson::sandbox::wasi
