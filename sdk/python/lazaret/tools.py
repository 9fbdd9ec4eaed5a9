"""Functions of the tools that the policy grants."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from componentize_py_types import Ok
from wit_world.imports import tools as host

from .errors import attempt, error_of
from .held import Content, call_of


@dataclass(frozen=True)
class Description:
    """What a tool says of one of its functions."""

    function: str
    description: str
    #: JSON Schema of the arguments.
    schema: dict[str, Any]


def available() -> list[Description]:
    """Returns the functions that this component was granted, in name order."""
    return [Description(one.function, one.description, json.loads(one.schema)) for one in host.available()]


def call(function: str, /, **arguments: Any) -> Content:
    """Calls ``tool.function``. The answer is a content, unread.

    An argument that is a ``Content`` goes unread, anything else as JSON. Raises ``Denied`` of kind
    ``taint`` where one carries a taint that the function does not tolerate.
    """
    return Content(attempt(host.call, call_of(function, arguments)))


def call_all(calls: list[tuple[str, dict[str, Any]]]) -> list[Content | Exception]:
    """Calls several functions at the same time; the answers come in the calls' order."""
    answers = host.call_all([call_of(function, arguments) for function, arguments in calls])
    return [Content(one.value) if isinstance(one, Ok) else error_of(one.value) for one in answers]
