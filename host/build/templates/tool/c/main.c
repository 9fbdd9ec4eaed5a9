#include "lazaret.h"

#include <ctype.h>
#include <string.h>

const lazaret_function lazaret_functions[] = {{
    .name = "count",
    .description = "Counts the words and the letters of a text",
    .schema = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},"
              "\"required\":[\"text\"]}",
}};
const size_t lazaret_functions_count = 1;

static size_t words(const char *text) {
  size_t count = 0;
  for (bool inside = false; *text != 0; text++) {
    bool space = isspace((unsigned char)*text);
    count += !space && !inside;
    inside = !space;
  }
  return count;
}

lazaret_answer lazaret_call(const char *function, const char *arguments) {
  const char *text =
      lazaret_json_text(lazaret_json_field(lazaret_json_parse(arguments), "text"));
  if (strcmp(function, "count") != 0 || text == NULL) {
    return lazaret_fail(lazaret_format("`%s` is no function of this tool, or has no text", function));
  }
  return lazaret_answer_json(
      lazaret_format("{\"words\":%zu,\"letters\":%zu}", words(text), lazaret_letters(text)));
}
