"""Gates: the one way in which content becomes a plain value at a lower label."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from wit_world.imports import gate as host

from . import closed
from ._typed import load
from .errors import attempt
from .held import Content

T = TypeVar("T")


def pass_(content: Content, kind: type[T] | Any, rule: str) -> T | None:
    """Passes a content through a gate of the policy as a value of a closed type.

    The bits of the whole type are charged, once for the same content and type. ``None`` where the
    content is not of the type, which is one of the counted answers. Raises ``Denied`` of kind
    ``gate`` where the rule is missing or its bits are spent.
    """
    verdict = attempt(host.pass_, content.handle, json.dumps(closed.schema(kind)), rule)
    if isinstance(verdict, host.Verdict_Value):
        return load(kind, json.loads(verdict.value))
    return None
