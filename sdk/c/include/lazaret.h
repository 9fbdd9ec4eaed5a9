/*
 * Write agents and tools for Lazaret in C.
 *
 * An agent defines `lazaret_run`; a tool defines `lazaret_functions`, `lazaret_functions_count`
 * and `lazaret_call`. Each task and each call runs in a fresh instance that ends with it, so
 * nothing has to be freed: what these functions return lives as long as the instance.
 *
 * A call of the host blocks. What it returns is a `lazaret_error`; where its kind is LAZARET_OK,
 * the value is in the last parameter. A refusal is a value to go on from: nothing was done.
 *
 * Texts are UTF-8 and end with a NUL that their length does not count.
 */
#ifndef LAZARET_H
#define LAZARET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text with its length: one that was read may hold a NUL inside. */
typedef struct {
  const char *bytes;
  size_t length;
} lazaret_text;

/* A content, by handle. Holding it shows its label and nothing of its bytes. */
typedef struct {
  uint64_t handle;
} lazaret_content;

/* A content that goes with a task, unread. */
typedef struct {
  const char *name;
  lazaret_content content;
} lazaret_part;

/* What an agent is asked to do. */
typedef struct {
  const char *text;    /* the instruction, or the typed input as JSON */
  const char *options; /* how to do it, as a JSON object: model, effort, schema */
  const lazaret_part *parts;
  size_t parts_count;
} lazaret_task;

/* ---- errors ---- */

typedef enum {
  LAZARET_OK,
  LAZARET_DENIED,  /* the monitor refused: kind, rule, message and remedy say why */
  LAZARET_INVALID, /* the call's own words are wrong */
  LAZARET_FAILED   /* the effect was made and failed */
} lazaret_error_kind;

typedef struct {
  lazaret_error_kind kind;
  const char *denial;  /* "not-granted", "taint", "readers", "clearance", "unknown-handle",
                          "gate", "limit" or "refused" */
  const char *rule;    /* the rule that decided, such as "taint:tracker.label/number" */
  const char *message; /* a sentence */
  const char *remedy;  /* what is allowed instead */
} lazaret_error;

/* Says an error in a line. */
const char *lazaret_describe(lazaret_error error);

/* ---- answers ---- */

typedef struct {
  enum { LAZARET_TEXT_ANSWER, LAZARET_JSON_ANSWER, LAZARET_CONTENT_ANSWER, LAZARET_FAILURE } kind;
  const char *text;
  lazaret_content content;
} lazaret_answer;

/* Answers with text. */
lazaret_answer lazaret_answer_text(const char *text);
/* Answers with JSON that is written out; see lazaret_quote. */
lazaret_answer lazaret_answer_json(const char *json);
/* Answers with a content that the component holds, read or not. */
lazaret_answer lazaret_answer_content(lazaret_content content);
/* Says that the task could not be done; the operator reads why. */
lazaret_answer lazaret_fail(const char *message);
/* The same, of an error. */
lazaret_answer lazaret_fail_with(lazaret_error error);

/* ---- what the author defines ---- */

/* An agent: does what the task says. */
lazaret_answer lazaret_run(const lazaret_task *task);

/* A tool: what it says of one of its functions. */
typedef struct {
  const char *name;        /* without the tool's own */
  const char *description; /* in a sentence */
  const char *schema;      /* JSON Schema of the arguments */
} lazaret_function;

extern const lazaret_function lazaret_functions[];
extern const size_t lazaret_functions_count;

/* A tool: calls one function with its arguments as one JSON object. */
lazaret_answer lazaret_call(const char *function, const char *arguments);

/* ---- contents ---- */

/* Makes a text or a JSON value at this component's label. Limit: content-bytes. */
lazaret_error lazaret_create_text(const char *text, lazaret_content *made);
lazaret_error lazaret_create_json(const char *json, lazaret_content *made);

/* Reads a content. This component carries its label from then on. Denied by "clearance" where the
 * label would rise over what the component may read. */
lazaret_error lazaret_read(lazaret_content content, lazaret_text *text);

/* Gives the value at a JSON pointer, unread. A missing one is null. */
lazaret_error lazaret_project(lazaret_content content, const char *pointer, lazaret_content *part);

/* Gives the items of a list, at most `max`, unread. Their number may cost bits. */
lazaret_error lazaret_split(lazaret_content content, uint32_t max, const lazaret_content **items,
                            size_t *count);

/* A piece of a text: `literal`, or where that is NULL the content, which stays unread. */
typedef struct {
  const char *literal;
  lazaret_content content;
} lazaret_piece;

lazaret_error lazaret_concat(const lazaret_piece *pieces, size_t count, lazaret_content *made);

/* A content that replaces the null of a JSON skeleton to which the pointer leads. */
typedef struct {
  const char *pointer;
  lazaret_content content;
} lazaret_leaf;

lazaret_error lazaret_compose(const char *skeleton, const lazaret_leaf *leaves, size_t count,
                              lazaret_content *made);

/* Where content came from and who may read it. */
typedef struct {
  const char *const *taint; /* none means trusted */
  size_t taint_count;
  bool everyone; /* everybody may read it; otherwise `readers` */
  const char *const *readers;
  size_t readers_count;
} lazaret_label;

lazaret_error lazaret_label_of(lazaret_content content, lazaret_label *label);

/* ---- files below the directories that the policy grants: a path is mount/relative/path ---- */

