#include <stdio.h>
#include <string.h>

#include "caisson.h"

enum { kLongestName = 96 };

static void add(struct problems* problems, const char* type, const char* before, const char* name, size_t size,
                const char* behind, int line) {
  if (problems->count == kMostProblems)
    return;
  int at = problems->count++;
  for (; at > 0 && problems->all[at - 1].line > line; at--)
    problems->all[at] = problems->all[at - 1];
  struct problem* problem = &problems->all[at];
  problem->line = line;
  snprintf(problem->type, sizeof problem->type, "%s", type);
  const int shown = (int)(size < kLongestName ? size : kLongestName);
  snprintf(problem->message, sizeof problem->message, "%s'%.*s'%s", before, shown, name, behind);
}

void problem_import(struct problems* problems, const char* name, size_t size, int line) {
  add(problems, "ImportError", "Import ", name, size, " is not allowed in sandbox", line);
}

void problem_builtin(struct problems* problems, const char* name, size_t size, int line) {
  add(problems, "PermissionError", "Call to built-in ", name, size, " is not allowed", line);
}

void problems_json(const struct problems* problems, struct text* text) {
  text_string(text, "[");
  for (int i = 0; i < problems->count; i++) {
    text_string(text, i ? ",{\"message\":" : "{\"message\":");
    text_json_any(text, problems->all[i].message, strlen(problems->all[i].message));
    if (problems->all[i].line) {
      text_string(text, ",\"line\":");
      text_number(text, problems->all[i].line);
    }
    text_string(text, "}");
  }
  text_string(text, "]");
}
