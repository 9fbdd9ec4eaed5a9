"""JSON to the types that a function's annotations name, and back."""

from __future__ import annotations

import dataclasses
import enum
import types as kinds
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .errors import Invalid


def load(hint: Any, value: Any, place: str = "") -> Any:
    """Makes a value of a type: dataclasses, lists, dictionaries, unions, literals and enums."""
    if hint is Any or hint is object:
        return value
    if hint is None or hint is type(None):
        return _expect(value is None, value, "null", place)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, kinds.UnionType):
        return _union(arguments, value, place)
    if origin is Literal:
        return _expect(value in arguments, value, f"one of {list(arguments)}", place)
    if origin in (list, tuple):
        _expect(isinstance(value, list), value, "a list", place)
        inner = arguments[0] if arguments else Any
        items = [load(inner, item, f"{place}/{index}") for index, item in enumerate(value)]
        return origin(items)
    if origin is dict:
        _expect(isinstance(value, dict), value, "an object", place)
        inner = arguments[1] if len(arguments) > 1 else Any
        return {key: load(inner, item, f"{place}/{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return _record(hint, value, place)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        known = [one.value for one in hint]
        _expect(value in known, value, f"one of {known}", place)
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type):
        fits = isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
        return _expect(fits, value, hint.__name__, place)
    return value


def _union(choices: tuple[Any, ...], value: Any, place: str) -> Any:
    problems = []
    for choice in choices:
        try:
            return load(choice, value, place)
        except Invalid as problem:
            problems.append(str(problem))
    raise Invalid("; ".join(problems))


def _record(hint: Any, value: Any, place: str) -> Any:
    _expect(isinstance(value, dict), value, "an object", place)
    hints = get_type_hints(hint)
    given = {}
    for field in dataclasses.fields(hint):
        if field.name in value:
            given[field.name] = load(hints[field.name], value[field.name], f"{place}/{field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise Invalid(f"`{place or '/'}` has no field `{field.name}`")
    return hint(**given)


def _expect(fits: bool, value: Any, wanted: str, place: str) -> Any:
    if not fits:
        raise Invalid(f"`{place or '/'}` is no {wanted}" if wanted[0].isupper() else f"`{place or '/'}` is not {wanted}")
    return value


def dump(value: Any) -> Any:
    """Makes plain values, for JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: dump(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {key: dump(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [dump(item) for item in value]
    return value


def schema(hint: Any) -> dict[str, Any]:
    """Returns the JSON Schema of a type, as far as it can be said."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": schema(arguments[0])} if arguments else {"type": "array"}
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return {
            "type": "object",
            "properties": {field.name: schema(hints[field.name]) for field in dataclasses.fields(hint)},
            "required": [field.name for field in dataclasses.fields(hint) if field.default is dataclasses.MISSING],
        }
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [one.value for one in hint]}
    names = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}
    return {"type": names[hint]} if hint in names else {}
