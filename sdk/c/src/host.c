/* The contract's functions in the SDK's words, for both worlds. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

host_string lower(const char *text) {
  return (host_string){(uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

/* The host leaves no NUL behind a text. */
const char *lift(host_string text) {
  char *copy = malloc(text.len + 1);
  if (copy == NULL) {
    lazaret_panic_at(__FILE__, __LINE__, __func__, "no memory is left");
  }
  if (text.len > 0) {
    memcpy(copy, text.ptr, text.len);
  }
  copy[text.len] = 0;
  return copy;
}

void *several(size_t count, size_t size) {
  void *memory = calloc(count == 0 ? 1 : count, size);
  if (memory == NULL) {
    lazaret_panic_at(__FILE__, __LINE__, __func__, "no memory is left");
  }
  return memory;
}

/* What is given back is freed by the bindings once the host has read it. */
host_string owned(const char *text) {
  size_t length = strlen(text);
  uint8_t *copy = several(length + 1, 1);
  memcpy(copy, text, length);
  return (host_string){copy, length};
}

static const char *const DENIALS[] = {"not-granted", "taint", "readers", "clearance",
                                      "unknown-handle", "gate", "limit", "refused"};

lazaret_error lift_error(const lazaret_agent_types_error_t *error) {
  lazaret_error lifted = {0};
  switch (error->tag) {
  case LAZARET_AGENT_TYPES_ERROR_DENIED: {
    const lazaret_agent_types_denial_t *denial = &error->val.denied;
    size_t known = sizeof DENIALS / sizeof *DENIALS;
    lifted.kind = LAZARET_DENIED;
    lifted.denial = denial->kind < known ? DENIALS[denial->kind] : "denied";
    lifted.rule = lift(denial->rule);
    lifted.message = lift(denial->message);
    lifted.remedy = lift(denial->remedy);
    break;
  }
  case LAZARET_AGENT_TYPES_ERROR_INVALID:
    lifted.kind = LAZARET_INVALID;
    lifted.message = lift(error->val.invalid);
    break;
  default:
    lifted.kind = LAZARET_FAILED;
    lifted.message = lift(error->val.failed);
  }
  return lifted;
}

const char *lazaret_describe(lazaret_error error) {
  switch (error.kind) {
  case LAZARET_OK:
    return "done";
  case LAZARET_DENIED:
    return lazaret_format("denied by `%s`: %s", error.rule, error.message);
  case LAZARET_INVALID:
    return lazaret_format("invalid: %s", error.message);
  default:
    return lazaret_format("failed: %s", error.message);
  }
}

lazaret_answer lazaret_answer_text(const char *text) {
  return (lazaret_answer){.kind = LAZARET_TEXT_ANSWER, .text = text};
}

lazaret_answer lazaret_answer_json(const char *json) {
  return (lazaret_answer){.kind = LAZARET_JSON_ANSWER, .text = json};
}

lazaret_answer lazaret_answer_content(lazaret_content content) {
  return (lazaret_answer){.kind = LAZARET_CONTENT_ANSWER, .content = content};
}

lazaret_answer lazaret_fail(const char *message) {
  return (lazaret_answer){.kind = LAZARET_FAILURE, .text = message};
}

lazaret_answer lazaret_fail_with(lazaret_error error) {
  return lazaret_fail(lazaret_describe(error));
}

bool give_back(lazaret_answer answer, lazaret_agent_types_answer_t *given,
               lazaret_agent_types_failure_t *failure) {
  switch (answer.kind) {
  case LAZARET_TEXT_ANSWER:
    given->tag = LAZARET_AGENT_TYPES_ANSWER_TEXT;
    given->val.text = owned(answer.text);
    return true;
  case LAZARET_JSON_ANSWER:
    given->tag = LAZARET_AGENT_TYPES_ANSWER_JSON;
    given->val.json = owned(answer.text);
    return true;
  case LAZARET_CONTENT_ANSWER:
    given->tag = LAZARET_AGENT_TYPES_ANSWER_CONTENT;
    given->val.content = answer.content.handle;
    return true;
  default:
    failure->message = owned(answer.text);
    return false;
  }
}

