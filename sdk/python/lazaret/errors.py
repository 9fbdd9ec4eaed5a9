"""Why a call of the host gave no value."""

from __future__ import annotations

from typing import Callable, TypeVar

from componentize_py_types import Err
from wit_world.imports import types

T = TypeVar("T")


class Denied(Exception):
    """The monitor refused the call. It is a value to go on from: nothing was done.

    ``kind`` says which kind of rule refused, such as ``taint``; ``rule`` is the rule that decided,
    such as ``taint:tracker.label/number``; ``remedy`` says what is allowed instead.
    """

    def __init__(self, denial: types.Denial) -> None:
        super().__init__(f"denied by `{denial.rule}`: {denial.message}")
        self.kind: str = denial.kind.name.lower().replace("_", "-")
        self.rule: str = denial.rule
        self.message: str = denial.message
        self.remedy: str = denial.remedy


class Invalid(Exception):
    """The call's own words are wrong: a malformed pointer, JSON or schema."""


class Failed(Exception):
    """The effect was made and failed."""


def error_of(value: object) -> Exception:
    """Makes an exception of what the host answered."""
    if isinstance(value, types.Error_Denied):
        return Denied(value.value)
    if isinstance(value, types.Error_Invalid):
        return Invalid(value.value)
    if isinstance(value, types.Error_Failed):
        return Failed(value.value)
    return Failed(repr(value))


def attempt(call: Callable[..., T], *args: object) -> T:
    """Calls the host. Where it refuses or fails, one of these exceptions is raised."""
    try:
        return call(*args)
    except Err as error:
        raise error_of(error.value) from None
