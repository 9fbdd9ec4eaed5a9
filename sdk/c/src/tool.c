/* What only tools have: their exports. */
#ifdef LAZARET_TOOL
#include "world.h"

void exports_tool_available(tool_list_tool_description_t *given) {
  given->len = lazaret_functions_count;
  given->ptr = several(lazaret_functions_count, sizeof *given->ptr);
  for (size_t index = 0; index < lazaret_functions_count; index++) {
    given->ptr[index].function = owned(lazaret_functions[index].name);
    given->ptr[index].description = owned(lazaret_functions[index].description);
    given->ptr[index].schema = owned(lazaret_functions[index].schema);
  }
}

bool exports_tool_call(tool_string_t *function, tool_string_t *arguments, tool_answer_t *given,
                       tool_failure_t *failure) {
  return give_back(lazaret_call(lift(*function), lift(*arguments)), given, failure);
}

/* The bindings would have an object file with the world's type linked in; the build says the type
 * itself when it makes the component. */
void __component_type_object_force_link_tool(void) {}

#endif
