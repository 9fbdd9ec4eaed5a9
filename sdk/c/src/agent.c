/* What only agents have: their export, gates, tools and models. */
#ifndef LAZARET_TOOL
#include "world.h"

#include <string.h>

bool exports_agent_run(agent_task_t *task, agent_answer_t *given, agent_failure_t *failure) {
  lazaret_part *parts = several(task->parts.len, sizeof *parts);
  for (size_t index = 0; index < task->parts.len; index++) {
    parts[index].name = lift(task->parts.ptr[index].name);
    parts[index].content.handle = task->parts.ptr[index].content;
  }
  lazaret_task lifted = {lift(task->text), lift(task->options), parts, task->parts.len};
  return give_back(lazaret_run(&lifted), given, failure);
}

lazaret_error lazaret_gate(lazaret_content content, const char *schema, const char *rule,
                           const char **value) {
  host_string type = lower(schema), name = lower(rule);
  lazaret_agent_gate_verdict_t verdict;
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_gate_pass(content.handle, &type, &name, &verdict, &error)) {
    return lift_error(&error);
  }
  *value = verdict.tag == LAZARET_AGENT_GATE_VERDICT_VALUE ? lift(verdict.val.value) : NULL;
  return (lazaret_error){.kind = LAZARET_OK};
}

static lazaret_agent_types_tool_call_t call_of(const char *function,
                                               const lazaret_argument *arguments, size_t count) {
  lazaret_agent_types_argument_t *all = several(count, sizeof *all);
  for (size_t index = 0; index < count; index++) {
    all[index].name = lower(arguments[index].name);
    if (arguments[index].json != NULL) {
      all[index].value.tag = LAZARET_AGENT_TYPES_ARGUMENT_VALUE_JSON;
      all[index].value.val.json = lower(arguments[index].json);
    } else {
      all[index].value.tag = LAZARET_AGENT_TYPES_ARGUMENT_VALUE_CONTENT;
      all[index].value.val.content = arguments[index].content.handle;
    }
  }
  return (lazaret_agent_types_tool_call_t){lower(function), {all, count}};
}

lazaret_error lazaret_tool(const char *function, const lazaret_argument *arguments, size_t count,
                           lazaret_content *answer) {
  lazaret_agent_types_tool_call_t call = call_of(function, arguments, count);
  lazaret_agent_types_handle_t handle = 0;
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_tools_call(&call, &handle, &error)) {
    return lift_error(&error);
  }
  answer->handle = handle;
  return (lazaret_error){.kind = LAZARET_OK};
}

void lazaret_tool_all(const lazaret_tool_call *calls, size_t count, lazaret_error *errors,
                      lazaret_content *answers) {
  lazaret_agent_types_tool_call_t *all = several(count, sizeof *all);
  for (size_t index = 0; index < count; index++) {
    all[index] = call_of(calls[index].function, calls[index].arguments, calls[index].count);
  }
  host_calls list = {all, count};
  host_results results;
  lazaret_agent_tools_call_all(&list, &results);
  for (size_t index = 0; index < count && index < results.len; index++) {
    errors[index] = (lazaret_error){.kind = LAZARET_OK};
    if (results.ptr[index].is_err) {
      errors[index] = lift_error(&results.ptr[index].val.err);
    } else {
      answers[index].handle = results.ptr[index].val.ok;
    }
  }
}

const lazaret_function *lazaret_tools_available(size_t *count) {
  host_descriptions list;
  lazaret_agent_tools_available(&list);
  lazaret_function *all = several(list.len, sizeof *all);
  for (size_t index = 0; index < list.len; index++) {
    all[index].name = lift(list.ptr[index].function);
    all[index].description = lift(list.ptr[index].description);
    all[index].schema = lift(list.ptr[index].schema);
  }
  *count = list.len;
  return all;
}

lazaret_error lazaret_ask(const char *model, const lazaret_piece *prompt, size_t count,
                          const char *schema, lazaret_content *answer) {
  lazaret_agent_model_block_t *blocks = several(count, sizeof *blocks);
  for (size_t index = 0; index < count; index++) {
    if (prompt[index].literal != NULL) {
      blocks[index].tag = LAZARET_AGENT_MODEL_BLOCK_TEXT;
      blocks[index].val.text = lower(prompt[index].literal);
    } else {
      blocks[index].tag = LAZARET_AGENT_MODEL_BLOCK_CONTENT;
      blocks[index].val.content = prompt[index].content.handle;
    }
  }
  lazaret_agent_model_message_t message = {LAZARET_AGENT_MODEL_ROLE_USER, {blocks, count}};
  lazaret_agent_model_request_t request = {.model = lower(model), .messages = {&message, 1}};
  request.schema.is_some = schema != NULL;
  request.schema.val = lower(schema);
  lazaret_agent_types_handle_t handle = 0;
  lazaret_agent_types_error_t error;
  if (!lazaret_agent_model_ask(&request, &handle, &error)) {
    return lift_error(&error);
  }
  answer->handle = handle;
  return (lazaret_error){.kind = LAZARET_OK};
}

/* The bindings would have an object file with the world's type linked in; the build says the type
 * itself when it makes the component. */
void __component_type_object_force_link_agent(void) {}

#endif
