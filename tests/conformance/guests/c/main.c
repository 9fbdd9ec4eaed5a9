#include "lazaret.h"

#include <stdlib.h>
#include <string.h>

static bool is(const char *name, const char *other) { return strcmp(name, other) == 0; }

static const lazaret_part *part(const lazaret_task *task, const char *name) {
  for (size_t index = 0; index < task->parts_count; index++) {
    if (is(task->parts[index].name, name)) {
      return &task->parts[index];
    }
  }
  lazaret_panic("the task has no part `%s`", name);
}

static lazaret_answer told(lazaret_error error) {
  if (error.kind != LAZARET_DENIED) {
    return lazaret_fail("nothing was refused");
  }
  return lazaret_answer_json(lazaret_format("{\"kind\":%s,\"rule\":%s,\"remedy\":%s}",
                                            lazaret_quote(error.denial), lazaret_quote(error.rule),
                                            error.remedy[0] == 0 ? "false" : "true"));
}

static const char *kind(lazaret_error error) {
  return error.kind == LAZARET_OK ? "done" : error.kind == LAZARET_DENIED ? error.denial : "failed";
}

static lazaret_answer typed(const lazaret_json *value) {
  const char *name = lazaret_json_text(lazaret_json_field(value, "name"));
  double years = lazaret_json_number(lazaret_json_field(value, "years"), -1);
  if (name == NULL || years < 0) {
    return lazaret_fail("the value is no person");
  }
  return lazaret_answer_json(lazaret_format("{\"name\":%s,\"next\":%.0f,\"tags\":%zu}",
                                            lazaret_quote(name), years + 1,
                                            lazaret_json_count(lazaret_json_field(value, "tags"))));
}

/* C keeps JSON that it does not look into with the host. */
static lazaret_answer unchanged(const lazaret_task *task) {
  lazaret_content whole, value, made;
  lazaret_error error = lazaret_create_json(task->text, &whole);
  if (error.kind == LAZARET_OK) {
    error = lazaret_project(whole, "/value", &value);
  }
  if (error.kind == LAZARET_OK) {
    lazaret_leaf leaf = {"/value", value};
    error = lazaret_compose("{\"value\":null}", &leaf, 1, &made);
  }
  return error.kind == LAZARET_OK ? lazaret_answer_content(made) : lazaret_fail_with(error);
}

static lazaret_answer large(size_t length) {
  char *text = malloc(length + 1);
  memset(text, 'x', length);
  text[length] = 0;
  lazaret_content made;
  lazaret_text read = {0};
  lazaret_error error = lazaret_create_text(text, &made);
  if (error.kind == LAZARET_OK) {
    error = lazaret_read(made, &read);
  }
  if (error.kind != LAZARET_OK) {
    return lazaret_fail_with(error);
  }
  return lazaret_answer_json(lazaret_format("{\"length\":%zu}", read.length));
}

static lazaret_answer handles(const lazaret_task *task) {
  lazaret_leaf leaf = {"/kept", part(task, "mail")->content};
  lazaret_label label;
  lazaret_error error = lazaret_label_of(leaf.content, &label);
  if (error.kind != LAZARET_OK || label.taint_count != 1) {
    return lazaret_fail("the label is not as it should be");
  }
  lazaret_content made;
  const char *skeleton =
      lazaret_format("{\"kept\":null,\"taint\":[%s]}", lazaret_quote(label.taint[0]));
  error = lazaret_compose(skeleton, &leaf, 1, &made);
  return error.kind == LAZARET_OK ? lazaret_answer_content(made) : lazaret_fail_with(error);
}

static lazaret_answer parallel(void) {
  lazaret_argument one = {.name = "amount", .json = "1"}, text = {.name = "text", .json = "\"x\""},
                   two = {.name = "amount", .json = "2"};
  lazaret_tool_call calls[] = {
      {"tracker.pay", &one, 1}, {"tracker.publish", &text, 1}, {"tracker.pay", &two, 1}};
  lazaret_error errors[3];
  lazaret_content answers[3];
  lazaret_tool_all(calls, 3, errors, answers);
  return lazaret_answer_json(lazaret_format("[\"%s\",\"%s\",\"%s\"]", kind(errors[0]),
                                            kind(errors[1]), kind(errors[2])));
}

