// Bytes in, bytes out: `hello` becomes `HELLO!`. What the host has for a processor is in caisson.h.

#include "caisson.h"

static caisson_result process(caisson_bytes input) {
  if (input.size == 0)
    return caisson_error(400, CAISSON_TEXT("there is no text"));
  caisson_log(CAISSON_INFO, CAISSON_TEXT("shouting"));
  caisson_builder out = {0};
  caisson_put(&out, input);
  for (size_t i = 0; i < out.size; ++i)
    if (out.at[i] >= 'a' && out.at[i] <= 'z')
      out.at[i] -= 'a' - 'A';
  caisson_put(&out, CAISSON_TEXT("!"));
  return caisson_ok(caisson_built(&out));
}
CAISSON_PROCESSOR(process)
