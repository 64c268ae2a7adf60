// The probe: calls any function of WASI preview 1 and caisson_v1 with any arguments, as its input says, and tells what
// came of it. The conformance tests of the host functions are written in its language.
//
// It speaks the `buffer` ABI (and, by its function `_start`, the command ABI: then the script is standard input and the
// answer standard output). The input is text, one command on each line; the output is what the commands print, a line
// each. A number is decimal, hexadecimal with 0x, may be negative, and with @ in front counts from the start of 1 MiB
// of scratch memory.
//
//   call NAME N...      calls the function; prints its result: an errno, or the 64 bits of caisson_v1.call
//   repeat COUNT NAME N...   calls it so often; prints the last result
//   text AT TEXT        the rest of the line to memory
//   hex AT BYTES        the same in hexadecimal
//   u32 AT N, u64 AT N  a number to memory, little-endian
//   fill AT SIZE BYTE   so many bytes
//   show32 AT, show64 AT    prints a number of the memory
//   bytes AT SIZE       prints memory in hexadecimal
//   string AT SIZE      prints memory as it is
//   say TEXT            prints the rest of the line
//   exit N              proc_exit
//   spin                never ends

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#define CAISSON(name) __attribute__((import_module("caisson_v1"), import_name(#name)))

// ---------------------------------------------------------------- what it imports

