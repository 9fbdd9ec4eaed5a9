"""The exports of each world, made of what ``main.py`` declared."""

from __future__ import annotations

import inspect
import json
import traceback
from typing import Any, Callable, get_type_hints

import wit_world
from componentize_py_types import Err, Ok
from wit_world.imports import types

from . import _loop
from ._declare import declared
from ._typed import dump, load, schema
from .held import Content, parsed
from .task import Task, task_of


def agent(_main: Any) -> type:
    """Makes the class that componentize-py looks for, of the world ``agent``."""
    function = _only("agent")
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)

    class Agent(wit_world.WitWorld):  # type: ignore[misc]
        def run(self, task: Any) -> Any:
            def call() -> Any:
                _seed()
                given = task_of(task)
                values = {
                    name: given if hints.get(name) is Task else load(hints.get(name, Any), parsed(given.text))
                    for name in parameters
                }
                return _loop.finish(function(**values))

            return _guarded(call)

    return Agent


def tool(_main: Any) -> type:
    """Makes the class of the world ``tool``."""
    functions = {function.__name__: function for function in declared["tool"]}
    if not functions:
        raise TypeError("main.py declares no function with @tool")

    class Tool(wit_world.WitWorld):  # type: ignore[misc]
        def available(self) -> Any:
            return [_description(function) for function in functions.values()]

        def call(self, function: str, arguments: str) -> Any:
            def call() -> Any:
                _seed()
                one = functions.get(function)
                if one is None:
                    raise LookupError(f"there is no function `{function}`")
                hints = get_type_hints(one)
                given = parsed(arguments)
                return _loop.finish(one(**{key: load(hints.get(key, Any), value) for key, value in given.items()}))

            return _guarded(call)

    return Tool


def orchestrator(_main: Any) -> type:
    """Makes the class of the world ``orchestrator``."""
    from . import flow

    function = _only("orchestrator")

    class Orchestrator(wit_world.WitWorld):  # type: ignore[misc]
        def start(self, task: Any) -> Any:
            args = next((part.content for part in task.parts if part.name == "args"), 0)
            return flow.begin(function(Content(args)), answer_of, failure_of)

        def resume(self, batch: Any) -> Any:
            return flow.go_on(batch)

    return Orchestrator


def _only(kind: str) -> Callable[..., Any]:
    functions = declared[kind]
    if len(functions) != 1:
        raise TypeError(f"main.py has to declare one function with @{kind}, and declares {len(functions)}")
    return functions[0]


def _guarded(call: Callable[[], Any]) -> Any:
    """An exception ends the call as a failure with its trace, for the operator."""
    try:
        return answer_of(call())
    except Exception as error:
        raise Err(failure_of(error)) from None


def answer_of(value: Any) -> Any:
    """Names an answer for the host."""
    if isinstance(value, str):
        return types.Answer_Text(value)
    if isinstance(value, Content):
        return types.Answer_Content(value.handle)
    return types.Answer_Json(json.dumps(dump(value), ensure_ascii=False, allow_nan=False))


def failure_of(error: BaseException) -> Any:
    """Names a failure: the message first, then the trace without this file's own frames."""
    lines = [f"{type(error).__name__}: {error}"]
    # Not traceback.extract_tb: it looks for the source's file, and a guest has no files.
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if "/lazaret/_" not in code.co_filename:
            lines.append(f'  File "{code.co_filename}", line {line}, in {code.co_name}')
    return types.Failure("\n".join(lines))


def _description(function: Callable[..., Any]) -> Any:
    hints = {key: hint for key, hint in get_type_hints(function).items() if key != "return"}
    parameters = inspect.signature(function).parameters
    required = [name for name, one in parameters.items() if one.default is inspect.Parameter.empty]
    properties = {name: schema(hints.get(name, Any)) for name in parameters}
    text = json.dumps({"type": "object", "properties": properties, "required": required})
    first = (inspect.getdoc(function) or "").split("\n")[0]
    return types.ToolDescription(function.__name__, first, text)


def _seed() -> None:
    """The random module's state was fixed when the component was built."""
    import random

    from . import clock

    random.seed(clock.random())


__all__ = ["Ok", "agent", "orchestrator", "tool"]
