/* The names that a world's generated bindings have, and what the SDK's files share. */
#ifndef LAZARET_WORLD_H
#define LAZARET_WORLD_H

#include "lazaret.h"

#ifdef LAZARET_TOOL
#include "tool.h"
typedef tool_string_t host_string;
typedef tool_list_string_t host_strings;
#else
#include "agent.h"
typedef agent_string_t host_string;
typedef agent_list_string_t host_strings;
typedef lazaret_agent_types_tool_call_t host_call;
typedef lazaret_agent_tools_list_tool_call_t host_calls;
typedef lazaret_agent_tools_list_tool_description_t host_descriptions;
typedef lazaret_agent_tools_list_result_handle_error_t host_results;
#endif
typedef lazaret_agent_content_list_handle_t host_handles;
typedef lazaret_agent_content_list_piece_t host_pieces;
typedef lazaret_agent_content_list_leaf_t host_leaves;

host_string lower(const char *text);
host_string owned(const char *text);
const char *lift(host_string text);
void *several(size_t count, size_t size);
lazaret_error lift_error(const lazaret_agent_types_error_t *error);
bool give_back(lazaret_answer answer, lazaret_agent_types_answer_t *given,
               lazaret_agent_types_failure_t *failure);

#endif
