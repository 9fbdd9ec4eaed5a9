"""Closed types: those whose values can be counted, and which alone pass a gate.

``Literal["low", "high"]``, ``bool``, an enum of texts, ``Annotated[int, Between(1, 5)]``, and
dataclasses of these.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from ._typed import schema as plain
from .errors import Invalid


@dataclass(frozen=True)
class Between:
    """The bounds of a whole number, both included."""

    minimum: int
    maximum: int


def schema(hint: Any) -> dict[str, Any]:
    """Returns the JSON Schema from which a gate's capacity is counted."""
    if get_origin(hint) is Annotated:
        for note in get_args(hint)[1:]:
            if isinstance(note, Between):
                return {"type": "integer", "minimum": note.minimum, "maximum": note.maximum}
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        names = [field.name for field in dataclasses.fields(hint)]
        properties = {name: schema(hints[name]) for name in names}
        return {"type": "object", "properties": properties, "required": names}
    found = plain(hint)
    if found.get("type") in ("string", "integer", "number", "array", "object") or not found:
        raise Invalid(f"`{hint}` is not closed: its values cannot be counted")
    return found