/* Calls the host for a content. */
#define HANDLE(result, call)                  \
  do {                                        \
    lazaret_agent_types_handle_t handle = 0;  \
    lazaret_agent_types_error_t error;        \
    if (!(call)) {                            \
      return lift_error(&error);              \
    }                                         \
    (result)->handle = handle;                \
    return (lazaret_error){.kind = LAZARET_OK}; \
  } while (0)

lazaret_error lazaret_create_text(const char *text, lazaret_content *made) {
  host_string word = lower(text);
  HANDLE(made, lazaret_agent_content_create_text(&word, &handle, &error));
}

lazaret_error lazaret_create_json(const char *json, lazaret_content *made) {
  host_string word = lower(json);
  HANDLE(made, lazaret_agent_content_create_json(&word, &handle, &error));
}

lazaret_error lazaret_read(lazaret_content content, lazaret_text *text) {
  host_string read;
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_content_read(content.handle, &read, &error)) {
    return lift_error(&error);
  }
  *text = (lazaret_text){lift(read), read.len};
  return (lazaret_error){.kind = LAZARET_OK};
}

lazaret_error lazaret_project(lazaret_content content, const char *pointer, lazaret_content *part) {
  host_string word = lower(pointer);
  HANDLE(part, lazaret_agent_content_project(content.handle, &word, &handle, &error));
}

lazaret_error lazaret_split(lazaret_content content, uint32_t max, const lazaret_content **items,
                            size_t *count) {
  host_handles list;
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_content_split(content.handle, max, &list, &error)) {
    return lift_error(&error);
  }
  lazaret_content *all = several(list.len, sizeof *all);
  for (size_t index = 0; index < list.len; index++) {
    all[index].handle = list.ptr[index];
  }
  *items = all;
  *count = list.len;
  return (lazaret_error){.kind = LAZARET_OK};
}

lazaret_error lazaret_concat(const lazaret_piece *pieces, size_t count, lazaret_content *made) {
  lazaret_agent_types_piece_t *all = several(count, sizeof *all);
  for (size_t index = 0; index < count; index++) {
    if (pieces[index].literal != NULL) {
      all[index].tag = LAZARET_AGENT_TYPES_PIECE_LITERAL;
      all[index].val.literal = lower(pieces[index].literal);
    } else {
      all[index].tag = LAZARET_AGENT_TYPES_PIECE_CONTENT;
      all[index].val.content = pieces[index].content.handle;
    }
  }
  host_pieces list = {all, count};
  HANDLE(made, lazaret_agent_content_compose_text(&list, &handle, &error));
}

lazaret_error lazaret_compose(const char *skeleton, const lazaret_leaf *leaves, size_t count,
                              lazaret_content *made) {
  lazaret_agent_types_leaf_t *all = several(count, sizeof *all);
  for (size_t index = 0; index < count; index++) {
    all[index].pointer = lower(leaves[index].pointer);
    all[index].content = leaves[index].content.handle;
  }
  host_string word = lower(skeleton);
  host_leaves list = {all, count};
  HANDLE(made, lazaret_agent_content_compose_json(&word, &list, &handle, &error));
}

static const char *const *words(host_strings list) {
  const char **all = several(list.len, sizeof *all);
  for (size_t index = 0; index < list.len; index++) {
    all[index] = lift(list.ptr[index]);
  }
  return all;
}

lazaret_error lazaret_label_of(lazaret_content content, lazaret_label *label) {
  lazaret_agent_content_description_t description;
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_content_describe(content.handle, &description, &error)) {
    return lift_error(&error);
  }
  const lazaret_agent_types_readers_t *readers = &description.label.readers;
  *label = (lazaret_label){
      .taint = words(description.label.taint),
      .taint_count = description.label.taint.len,
      .everyone = readers->tag == LAZARET_AGENT_TYPES_READERS_EVERYONE,
  };
  if (!label->everyone) {
    label->readers = words(readers->val.only);
    label->readers_count = readers->val.only.len;
  }
  return (lazaret_error){.kind = LAZARET_OK};
}