WASI(args_get) uint32_t wasi_args_get(uint32_t, uint32_t);
WASI(args_sizes_get) uint32_t wasi_args_sizes_get(uint32_t, uint32_t);
WASI(environ_get) uint32_t wasi_environ_get(uint32_t, uint32_t);
WASI(environ_sizes_get) uint32_t wasi_environ_sizes_get(uint32_t, uint32_t);
WASI(clock_res_get) uint32_t wasi_clock_res_get(uint32_t, uint32_t);
WASI(clock_time_get) uint32_t wasi_clock_time_get(uint32_t, uint64_t, uint32_t);
WASI(fd_advise) uint32_t wasi_fd_advise(uint32_t, uint64_t, uint64_t, uint32_t);
WASI(fd_allocate) uint32_t wasi_fd_allocate(uint32_t, uint64_t, uint64_t);
WASI(fd_close) uint32_t wasi_fd_close(uint32_t);
WASI(fd_datasync) uint32_t wasi_fd_datasync(uint32_t);
WASI(fd_fdstat_get) uint32_t wasi_fd_fdstat_get(uint32_t, uint32_t);
WASI(fd_fdstat_set_flags) uint32_t wasi_fd_fdstat_set_flags(uint32_t, uint32_t);
WASI(fd_fdstat_set_rights) uint32_t wasi_fd_fdstat_set_rights(uint32_t, uint64_t, uint64_t);
WASI(fd_filestat_get) uint32_t wasi_fd_filestat_get(uint32_t, uint32_t);
WASI(fd_filestat_set_size) uint32_t wasi_fd_filestat_set_size(uint32_t, uint64_t);
WASI(fd_filestat_set_times) uint32_t wasi_fd_filestat_set_times(uint32_t, uint64_t, uint64_t, uint32_t);
WASI(fd_pread) uint32_t wasi_fd_pread(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
WASI(fd_prestat_get) uint32_t wasi_fd_prestat_get(uint32_t, uint32_t);
WASI(fd_prestat_dir_name) uint32_t wasi_fd_prestat_dir_name(uint32_t, uint32_t, uint32_t);
WASI(fd_pwrite) uint32_t wasi_fd_pwrite(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
WASI(fd_read) uint32_t wasi_fd_read(uint32_t, uint32_t, uint32_t, uint32_t);
WASI(fd_readdir) uint32_t wasi_fd_readdir(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
WASI(fd_renumber) uint32_t wasi_fd_renumber(uint32_t, uint32_t);
WASI(fd_seek) uint32_t wasi_fd_seek(uint32_t, uint64_t, uint32_t, uint32_t);
WASI(fd_sync) uint32_t wasi_fd_sync(uint32_t);
WASI(fd_tell) uint32_t wasi_fd_tell(uint32_t, uint32_t);
WASI(fd_write) uint32_t wasi_fd_write(uint32_t, uint32_t, uint32_t, uint32_t);
WASI(path_create_directory) uint32_t wasi_path_create_directory(uint32_t, uint32_t, uint32_t);
WASI(path_filestat_get) uint32_t wasi_path_filestat_get(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(path_filestat_set_times)
uint32_t wasi_path_filestat_set_times(uint32_t, uint32_t, uint32_t, uint32_t, uint64_t, uint64_t, uint32_t);
WASI(path_link) uint32_t wasi_path_link(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(path_open)
uint32_t wasi_path_open(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint64_t, uint64_t, uint32_t, uint32_t);
WASI(path_readlink) uint32_t wasi_path_readlink(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(path_remove_directory) uint32_t wasi_path_remove_directory(uint32_t, uint32_t, uint32_t);
WASI(path_rename) uint32_t wasi_path_rename(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(path_symlink) uint32_t wasi_path_symlink(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(path_unlink_file) uint32_t wasi_path_unlink_file(uint32_t, uint32_t, uint32_t);
WASI(poll_oneoff) uint32_t wasi_poll_oneoff(uint32_t, uint32_t, uint32_t, uint32_t);
WASI(proc_raise) uint32_t wasi_proc_raise(uint32_t);
WASI(sched_yield) uint32_t wasi_sched_yield(void);
WASI(random_get) uint32_t wasi_random_get(uint32_t, uint32_t);
WASI(sock_accept) uint32_t wasi_sock_accept(uint32_t, uint32_t, uint32_t);
WASI(sock_recv) uint32_t wasi_sock_recv(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(sock_send) uint32_t wasi_sock_send(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
WASI(sock_shutdown) uint32_t wasi_sock_shutdown(uint32_t, uint32_t);
WASI(proc_exit) _Noreturn void wasi_proc_exit(uint32_t);
CAISSON(log) void caisson_log(uint32_t, uint32_t, uint32_t);
CAISSON(call) uint64_t caisson_call(uint32_t, uint32_t, uint32_t, uint32_t);
CAISSON(take) uint32_t caisson_take(uint32_t, uint32_t);

enum { kScratchBytes = 1 << 20, kOutputBytes = 1 << 20, kInputBytes = 1 << 20, kArguments = 10 };

static unsigned char scratch[kScratchBytes];
static unsigned char input[kInputBytes];
static unsigned char output[kOutputBytes];
static size_t output_length;

// ---------------------------------------------------------------- text

typedef struct {
  const char *at, *end;
} Text;

static bool same(Text text, const char* name) {
  while (text.at < text.end && *name != 0 && *text.at == *name) {
    ++text.at;
    ++name;
  }
  return text.at == text.end && *name == 0;
}

static Text next_word(Text* line) {
  while (line->at < line->end && *line->at == ' ')
    ++line->at;
  Text word = *line;
  while (line->at < line->end && *line->at != ' ')
    ++line->at;
  word.end = line->at;
  return word;
}

/// The rest of the line behind one space.
static Text rest(Text* line) {
  if (line->at < line->end && *line->at == ' ')
    ++line->at;
  return *line;
}

static int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

static uint64_t number(Text word) {
  uint64_t value = 0;
  uint64_t base = 0;
  bool negative = false;
  unsigned radix = 10;
  if (word.at < word.end && *word.at == '@') {
    base = (uintptr_t)scratch;
    ++word.at;
  }
  if (word.at < word.end && *word.at == '-') {
    negative = true;
    ++word.at;
  }
  if (word.end - word.at > 2 && word.at[0] == '0' && word.at[1] == 'x') {
    radix = 16;
    word.at += 2;
  }
  for (; word.at < word.end; ++word.at)
    value = value * radix + (uint64_t)digit(*word.at);
  return base + (negative ? 0 - value : value);
}

static void put(char c) {
  if (output_length < kOutputBytes)
    output[output_length++] = (unsigned char)c;
}

static void put_text(Text text) {
  for (; text.at < text.end; ++text.at)
    put(*text.at);
}

static void put_number(uint64_t value) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0)
    put(digits[--count]);
}

static void put_hex(const unsigned char* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    put("0123456789abcdef"[bytes[i] >> 4]);
    put("0123456789abcdef"[bytes[i] & 15]);
  }
}

// ---------------------------------------------------------------- commands

#define I(n) ((uint32_t)arguments[n])
#define L(n) (arguments[n])

static uint64_t call(Text name, const uint64_t* arguments) {
  if (same(name, "args_get"))
    return wasi_args_get(I(0), I(1));
  if (same(name, "args_sizes_get"))
    return wasi_args_sizes_get(I(0), I(1));
  if (same(name, "environ_get"))
    return wasi_environ_get(I(0), I(1));
  if (same(name, "environ_sizes_get"))
    return wasi_environ_sizes_get(I(0), I(1));
  if (same(name, "clock_res_get"))
    return wasi_clock_res_get(I(0), I(1));
  if (same(name, "clock_time_get"))
    return wasi_clock_time_get(I(0), L(1), I(2));
  if (same(name, "fd_advise"))
    return wasi_fd_advise(I(0), L(1), L(2), I(3));
  if (same(name, "fd_allocate"))
    return wasi_fd_allocate(I(0), L(1), L(2));
  if (same(name, "fd_close"))
    return wasi_fd_close(I(0));
  if (same(name, "fd_datasync"))
    return wasi_fd_datasync(I(0));
  if (same(name, "fd_fdstat_get"))
    return wasi_fd_fdstat_get(I(0), I(1));
  if (same(name, "fd_fdstat_set_flags"))
    return wasi_fd_fdstat_set_flags(I(0), I(1));
  if (same(name, "fd_fdstat_set_rights"))
    return wasi_fd_fdstat_set_rights(I(0), L(1), L(2));
  if (same(name, "fd_filestat_get"))
    return wasi_fd_filestat_get(I(0), I(1));
  if (same(name, "fd_filestat_set_size"))
    return wasi_fd_filestat_set_size(I(0), L(1));
  if (same(name, "fd_filestat_set_times"))
    return wasi_fd_filestat_set_times(I(0), L(1), L(2), I(3));
  if (same(name, "fd_pread"))
    return wasi_fd_pread(I(0), I(1), I(2), L(3), I(4));
  if (same(name, "fd_prestat_get"))
    return wasi_fd_prestat_get(I(0), I(1));
  if (same(name, "fd_prestat_dir_name"))
    return wasi_fd_prestat_dir_name(I(0), I(1), I(2));
  if (same(name, "fd_pwrite"))
    return wasi_fd_pwrite(I(0), I(1), I(2), L(3), I(4));
  if (same(name, "fd_read"))
    return wasi_fd_read(I(0), I(1), I(2), I(3));
  if (same(name, "fd_readdir"))
    return wasi_fd_readdir(I(0), I(1), I(2), L(3), I(4));
  if (same(name, "fd_renumber"))
    return wasi_fd_renumber(I(0), I(1));
  if (same(name, "fd_seek"))
    return wasi_fd_seek(I(0), L(1), I(2), I(3));
  if (same(name, "fd_sync"))
    return wasi_fd_sync(I(0));
  if (same(name, "fd_tell"))
    return wasi_fd_tell(I(0), I(1));
  if (same(name, "fd_write"))
    return wasi_fd_write(I(0), I(1), I(2), I(3));
  if (same(name, "path_create_directory"))
    return wasi_path_create_directory(I(0), I(1), I(2));
  if (same(name, "path_filestat_get"))
    return wasi_path_filestat_get(I(0), I(1), I(2), I(3), I(4));
  if (same(name, "path_filestat_set_times"))
    return wasi_path_filestat_set_times(I(0), I(1), I(2), I(3), L(4), L(5), I(6));
  if (same(name, "path_link"))
    return wasi_path_link(I(0), I(1), I(2), I(3), I(4), I(5), I(6));
  if (same(name, "path_open"))
    return wasi_path_open(I(0), I(1), I(2), I(3), I(4), L(5), L(6), I(7), I(8));
  if (same(name, "path_readlink"))
    return wasi_path_readlink(I(0), I(1), I(2), I(3), I(4), I(5));
  if (same(name, "path_remove_directory"))
    return wasi_path_remove_directory(I(0), I(1), I(2));
  if (same(name, "path_rename"))
    return wasi_path_rename(I(0), I(1), I(2), I(3), I(4), I(5));
  if (same(name, "path_symlink"))
    return wasi_path_symlink(I(0), I(1), I(2), I(3), I(4));
  if (same(name, "path_unlink_file"))
    return wasi_path_unlink_file(I(0), I(1), I(2));
  if (same(name, "poll_oneoff"))
    return wasi_poll_oneoff(I(0), I(1), I(2), I(3));
  if (same(name, "proc_raise"))
    return wasi_proc_raise(I(0));
  if (same(name, "sched_yield"))
    return wasi_sched_yield();
  if (same(name, "random_get"))
    return wasi_random_get(I(0), I(1));
  if (same(name, "sock_accept"))
    return wasi_sock_accept(I(0), I(1), I(2));
  if (same(name, "sock_recv"))
    return wasi_sock_recv(I(0), I(1), I(2), I(3), I(4), I(5));
  if (same(name, "sock_send"))
    return wasi_sock_send(I(0), I(1), I(2), I(3), I(4));
  if (same(name, "sock_shutdown"))
    return wasi_sock_shutdown(I(0), I(1));
  if (same(name, "proc_exit"))
    wasi_proc_exit(I(0));
  if (same(name, "log")) {
    caisson_log(I(0), I(1), I(2));
    return 0;
  }
  if (same(name, "call"))
    return caisson_call(I(0), I(1), I(2), I(3));
  if (same(name, "take"))
    return caisson_take(I(0), I(1));
  return UINT64_MAX;
}

static void run_call(Text* line, uint64_t times) {
  const Text name = next_word(line);
  uint64_t arguments[kArguments] = {0};
  for (int i = 0; i < kArguments; ++i)
    arguments[i] = number(next_word(line));
  uint64_t result = 0;
  for (uint64_t i = 0; i < times; ++i)
    result = call(name, arguments);
  put_number(result);
  put('\n');
}

static void run_hex(uintptr_t at, Text bytes) {
  for (; bytes.end - bytes.at >= 2; bytes.at += 2)
    *(unsigned char*)at++ = (unsigned char)(digit(bytes.at[0]) << 4 | digit(bytes.at[1]));
}

static void run_line(Text line) {
  const Text command = next_word(&line);
  if (same(command, "call")) {
    run_call(&line, 1);
  } else if (same(command, "repeat")) {
    const uint64_t times = number(next_word(&line));
    run_call(&line, times);
  } else if (same(command, "say")) {
    put_text(rest(&line));
    put('\n');
  } else if (same(command, "exit")) {
    wasi_proc_exit((uint32_t)number(next_word(&line)));
  } else if (same(command, "spin")) {
    for (;;)
      __asm__ volatile("");
  } else if (command.at < command.end) {
    const uintptr_t at = (uintptr_t)number(next_word(&line));
    if (same(command, "text")) {
      const Text text = rest(&line);
      __builtin_memcpy((void*)at, text.at, (size_t)(text.end - text.at));
    } else if (same(command, "hex")) {
      run_hex(at, next_word(&line));
    } else if (same(command, "u32")) {
      *(uint32_t*)at = (uint32_t)number(next_word(&line));
    } else if (same(command, "u64")) {
      *(uint64_t*)at = number(next_word(&line));
    } else if (same(command, "fill")) {
      const uint64_t size = number(next_word(&line));
      __builtin_memset((void*)at, (int)number(next_word(&line)), (size_t)size);
    } else if (same(command, "show32")) {
      put_number(*(const uint32_t*)at);
      put('\n');
    } else if (same(command, "show64")) {
      put_number(*(const uint64_t*)at);
      put('\n');
    } else if (same(command, "bytes")) {
      put_hex((const unsigned char*)at, (size_t)number(next_word(&line)));
      put('\n');
    } else if (same(command, "string")) {
      const uint64_t size = number(next_word(&line));
      put_text((Text){(const char*)at, (const char*)at + size});
      put('\n');
    }
  }
}

static void run(const unsigned char* script, size_t size) {
  Text all = {(const char*)script, (const char*)script + size};
  output_length = 0;
  while (all.at < all.end) {
    Text line = {all.at, all.at};
    while (line.end < all.end && *line.end != '\n')
      ++line.end;
    all.at = line.end + 1;
    run_line(line);
  }
}

// ---------------------------------------------------------------- the two ABIs

EXPORT(caisson_alloc) void* caisson_alloc(uint32_t size) { return size <= kInputBytes ? input : NULL; }

EXPORT(caisson_process) uint64_t caisson_process(const unsigned char* bytes, uint32_t size) {
  run(bytes, size);
  return (uint64_t)(uintptr_t)output << 32 | output_length;
}

EXPORT(_start) void start(void) {
  uint32_t size = 0;
  const struct {
    uint32_t at, size;
  } in = {(uint32_t)(uintptr_t)input, kInputBytes};
  uint32_t all = 0;
  uint32_t part[2] = {in.at, in.size};
  while (wasi_fd_read(0, (uint32_t)(uintptr_t)part, 1, (uint32_t)(uintptr_t)&size) == 0 && size > 0) {
    all += size;
    part[0] += size;
    part[1] -= size;
  }
  run(input, all);
  const uint32_t result[2] = {(uint32_t)(uintptr_t)output, (uint32_t)output_length};
  wasi_fd_write(1, (uint32_t)(uintptr_t)result, 1, (uint32_t)(uintptr_t)&size);
}
