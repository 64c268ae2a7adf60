#pragma once

#include "base/descriptor.h"
#include "base/environment.h"
#include "sandbox/grants.h"
#include "sandbox/internal/beneath.h"
#include "sandbox/internal/directory_stream.h"
#include "sandbox/internal/file_budget.h"
#include "sandbox/internal/file_refusal.h"
#include "sandbox/internal/file_status.h"
#include "sandbox/internal/wasi_types.h"
#include "sandbox/limits.h"

#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// The files of one call: its descriptors from 3 on, and every function of WASI preview 1 that takes one or a path.
/// Knows nothing of WebAssembly; who calls has decoded the arguments and bounds every span.
///
/// Each method is the function of its name in `wasi_snapshot_preview1`. Arguments may be anything: a path any bytes, a
/// number any number. What differs from the specification's text, or is left open by it:
/// - Paths are resolved by `Beneath`. One that leads out is `perm`; a link in a grant without `links` is `loop`.
/// - Operations on names take one name beneath a directory that was opened first; `.` and `..` are `inval`, or `exist`
///   where a name is to be made.
/// - Regular files and directories are opened. The rest (devices, pipes, sockets) is `perm`, and is never opened: what
/// a
///   path is, is seen through O_PATH first.
/// - New files have mode 0666 and new directories 0777, less the umask of the process, as those of any program. No
///   function changes modes or owners, and a file with a set-user-id or set-group-id bit is not opened for writing.
/// - Symbolic links are made only in a grant with `links`, and only with a relative target without `..`: they point
///   downwards, wherever they are moved to later. A link's target is shown only when it leads nowhere outside.
/// - Hard links and renames stay inside one grant: `xdev`.
/// - `path_open` gives the rights that were asked for and that the directory passes on. It fails with `notcapable` only
///   when reading, writing, allocating or setting the size was asked for and cannot be had, because toolchains ask for
///   more than they need.
/// - `fd_advise` does nothing: advice would move the page cache that all calls share.
/// - `fd_renumber` wants both descriptors open, preopened ones included; below 3 it is `notsup`.
/// - Inode and device numbers are FileIdentity's, times are shown as FileTimes says.
/// - A limit on bytes first shortens an operation; when nothing is left it is `dquot`. A file's size: `fbig`.
///   Descriptors: `mfile`. Created files: `dquot`.
///
/// Host descriptors: one for each of the guest's, one more for each directory that was listed, at most three during an
/// operation. Reads, writes and syncs of files may wait for a disk, and cannot be interrupted meanwhile.
/// Threads: one at a time.
class FileTable {
 public:
  struct Options {
    std::span<const DirectoryGrant> directories;     ///< outlive the table; at least one
    Limits limits{};                                 ///< those on files
    const base::Environment* environment = nullptr;  ///< required; for the rates
    std::function<void(const FileRefusal&)>
        on_refusal;                    ///< required; may be called very often, so it must not keep all
    FileIdentity::Key identity_key{};  ///< random, and nothing that a guest could compute
    FileTimes times{};
    Openat2 openat2 = nullptr;  ///< none: the kernel's
  };

  /// Opens each grant anew: no two calls share a descriptor or a position.
  ///
  /// Errors: as Beneath::open_grant; resource_exhausted / sandbox.file_limit when the grants alone are more descriptors
  /// than may be open.
  [[nodiscard]] static Result<std::unique_ptr<FileTable>> create(Options options);

  FileTable(const FileTable&) = delete;
  FileTable& operator=(const FileTable&) = delete;
  ~FileTable() = default;

  using Fd = wasi::Fd;
  using Errno = wasi::Errno;
  template <typename T>
  using OrErrno = wasi::OrErrno<T>;
  using ReadBuffers = std::span<const std::span<std::byte>>;
  using WriteBuffers = std::span<const std::span<const std::byte>>;

  Errno fd_advise(Fd fd, std::uint64_t offset, std::uint64_t size, wasi::Advice advice);
  Errno fd_allocate(Fd fd, std::uint64_t offset, std::uint64_t size);
  Errno fd_close(Fd fd);
  Errno fd_datasync(Fd fd);
  OrErrno<wasi::Fdstat> fd_fdstat_get(Fd fd);
  Errno fd_fdstat_set_flags(Fd fd, wasi::FdFlags flags);
  Errno fd_fdstat_set_rights(Fd fd, wasi::Rights base, wasi::Rights inheriting);
  OrErrno<wasi::Filestat> fd_filestat_get(Fd fd);
  Errno fd_filestat_set_size(Fd fd, std::uint64_t size);
  Errno fd_filestat_set_times(Fd fd, std::uint64_t atim, std::uint64_t mtim, wasi::FstFlags flags);
  OrErrno<std::size_t> fd_pread(Fd fd, ReadBuffers buffers, std::uint64_t offset);
  OrErrno<wasi::Prestat> fd_prestat_get(Fd fd);
  Errno fd_prestat_dir_name(Fd fd, std::span<std::byte> name);
  OrErrno<std::size_t> fd_pwrite(Fd fd, WriteBuffers buffers, std::uint64_t offset);
  OrErrno<std::size_t> fd_read(Fd fd, ReadBuffers buffers);
  OrErrno<std::size_t> fd_readdir(Fd fd, std::span<std::byte> out, std::uint64_t cookie);
  Errno fd_renumber(Fd from, Fd to);
  OrErrno<std::uint64_t> fd_seek(Fd fd, std::int64_t offset, wasi::Whence whence);
  Errno fd_sync(Fd fd);
  OrErrno<std::uint64_t> fd_tell(Fd fd);
  OrErrno<std::size_t> fd_write(Fd fd, WriteBuffers buffers);

