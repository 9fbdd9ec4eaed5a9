#include "lazaret.h"

lazaret_answer lazaret_run(const lazaret_task *task) {
  lazaret_json *input = lazaret_json_parse(task->text);
  const char *name = lazaret_json_text(lazaret_json_field(input, "name"));
  if (name == NULL) {
    return lazaret_fail("the task's text has no text `name`");
  }
  lazaret_log(LAZARET_INFO, lazaret_format("greeting %s", name));
  return lazaret_answer_json(lazaret_format(
      "{\"greeting\":%s,\"letters\":%zu}",
      lazaret_quote(lazaret_format("hello %s", name)), lazaret_letters(name)));
}
