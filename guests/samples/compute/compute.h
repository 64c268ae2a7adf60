// Three heavy workloads, compiled from one source for WebAssembly and for the host, so that a program can time one
// beside the other. Every function is pure, needs no library, and returns the same checksum on both sides; a host whose
// compiler joins a multiplication and an addition into one instruction needs -ffp-contract=off for that.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Floating point: the sum of the iteration counts of a `size` x `size` picture of the Mandelbrot set, at most 256 for
// each point. size <= 0 gives 0.
int64_t compute_mandelbrot(int32_t size);

// Integers: the first eight bytes (big-endian) of the SHA-256 of `kib` KiB of generated data. kib <= 0 hashes nothing,
// which is 0xe3b0c44298fc1c14.
int64_t compute_sha256(int32_t kib);

// Branches and memory: generates a JSON document about a list of `records` records, validates it and returns a checksum
// of its tokens, or -1 if it were invalid. The document is made and read in pieces of at most 64 records.
int64_t compute_json(int32_t records);

// The JSON validator alone: a checksum of the tokens, or -1 if the text is not one JSON value.
int64_t compute_json_text(const char* text, uint32_t length);

#ifdef __cplusplus
}
#endif
