// WASI preview 1 as the C library of an image sees it. Four functions are the host's; everything else ends here, so
// that an image imports no more than it needs: there are no files, no arguments, no environment, no sockets.
#include <errno.h>
#include <string.h>
#include <wasi/api.h>

#include "caisson.h"

#define HOST(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

HOST("clock_time_get") int32_t wasi_clock_time_get(int32_t clock, int64_t precision, int64_t* time);
HOST("clock_res_get") int32_t wasi_clock_res_get(int32_t clock, int64_t* resolution);
HOST("random_get") int32_t wasi_random_get(void* bytes, size_t size);
HOST("poll_oneoff") int32_t wasi_poll_oneoff(const void* in, void* out, size_t count, size_t* events);

// The names under which the C library calls WASI.
#define LIBC(name) __imported_wasi_snapshot_preview1_##name

int32_t LIBC(clock_time_get)(int32_t clock, int64_t precision, int32_t time) {
  return wasi_clock_time_get(clock, precision, (int64_t*)time);
}
int32_t LIBC(clock_res_get)(int32_t clock, int32_t resolution) {
  return wasi_clock_res_get(clock, (int64_t*)resolution);
}
int32_t LIBC(random_get)(int32_t bytes, int32_t size) { return wasi_random_get((void*)bytes, (size_t)size); }
int32_t LIBC(poll_oneoff)(int32_t in, int32_t out, int32_t count, int32_t events) {
  return wasi_poll_oneoff((const void*)in, (void*)out, (size_t)count, (size_t*)events);
}

// Standard output and error go to the log, as text that somebody writes past the runner.
int32_t LIBC(fd_write)(int32_t fd, int32_t list, int32_t count, int32_t written) {
  if (fd != 1 && fd != 2)
    return __WASI_ERRNO_BADF;
  const __wasi_ciovec_t* buffers = (const __wasi_ciovec_t*)list;
  size_t total = 0;
  for (int32_t i = 0; i < count; i++) {
    host_print(fd == 1 ? kInfo : kError, (const char*)buffers[i].buf, buffers[i].buf_len);
    total += buffers[i].buf_len;
  }
  *(size_t*)written = total;
  return 0;
}

// What was said last is sent before the end.
_Noreturn void LIBC(proc_exit)(int32_t code) {
  (void)code;
  host_flush();
  __builtin_trap();
}

int32_t LIBC(args_sizes_get)(int32_t count, int32_t size) { return *(size_t*)count = *(size_t*)size = 0; }
int32_t LIBC(args_get)(int32_t list, int32_t bytes) { return (void)list, (void)bytes, 0; }
int32_t LIBC(environ_sizes_get)(int32_t count, int32_t size) { return *(size_t*)count = *(size_t*)size = 0; }
int32_t LIBC(environ_get)(int32_t list, int32_t bytes) { return (void)list, (void)bytes, 0; }
int32_t LIBC(sched_yield)(void) { return 0; }

#define NONE(name, error, ...) \
  int32_t LIBC(name)(__VA_ARGS__) { return __WASI_ERRNO_##error; }

NONE(fd_advise, BADF, int32_t fd, int64_t offset, int64_t size, int32_t advice)
NONE(fd_allocate, BADF, int32_t fd, int64_t offset, int64_t size)
NONE(fd_close, BADF, int32_t fd)
NONE(fd_datasync, BADF, int32_t fd)
NONE(fd_fdstat_get, BADF, int32_t fd, int32_t stat)
NONE(fd_fdstat_set_flags, BADF, int32_t fd, int32_t flags)
NONE(fd_fdstat_set_rights, BADF, int32_t fd, int64_t base, int64_t inheriting)
NONE(fd_filestat_get, BADF, int32_t fd, int32_t stat)
NONE(fd_filestat_set_size, BADF, int32_t fd, int64_t size)
NONE(fd_filestat_set_times, BADF, int32_t fd, int64_t access, int64_t change, int32_t flags)
NONE(fd_pread, BADF, int32_t fd, int32_t list, int32_t count, int64_t offset, int32_t size)
NONE(fd_prestat_get, BADF, int32_t fd, int32_t stat)
NONE(fd_prestat_dir_name, BADF, int32_t fd, int32_t path, int32_t size)
NONE(fd_pwrite, BADF, int32_t fd, int32_t list, int32_t count, int64_t offset, int32_t size)
NONE(fd_read, BADF, int32_t fd, int32_t list, int32_t count, int32_t size)
NONE(fd_readdir, BADF, int32_t fd, int32_t bytes, int32_t room, int64_t cookie, int32_t size)
NONE(fd_renumber, BADF, int32_t fd, int32_t to)
NONE(fd_seek, BADF, int32_t fd, int64_t offset, int32_t whence, int32_t position)
NONE(fd_sync, BADF, int32_t fd)
NONE(fd_tell, BADF, int32_t fd, int32_t position)
NONE(path_create_directory, NOENT, int32_t fd, int32_t path, int32_t size)
NONE(path_filestat_get, NOENT, int32_t fd, int32_t flags, int32_t path, int32_t size, int32_t stat)
NONE(path_filestat_set_times, NOENT, int32_t fd, int32_t flags, int32_t path, int32_t size, int64_t access,
     int64_t change, int32_t set)
NONE(path_link, NOENT, int32_t fd, int32_t flags, int32_t path, int32_t size, int32_t to, int32_t name,
     int32_t name_size)
NONE(path_open, NOENT, int32_t fd, int32_t lookup, int32_t path, int32_t size, int32_t open, int64_t base,
     int64_t inheriting, int32_t flags, int32_t opened)
NONE(path_readlink, NOENT, int32_t fd, int32_t path, int32_t size, int32_t bytes, int32_t room, int32_t used)
NONE(path_remove_directory, NOENT, int32_t fd, int32_t path, int32_t size)
NONE(path_rename, NOENT, int32_t fd, int32_t path, int32_t size, int32_t to, int32_t name, int32_t name_size)
NONE(path_symlink, NOENT, int32_t path, int32_t size, int32_t fd, int32_t name, int32_t name_size)
NONE(path_unlink_file, NOENT, int32_t fd, int32_t path, int32_t size)
NONE(sock_accept, NOTSOCK, int32_t fd, int32_t flags, int32_t opened)
NONE(sock_recv, NOTSOCK, int32_t fd, int32_t list, int32_t count, int32_t flags, int32_t size, int32_t out)
NONE(sock_send, NOTSOCK, int32_t fd, int32_t list, int32_t count, int32_t flags, int32_t size)
NONE(sock_shutdown, NOTSOCK, int32_t fd, int32_t how)

int host_random(void* bytes, size_t size) { return wasi_random_get(bytes, size); }

int host_clock(enum host_clock clock, int64_t* nanoseconds) { return wasi_clock_time_get(clock, 1, nanoseconds); }

int host_sleep(int64_t nanoseconds) {
  if (nanoseconds <= 0)
    return 0;
  __wasi_subscription_t wait;
  __wasi_event_t event;
  size_t events = 0;
  memset(&wait, 0, sizeof wait);
  memset(&event, 0, sizeof event);
  wait.u.tag = __WASI_EVENTTYPE_CLOCK;
  wait.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  wait.u.u.clock.timeout = (__wasi_timestamp_t)nanoseconds;
  const int error = wasi_poll_oneoff(&wait, &event, 1, &events);
  return error ? error : event.error;
}
