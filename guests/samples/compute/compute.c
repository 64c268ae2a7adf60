// See compute.h. The same file is a WebAssembly module (ABI `scalar`) and a part of the bench program; it is C and C++.

#include "compute.h"

#include <stddef.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#else
#define EXPORT(name)
#endif

// ---------------------------------------------------------------- mandelbrot

EXPORT("mandelbrot") int64_t compute_mandelbrot(int32_t size) {
  int64_t sum = 0;
  for (int32_t y = 0; y < size; ++y) {
    const double im = 2.5 * y / size - 1.25;
    for (int32_t x = 0; x < size; ++x) {
      const double re = 3.0 * x / size - 2.1;
      double zr = 0, zi = 0;
      int32_t n = 0;
      while (n < 256) {
        const double r2 = zr * zr;
        const double i2 = zi * zi;
        if (r2 + i2 > 4.0)
          break;
        zi = 2.0 * zr * zi + im;
        zr = r2 - i2 + re;
        ++n;
      }
      sum += n;
    }
  }
  return sum;
}

// ---------------------------------------------------------------- SHA-256 (FIPS 180-4)

static const uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static void sha256_block(uint32_t state[8], const uint8_t block[64]) {
  uint32_t w[64];
  for (unsigned i = 0; i < 16; ++i) {
    const uint8_t* p = block + 4 * i;
    w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
  }
  for (unsigned i = 16; i < 64; ++i) {
    const uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    const uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (unsigned i = 0; i < 64; ++i) {
    const uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
    const uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

// A generator of data that no compiler can foresee (xorshift).
static uint64_t next_random(uint64_t* seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

EXPORT("sha256") int64_t compute_sha256(int32_t kib) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block[64];
  uint64_t seed = 0x9e3779b97f4a7c15u;
  const uint64_t length = kib > 0 ? (uint64_t)kib * 1024 : 0;
  for (uint64_t done = 0; done < length; done += 64) {
    for (unsigned i = 0; i < 64; i += 8) {
      const uint64_t word = next_random(&seed);
      for (unsigned j = 0; j < 8; ++j)
        block[i + j] = (uint8_t)(word >> (8 * j));
    }
    sha256_block(state, block);
  }
  for (unsigned i = 0; i < 64; ++i)
    block[i] = 0;  // the length is a multiple of 64: the padding is a block of its own
  block[0] = 0x80;
  for (unsigned j = 0; j < 8; ++j)
    block[56 + j] = (uint8_t)(length * 8 >> (56 - 8 * j));
  sha256_block(state, block);
  return (int64_t)((uint64_t)state[0] << 32 | state[1]);
}

// ---------------------------------------------------------------- JSON (RFC 8259)

enum { kMaxDepth = 64, kPieceRecords = 64, kPieceBytes = 32 * 1024 };

typedef struct {
  const char* at;
  const char* end;
  uint64_t sum;  // a checksum of the tokens seen
} Reader;

static void token(Reader* r, uint64_t value) { r->sum = (r->sum ^ value) * 0x100000001b3u; }

static void skip_space(Reader* r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
    ++r->at;
}

static int accept(Reader* r, char c) {
  if (r->at == r->end || *r->at != c)
    return 0;
  ++r->at;
  return 1;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static int is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static int read_string(Reader* r) {
  uint64_t hash = '"';
  if (!accept(r, '"'))
    return 0;
  while (r->at < r->end) {
    const char c = *r->at++;
    if (c == '"') {
      token(r, hash);
      return 1;
    }
    if ((unsigned char)c < 0x20)
      return 0;
    hash = hash * 31 + (unsigned char)c;
    if (c != '\\')
      continue;
    if (r->at == r->end)
      return 0;
    const char escape = *r->at++;
    hash = hash * 31 + (unsigned char)escape;
    if (escape == 'u') {
      for (int i = 0; i < 4; ++i) {
        if (r->at == r->end || !is_hex(*r->at))
          return 0;
        hash = hash * 31 + (unsigned char)*r->at++;
      }
    } else if (escape != '"' && escape != '\\' && escape != '/' && escape != 'b' && escape != 'f' && escape != 'n' &&
               escape != 'r' && escape != 't') {
      return 0;
    }
  }
  return 0;
}

static int read_digits(Reader* r, uint64_t* hash) {
  const char* start = r->at;
  while (r->at < r->end && is_digit(*r->at))
    *hash = *hash * 10 + (unsigned char)*r->at++;
  return r->at > start;
}

static int read_number(Reader* r) {
  uint64_t hash = (uint64_t)accept(r, '-');
  if (r->at < r->end && *r->at == '0') {
    ++r->at;
  } else if (!read_digits(r, &hash)) {
    return 0;
  }
  if (accept(r, '.') && !read_digits(r, &hash))
    return 0;
  if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
    ++r->at;
    if (!accept(r, '+'))
      hash += (uint64_t)accept(r, '-');
    if (!read_digits(r, &hash))
      return 0;
  }
  token(r, hash);
  return 1;
}

static int read_word(Reader* r, const char* word) {
  token(r, (unsigned char)*word);
  for (; *word != 0; ++word)
    if (!accept(r, *word))
      return 0;
  return 1;
}

static int read_scalar(Reader* r) {
  switch (*r->at) {
    case '"':
      return read_string(r);
    case 't':
      return read_word(r, "true");
    case 'f':
      return read_word(r, "false");
    case 'n':
      return read_word(r, "null");
    default:
      return read_number(r);
  }
}

// In an object every value has a key before it.
static int read_key(Reader* r) {
  skip_space(r);
  if (!read_string(r))
    return 0;
  skip_space(r);
  return accept(r, ':');
}

static int read_value(Reader* r) {
  char open[kMaxDepth];  // '{' or '[' for each container we are in
  int depth = 0;
  for (;;) {
    skip_space(r);
    if (r->at == r->end)
      return 0;
    if (*r->at == '{' || *r->at == '[') {
      if (depth == kMaxDepth)
        return 0;
      open[depth] = *r->at++;
      token(r, (unsigned char)open[depth]);
      skip_space(r);
      const char close = open[depth] == '{' ? '}' : ']';
      if (!accept(r, close)) {
        if (open[depth] == '{' && !read_key(r))
          return 0;
        ++depth;
        continue;  // with the first value inside
      }
    } else if (!read_scalar(r)) {
      return 0;
    }
    // A value has ended: close what ends with it, or go on behind a comma.
    for (;;) {
      skip_space(r);
      if (depth == 0)
        return 1;
      if (accept(r, ',')) {
        if (open[depth - 1] == '{' && !read_key(r))
          return 0;
        break;
      }
      if (!accept(r, open[depth - 1] == '{' ? '}' : ']'))
        return 0;
      token(r, (unsigned char)open[--depth]);
    }
  }
}

int64_t compute_json_text(const char* text, uint32_t length) {
  Reader r = {text, text + length, 0xcbf29ce484222325u};
  if (!read_value(&r) || r.at != r.end)
    return -1;
  return (int64_t)(r.sum & INT64_MAX);
}

typedef struct {
  char* at;
} Writer;

static void write_text(Writer* w, const char* text) {
  while (*text != 0)
    *w->at++ = *text++;
}

static void write_number(Writer* w, uint64_t value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0)
    *w->at++ = digits[--n];
}

// At most 300 bytes.
static void write_record(Writer* w, uint64_t* seed) {
  const uint64_t r = next_random(seed);
  write_text(w, "{\"id\": ");
  write_number(w, r >> 40);
  write_text(w, ", \"name\": \"record \\\"");
  write_number(w, r & 0xffff);
  write_text(w, "\\\" \\u00e9\", \"price\": -");
  write_number(w, r >> 16 & 0xfff);
  *w->at++ = '.';
  write_number(w, r >> 28 & 0xff);
  write_text(w, "e+2, \"tags\": [\"a\", \"b\", [], {}], \"active\": ");
  write_text(w, (r & 1) != 0 ? "true" : "false");
  write_text(w, ", \"parent\": null}");
}

EXPORT("json") int64_t compute_json(int32_t records) {
  char piece[kPieceBytes];  // half of the stack that the linker gives a module
  uint64_t seed = 0x2545f4914f6cdd1du;
  uint64_t sum = 0;
  for (int32_t done = 0; done < records;) {
    Writer w = {piece};
    *w.at++ = '[';
    for (int32_t i = 0; i < kPieceRecords && done < records; ++i, ++done) {
      if (i > 0)
        write_text(&w, ",\n");
      write_record(&w, &seed);
    }
    *w.at++ = ']';
    const int64_t value = compute_json_text(piece, (uint32_t)(w.at - piece));
    if (value < 0)
      return -1;
    sum = (sum ^ (uint64_t)value) * 0x100000001b3u;
  }
  return (int64_t)(sum & INT64_MAX);
}
