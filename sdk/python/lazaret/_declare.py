"""What ``main.py`` says the component is."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: The functions that were declared, by what they are.
declared: dict[str, list[Callable[..., Any]]] = {"agent": [], "orchestrator": [], "tool": []}


def agent(function: F) -> F:
    """Makes a function the component's agent.

    Its first parameter is the task's text as JSON, as the type that it is annotated with, or the
    ``Task`` itself. A parameter annotated with ``Task`` is the task. What it returns is answered:
    a string as text, a ``Content`` by its handle, anything else as JSON. It may be ``async``.
    Each task runs in a fresh instance.
    """
    declared["agent"].append(function)
    return function


def orchestrator(function: F) -> F:
    """Makes an ``async`` function the component's orchestrator; see ``lazaret.flow``.

    Its parameter is the run's argument, unread. Given the same answers it must ask the same
    questions: it has neither clock nor randomness.
    """
    declared["orchestrator"].append(function)
    return function


def tool(function: F) -> F:
    """Makes a function one of the tool's.

    Its name, the first line of its docstring and its annotations are what the tool says of it.
    Each call runs in a fresh instance.
    """
    declared["tool"].append(function)
    return function
