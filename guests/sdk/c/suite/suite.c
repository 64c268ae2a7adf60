// The guest of the suite that every SDK passes (guests/sdk/README.md): does what the first line of its input says. An input
// that does not begin with `!` comes back as it is.

#include "../caisson.h"

// Cuts off what comes before the first `end`, and the end itself.
static caisson_bytes cut(caisson_bytes* text, char end) {
  size_t size = 0;
  while (size < text->size && text->at[size] != end)
    ++size;
  const caisson_bytes before = {text->at, size};
  const size_t skipped = size < text->size ? size + 1 : size;
  text->at += skipped;
  text->size -= skipped;
  return before;
}

static uint64_t number(caisson_bytes digits) {
  uint64_t value = 0;
  for (size_t i = 0; i < digits.size; ++i)
    value = 10 * value + (uint64_t)(digits.at[i] - '0');
  return value;
}

// `a, b` becomes `b ,a`: by characters, not by bytes.
static caisson_bytes reverse(caisson_bytes text) {
  char* const out = caisson_allocate(text.size);
  size_t end = text.size;
  for (size_t at = 0; at < text.size;) {
    size_t size = 1;
    while (at + size < text.size && ((unsigned char)text.at[at + size] & 0xC0) == 0x80)
      ++size;
    end -= size;
    for (size_t i = 0; i < size; ++i)
      out[end + i] = text.at[at + i];
    at += size;
  }
  return (caisson_bytes){out, text.size};
}

static caisson_result give(const char* operation, size_t size, caisson_answer answer) {
  if (answer.status != CAISSON_OK)
    return caisson_failure((caisson_bytes){operation, size}, answer);
  return caisson_ok(answer.bytes);
}
#define GIVE(operation, answer) give(operation, sizeof operation - 1, answer)

static caisson_result fetch(const caisson_request* request) {
  const caisson_response response = caisson_fetch(request);
  if (response.answer.status != CAISSON_OK)
    return GIVE("http.fetch", response.answer);
  caisson_builder out = {0};
  caisson_put_number(&out, response.status);
  caisson_put(&out, CAISSON_TEXT(" "));
  caisson_put(&out, caisson_response_header(&response, CAISSON_TEXT("x-answer")));
  caisson_put(&out, CAISSON_TEXT("\n"));
  caisson_put(&out, response.body);
  return caisson_ok(caisson_built(&out));
}

static unsigned calls;

static caisson_result suite(caisson_bytes input) {
  ++calls;
  if (input.size == 0 || input.at[0] != '!')
    return caisson_ok(input);
  caisson_bytes body = input;
  caisson_bytes line = cut(&body, '\n');
  const caisson_bytes command = cut(&line, ' ');
  const caisson_bytes rest = line;
  const caisson_bytes word = cut(&line, ' ');
#define IS(name) caisson_equal(command, CAISSON_TEXT(name))
  if (IS("!big")) {
    const size_t size = (size_t)number(word);
    char* const out = caisson_allocate(size);
    __builtin_memset(out, 'x', size);
    return caisson_ok((caisson_bytes){out, size});
  }
  if (IS("!reverse"))
    return caisson_ok(reverse(rest));
  if (IS("!count")) {
    caisson_builder out = {0};
    caisson_put_number(&out, calls);
    return caisson_ok(caisson_built(&out));
  }
  if (IS("!fail"))
    return caisson_error((uint16_t)number(word), body);
  if (IS("!trap"))
    __builtin_trap();
  if (IS("!log")) {
    caisson_log((caisson_level)number(word), line);
    return caisson_ok(CAISSON_TEXT("logged"));
  }
  if (IS("!set"))
    return GIVE("kv.set", caisson_kv_set(rest, body));
  if (IS("!get")) {
    const caisson_answer answer = caisson_kv_get(rest);
    return answer.status == CAISSON_NOT_FOUND ? caisson_ok(CAISSON_TEXT("nothing")) : GIVE("kv.get", answer);
  }
  if (IS("!delete"))
    return GIVE("kv.delete", caisson_kv_delete(rest));
  if (IS("!emit"))
    return GIVE("emit", caisson_emit(rest, body));
  if (IS("!fetch")) {
    const caisson_header header = {CAISSON_TEXT("x-suite"), CAISSON_TEXT("yes"), CAISSON_TEXT("")};
    return fetch(&(caisson_request){.method = word, .url = line, .headers = &header, .header_count = 1, .body = body});
  }
  if (IS("!secret")) {
    const caisson_header header = {CAISSON_TEXT("authorization"), CAISSON_TEXT("Bearer "), word};
    return fetch(&(caisson_request){.url = line, .headers = &header, .header_count = 1});
  }
  return caisson_error(400, CAISSON_TEXT("there is no such command"));
}
CAISSON_PROCESSOR(suite)