static lazaret_answer gate(const lazaret_task *task) {
  const char *value;
  lazaret_error error = lazaret_gate(part(task, "mail")->content, "{\"enum\":[\"low\",\"high\"]}",
                                     "verdict", &value);
  if (error.kind != LAZARET_OK) {
    return lazaret_fail_with(error);
  }
  return lazaret_answer_json(lazaret_format("{\"value\":%s}", value == NULL ? "null" : value));
}

static lazaret_answer files(void) {
  lazaret_content file;
  lazaret_text text;
  lazaret_error error = lazaret_file_read("vault/key.txt", &file);
  if (error.kind == LAZARET_OK) {
    error = lazaret_read(file, &text);
  }
  if (error.kind != LAZARET_OK) {
    return lazaret_fail_with(error);
  }
  return lazaret_answer_json(lazaret_format("{\"text\":%s}", lazaret_quote(text.bytes)));
}

__attribute__((noinline)) static void deepest(volatile int *wheels) {
  *wheels -= 1;
  lazaret_panic("the wheel came off: %d are left", *wheels);
}

lazaret_answer lazaret_run(const lazaret_task *task) {
  lazaret_json *input = lazaret_json_parse(task->text);
  const char *name = lazaret_json_text(lazaret_json_field(input, "case"));
  lazaret_json *value = lazaret_json_field(input, "value");
  lazaret_content content;
  lazaret_text read;
  if (name == NULL) {
    return lazaret_fail("the task names no case");
  }
  if (is(name, "typed")) return typed(value);
  if (is(name, "json")) return unchanged(task);
  if (is(name, "large")) return large((size_t)lazaret_json_number(value, 0));
  if (is(name, "handles")) return handles(task);
  if (is(name, "gate")) return gate(task);
  if (is(name, "parallel")) return parallel();
  if (is(name, "files")) return files();
  if (is(name, "failure")) return lazaret_fail("asked to fail");
  if (is(name, "denial")) return told(lazaret_read(part(task, "secret")->content, &read));
  if (is(name, "unicode")) {
    const char *text = lazaret_json_text(value);
    return lazaret_answer_json(lazaret_format("{\"text\":%s,\"letters\":%zu}", lazaret_quote(text),
                                              lazaret_letters(text)));
  }
  if (is(name, "forged")) {
    lazaret_error error = lazaret_read((lazaret_content){12345}, &read);
    return lazaret_answer_json(lazaret_format("{\"kind\":\"%s\"}", kind(error)));
  }
  if (is(name, "missing-grant")) {
    lazaret_argument amount = {.name = "amount", .json = "1"};
    return told(lazaret_tool("tracker.pay", &amount, 1, &content));
  }
  if (is(name, "tool")) {
    lazaret_argument both[] = {{.name = "amount", .json = "7"},
                               {.name = "note", .content = part(task, "mail")->content}};
    lazaret_error error = lazaret_tool("tracker.pay", both, 2, &content);
    return error.kind == LAZARET_OK ? lazaret_answer_content(content) : lazaret_fail_with(error);
  }
  if (is(name, "panic")) {
    volatile int wheels = 4;
    deepest(&wheels);
  }
  if (is(name, "deadline")) {
    for (volatile unsigned count = 0;; count++) {
    }
  }
  if (is(name, "log")) {
    lazaret_log(LAZARET_DEBUG, "a line of debug");
    lazaret_log(LAZARET_INFO, "a line of info");
    lazaret_log(LAZARET_WARN, "a line of warn");
    lazaret_log(LAZARET_ERROR, "a line of error");
    return lazaret_answer_json("null");
  }
  if (is(name, "clock")) {
    return lazaret_answer_json(lazaret_format("{\"now\":%llu}", (unsigned long long)lazaret_now()));
  }
  if (is(name, "random")) {
    unsigned long long dice[3];
    for (int index = 0; index < 3; index++) {
      dice[index] = lazaret_random();
    }
    return lazaret_answer_json(
        lazaret_format("{\"dice\":[\"%llu\",\"%llu\",\"%llu\"]}", dice[0], dice[1], dice[2]));
  }
  return lazaret_fail(lazaret_format("there is no case `%s`", name));
}
