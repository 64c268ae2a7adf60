// What the programs wasi_hello and wasi_features show, in C: both standard streams, arguments, variables, the time that went
// by, and randomness. The grants it needs: {preset: wasi, clock: true, random: true}.
//
//   clang --target=wasm32-wasi -O2 both.c -o both.wasm     (Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32)

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

int main(int count, char** arguments) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  printf("Hello from WASI!\n");
  fprintf(stderr, "This goes to stderr\n");
  printf("Current time: %lld\n", (long long)time(NULL));
  printf("Arguments:");
  for (int i = 0; i < count; ++i)
    printf(" '%s'", arguments[i]);
  printf("\n");
  for (char** variable = environ; *variable != NULL; ++variable)
    printf("%s\n", *variable);
  unsigned long long number;
  if (getentropy(&number, sizeof number) != 0)
    return EXIT_FAILURE;
  printf("Random number: %llu\n", number);
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long elapsed = (now.tv_sec - start.tv_sec) * 1000000000LL + (now.tv_nsec - start.tv_nsec);
  printf("Elapsed: %lld ns\n", elapsed);
  return EXIT_SUCCESS;
}