lazaret_error lazaret_file_read(const char *path, lazaret_content *text) {
  host_string word = lower(path);
  HANDLE(text, lazaret_agent_files_read(&word, &handle, &error));
}

lazaret_error lazaret_file_list(const char *path, lazaret_content *entries) {
  host_string word = lower(path);
  HANDLE(entries, lazaret_agent_files_list(&word, &handle, &error));
}

lazaret_error lazaret_file_stat(const char *path, lazaret_content *facts) {
  host_string word = lower(path);
  HANDLE(facts, lazaret_agent_files_stat(&word, &handle, &error));
}

lazaret_error lazaret_file_glob(const char *path, const char *pattern, lazaret_content *paths) {
  host_string word = lower(path), wanted = lower(pattern);
  HANDLE(paths, lazaret_agent_files_glob(&word, &wanted, &handle, &error));
}

lazaret_error lazaret_file_grep(const char *path, const char *pattern, const char *glob,
                                lazaret_content *lines) {
  host_string word = lower(path), wanted = lower(pattern), only = lower(glob);
  HANDLE(lines, lazaret_agent_files_grep(&word, &wanted, glob == NULL ? NULL : &only, &handle, &error));
}

lazaret_error lazaret_file_write(const char *path, lazaret_content content) {
  host_string word = lower(path);
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_files_write(&word, content.handle, &error)) {
    return lift_error(&error);
  }
  return (lazaret_error){.kind = LAZARET_OK};
}

lazaret_error lazaret_file_edit(const char *path, const char *old, lazaret_content text, bool all,
                                lazaret_content *done) {
  host_string word = lower(path), wanted = lower(old);
  HANDLE(done, lazaret_agent_files_edit(&word, &wanted, text.handle, all, &handle, &error));
}

lazaret_error lazaret_file_make_directory(const char *path, lazaret_content *done) {
  host_string word = lower(path);
  HANDLE(done, lazaret_agent_files_make_directory(&word, &handle, &error));
}

lazaret_error lazaret_file_remove(const char *path, lazaret_content *done) {
  host_string word = lower(path);
  HANDLE(done, lazaret_agent_files_remove(&word, &handle, &error));
}

lazaret_error lazaret_file_rename(const char *path, const char *to, lazaret_content *done) {
  host_string word = lower(path), wanted = lower(to);
  HANDLE(done, lazaret_agent_files_rename(&word, &wanted, &handle, &error));
}

lazaret_error lazaret_fetch(const char *method, const char *url, const lazaret_header *headers,
                            size_t count, const lazaret_content *body, lazaret_content *answer) {
  lazaret_agent_web_header_t *all = several(count, sizeof *all);
  for (size_t index = 0; index < count; index++) {
    all[index].name = lower(headers[index].name);
    all[index].value = lower(headers[index].value);
  }
  lazaret_agent_web_request_t request = {
      .method = lower(method), .url = lower(url), .headers = {all, count}};
  request.body.is_some = body != NULL;
  request.body.val = body == NULL ? 0 : body->handle;
  HANDLE(answer, lazaret_agent_web_fetch(&request, &handle, &error));
}

lazaret_error lazaret_search(const char *query, lazaret_content *answer) {
  host_string word = lower(query);
  HANDLE(answer, lazaret_agent_web_search(&word, &handle, &error));
}

bool lazaret_secret_exists(const char *name) {
  host_string word = lower(name);
  return lazaret_agent_secrets_exists(&word);
}

uint64_t lazaret_now(void) { return lazaret_agent_clock_now(); }

uint64_t lazaret_random(void) { return lazaret_agent_clock_random(); }

void lazaret_log(lazaret_level level, const char *message) {
  host_string word = lower(message);
  lazaret_agent_log_write((lazaret_agent_log_level_t)level, &word);
}

_Noreturn void lazaret_panic_at(const char *file, int line, const char *function,
                                const char *message) {
  lazaret_log(LAZARET_ERROR, lazaret_format("%s:%d: %s: %s", file, line, function, message));
  __builtin_trap();
}