lazaret_error lazaret_file_read(const char *path, lazaret_content *text);
lazaret_error lazaret_file_list(const char *path, lazaret_content *entries);
lazaret_error lazaret_file_stat(const char *path, lazaret_content *facts);
lazaret_error lazaret_file_glob(const char *path, const char *pattern, lazaret_content *paths);
lazaret_error lazaret_file_grep(const char *path, const char *pattern, const char *glob,
                                lazaret_content *lines); /* `glob` may be NULL */
lazaret_error lazaret_file_write(const char *path, lazaret_content content);
lazaret_error lazaret_file_edit(const char *path, const char *old, lazaret_content text, bool all,
                                lazaret_content *done);
lazaret_error lazaret_file_make_directory(const char *path, lazaret_content *done);
lazaret_error lazaret_file_remove(const char *path, lazaret_content *done);
lazaret_error lazaret_file_rename(const char *path, const char *to, lazaret_content *done);

/* ---- the web ---- */

typedef struct {
  const char *name;
  const char *value;
} lazaret_header;

/* Asks the first granted site that holds the address; `body` may be NULL. The answer is unread
 * JSON: {"status", "url", "type", "title", "preview", "text", "json", "bytes"}. */
lazaret_error lazaret_fetch(const char *method, const char *url, const lazaret_header *headers,
                            size_t count, const lazaret_content *body, lazaret_content *answer);

/* Sends the query, and nothing else, to the configured search service. */
lazaret_error lazaret_search(const char *query, lazaret_content *answer);

/* Returns whether a secret is set that something granted to this component uses. */
bool lazaret_secret_exists(const char *name);

/* ---- agents only: gates, tools, models ---- */

#ifndef LAZARET_TOOL

/* Passes a content through a gate of the policy, as JSON of a closed type. The bits of the whole
 * type are charged. `*value` is NULL where the content is not of the type, a counted answer. */
lazaret_error lazaret_gate(lazaret_content content, const char *schema, const char *rule,
                           const char **value);

/* An argument of a call: JSON written here, or where that is NULL a content, read or not. */
typedef struct {
  const char *name;
  const char *json;
  lazaret_content content;
} lazaret_argument;

typedef struct {
  const char *function; /* "tool.function" */
  const lazaret_argument *arguments;
  size_t count;
} lazaret_tool_call;

/* Calls a function. The answer is unread. Denied by "taint" where an argument carries a taint that
 * the function does not tolerate. */
lazaret_error lazaret_tool(const char *function, const lazaret_argument *arguments, size_t count,
                           lazaret_content *answer);

/* Calls several functions at the same time: `errors` and `answers` have room for `count`. */
void lazaret_tool_all(const lazaret_tool_call *calls, size_t count, lazaret_error *errors,
                      lazaret_content *answers);

/* Gives the functions that this component was granted, in name order. */
const lazaret_function *lazaret_tools_available(size_t *count);

/* Asks a model one thing; `model` is an alias of the policy, or NULL for the component's own, and
 * `schema` JSON Schema that the answer's text should satisfy, or NULL. The answer is unread JSON:
 * {"text", "tool_calls", "stop", "usage"}. */
lazaret_error lazaret_ask(const char *model, const lazaret_piece *prompt, size_t count,
                          const char *schema, lazaret_content *answer);

#endif

/* ---- clock, randomness, log ---- */

/* Milliseconds since 1970 at which this instance started. C's own clock stands for nothing. */
uint64_t lazaret_now(void);
/* The next number of this instance's own seeded sequence, the same in a replay. */
uint64_t lazaret_random(void);

typedef enum { LAZARET_DEBUG, LAZARET_INFO, LAZARET_WARN, LAZARET_ERROR } lazaret_level;

/* Writes a line for the operator. Limit: log_bytes; the rest is dropped and counted. */
void lazaret_log(lazaret_level level, const char *message);

/* Logs a message with its place in the source and ends the instance. */
#define lazaret_panic(...) \
  lazaret_panic_at(__FILE__, __LINE__, __func__, lazaret_format(__VA_ARGS__))
_Noreturn void lazaret_panic_at(const char *file, int line, const char *function,
                                const char *message);

/* ---- texts and JSON ---- */

/* Returns a new text, as printf would print it. */
__attribute__((format(printf, 1, 2))) const char *lazaret_format(const char *format, ...);
/* Returns a text as a JSON string, with its quotation marks. */
const char *lazaret_quote(const char *text);
/* Counts the characters of a text. */
size_t lazaret_letters(const char *text);

/* A parsed JSON value. Every function below takes NULL and returns its "nothing". */
typedef struct lazaret_json lazaret_json;

/* Parses JSON, at most 64 levels deep; NULL where it is none. */
lazaret_json *lazaret_json_parse(const char *text);
/* The field of an object; NULL where there is none. */
lazaret_json *lazaret_json_field(const lazaret_json *value, const char *name);
/* The item of a list; NULL past its end. */
lazaret_json *lazaret_json_item(const lazaret_json *value, size_t index);
/* How many items or fields it has. */
size_t lazaret_json_count(const lazaret_json *value);
/* The text of a string; NULL for anything else. */
const char *lazaret_json_text(const lazaret_json *value);
/* The number; `otherwise` for anything else. */
double lazaret_json_number(const lazaret_json *value, double otherwise);
/* Whether it is true. */
bool lazaret_json_true(const lazaret_json *value);

#endif