  Errno path_create_directory(Fd fd, std::string_view path);
  OrErrno<wasi::Filestat> path_filestat_get(Fd fd, wasi::LookupFlags flags, std::string_view path);
  Errno path_filestat_set_times(Fd fd, wasi::LookupFlags flags, std::string_view path, std::uint64_t atim,
                                std::uint64_t mtim, wasi::FstFlags times);
  Errno path_link(Fd old_fd, wasi::LookupFlags old_flags, std::string_view old_path, Fd new_fd,
                  std::string_view new_path);
  OrErrno<Fd> path_open(Fd fd, wasi::LookupFlags lookup, std::string_view path, wasi::OFlags oflags,
                        wasi::Rights rights_base, wasi::Rights rights_inheriting, wasi::FdFlags fdflags);
  OrErrno<std::size_t> path_readlink(Fd fd, std::string_view path, std::span<std::byte> out);
  Errno path_remove_directory(Fd fd, std::string_view path);
  Errno path_rename(Fd old_fd, std::string_view old_path, Fd new_fd, std::string_view new_path);
  Errno path_symlink(std::string_view target, Fd fd, std::string_view path);
  Errno path_unlink_file(Fd fd, std::string_view path);

  /// How long to wait before the next function, so that the rates hold; nothing, most of the time. At most about a
  /// second, since no operation moves more bytes than a second may have; longer after an fd_allocate, which takes all
  /// of its bytes at once.
  [[nodiscard]] std::chrono::nanoseconds wait_for_rate() const noexcept;

  [[nodiscard]] const FileBudget& budget() const noexcept { return budget_; }

 private:
  struct Grant {
    const DirectoryGrant* policy;
    Beneath beneath;
  };
  struct Descriptor {
    base::Descriptor fd{};
    const Grant* grant = nullptr;
    bool preopened = false;
    wasi::Filetype type = wasi::Filetype::kUnknown;  ///< a directory, walked from, or a regular file
    wasi::FdFlags flags = 0;
    wasi::Rights base = 0;
    wasi::Rights inheriting = 0;
    std::unique_ptr<DirectoryStream> stream{};  ///< once it is listed
  };
  /// A directory that was opened, and the last name of a path in it.
  struct Place {
    const Descriptor* from = nullptr;  ///< what the path begins at
    base::Descriptor opened{};
    int directory = -1;  ///< `opened`, or the guest's own descriptor
    std::string name;
    bool dots = false;  ///< the name is `.` or `..`
  };

  explicit FileTable(Options options);

  [[nodiscard]] Descriptor* find(Fd fd) noexcept;
  /// The directory at `fd` with `right`, for `path`.
  [[nodiscard]] OrErrno<Descriptor*> directory(std::string_view operation, Fd fd, wasi::Rights right,
                                               std::string_view path);
  /// The regular file at `fd` with `rights`.
  [[nodiscard]] OrErrno<Descriptor*> file(std::string_view operation, Fd fd, wasi::Rights rights);
  /// Whatever is at `fd`, with `right`.
  [[nodiscard]] OrErrno<Descriptor*> any(std::string_view operation, Fd fd, wasi::Rights right);
  [[nodiscard]] Errno require(std::string_view operation, const Descriptor& descriptor, wasi::Rights held,
                              wasi::Rights wanted, std::string_view path = {});
  [[nodiscard]] Fd lowest_free() const noexcept;
  Fd add(Descriptor descriptor);

  Errno refuse(std::string_view operation, const Descriptor& where, std::string_view path, FileRefusalReason reason,
               Errno error, std::uint64_t limit = 0);
  /// The errno of what `Beneath` did not open, reported when it was the policy.
  Errno failed(std::string_view operation, const Descriptor& where, std::string_view path,
               const Beneath::Opened& opened);

  /// Where the directory at `fd`, with `right`, has `path`.
  [[nodiscard]] OrErrno<Place> place(std::string_view operation, Fd fd, wasi::Rights right, std::string_view path);
  /// What a function that makes a name answers: `made` is what its system call returned.
  [[nodiscard]] Errno created(int made) noexcept;
  /// What a path names, to look at or to act on; follows a last link by `lookup`. Nothing can be read through it.
  [[nodiscard]] OrErrno<base::Descriptor> look(std::string_view operation, const Descriptor& from,
                                               wasi::LookupFlags lookup, std::string_view path, struct stat& status);
  [[nodiscard]] Errno may_create(std::string_view operation, const Descriptor& where, std::string_view path);
  [[nodiscard]] bool leads_out(const Descriptor& from, std::string_view path, std::string_view target) const;

  struct OpenRequest;
  [[nodiscard]] OrErrno<Descriptor> open_existing(const Descriptor& from, const OpenRequest& request,
                                                  Beneath::Opened seen);
  [[nodiscard]] OrErrno<Descriptor> open_or_create(const Descriptor& from, const OpenRequest& request);

  [[nodiscard]] OrErrno<std::size_t> read(std::string_view operation, const Descriptor& from, ReadBuffers buffers,
                                          std::optional<std::uint64_t> offset);
  [[nodiscard]] OrErrno<std::size_t> write(std::string_view operation, const Descriptor& to, WriteBuffers buffers,
                                           std::optional<std::uint64_t> offset);
  [[nodiscard]] Errno sync(std::string_view operation, Fd fd, wasi::Rights right, int (*how)(int));
  [[nodiscard]] OrErrno<base::Descriptor> reopen_directory(const Descriptor& descriptor) const;

  Options options_;
  FileBudget budget_;
  FileIdentity identity_;
  std::vector<std::unique_ptr<Grant>> grants_;
  std::vector<std::unique_ptr<Descriptor>> descriptors_;  ///< at [fd - 3]
};

}  // namespace caisson::sandbox
