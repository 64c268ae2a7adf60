#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caisson.h"

char* text_room(struct text* text, size_t size) {
  if (text->failed)
    return NULL;
  if (size > text->room - text->size) {
    size_t room = text->room < 256 ? 512 : text->room * 2;
    if (size > ((size_t)1 << 30) || room - text->size < size)
      room = text->size + size;
    char* at = size > ((size_t)1 << 30) ? NULL : realloc(text->at, room);
    if (!at && room > text->size + size)
      at = realloc(text->at, room = text->size + size);
    if (!at) {
      text->failed = true;
      return NULL;
    }
    text->at = at;
    text->room = room;
  }
  return text->at + text->size;
}

void text_bytes(struct text* text, const void* bytes, size_t size) {
  char* to = text_room(text, size);
  if (!to || !size)
    return;
  memcpy(to, bytes, size);
  text->size += size;
}

void text_string(struct text* text, const char* string) { text_bytes(text, string, strlen(string)); }

void text_unsigned(struct text* text, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do
    digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  text_bytes(text, digits + at, sizeof digits - at);
}

void text_number(struct text* text, int64_t number) {
  if (number < 0)
    text_bytes(text, "-", 1);
  text_unsigned(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void text_base64(struct text* text, const void* bytes, size_t size) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char* from = bytes;
  char* to = text_room(text, size / 3 * 4 + 4);
  if (!to)
    return;
  char* const start = to;
  for (; size >= 3; size -= 3, from += 3) {
    uint32_t group = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
    for (int shift = 18; shift >= 0; shift -= 6)
      *to++ = kDigits[group >> shift & 63];
  }
  if (size) {
    uint32_t group = (uint32_t)from[0] << 16 | (size == 2 ? (uint32_t)from[1] << 8 : 0);
    *to++ = kDigits[group >> 18];
    *to++ = kDigits[group >> 12 & 63];
    *to++ = size == 2 ? kDigits[group >> 6 & 63] : '=';
    *to++ = '=';
  }
  text->size += (size_t)(to - start);
}

size_t utf8_length(const unsigned char* bytes, size_t size) {
  const unsigned char first = bytes[0];
  if (first < 0x80)
    return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || length > size)
    return 0;
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xC0) != 0x80)
      return 0;
  }
  const unsigned char second = bytes[1];
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F))
    return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

static bool is_plain(unsigned char byte) { return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\'; }

static void escape(struct text* text, unsigned char byte) {
  static const char kShort[] = "\"\"\\\\\bb\ff\nn\rr\tt";
  for (size_t i = 0; i + 1 < sizeof kShort; i += 2) {
    if ((unsigned char)kShort[i] == byte) {
      const char both[2] = {'\\', kShort[i + 1]};
      text_bytes(text, both, 2);
      return;
    }
  }
  char code[7];
  snprintf(code, sizeof code, "\\u%04x", byte);
  text_bytes(text, code, 6);
}

static bool json_string(struct text* text, const char* bytes, size_t size, bool replace) {
  const unsigned char* from = (const unsigned char*)bytes;
  text_bytes(text, "\"", 1);
  size_t at = 0;
  while (at < size) {
    size_t end = at;
    size_t length = 0;
    while (end < size) {
      if (is_plain(from[end])) {
        end++;
      } else if (from[end] >= 0x80 && (length = utf8_length(from + end, size - end))) {
        end += length;
      } else {
        break;
      }
    }
    text_bytes(text, from + at, end - at);
    if (end == size)
      break;
    if (from[end] < 0x80) {
      escape(text, from[end]);
    } else if (replace) {
      text_string(text, "\xEF\xBF\xBD");
    } else {
      return false;
    }
    at = end + 1;
  }
  text_bytes(text, "\"", 1);
  return true;
}

bool text_json(struct text* text, const char* bytes, size_t size) { return json_string(text, bytes, size, false); }

void text_json_any(struct text* text, const char* bytes, size_t size) { json_string(text, bytes, size, true); }

void text_free(struct text* text) {
  free(text->at);
  memset(text, 0, sizeof *text);
}
