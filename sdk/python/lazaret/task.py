"""What an agent is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from ._typed import load
from .errors import Invalid
from .held import Content, parsed

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """A text that may be seen, and named contents that are only held."""

    #: The instruction, or the typed input as JSON. The agent starts at its label.
    text: str
    #: How to do it: ``model``, ``effort``, ``schema`` and others, as the task and the policy say.
    options: dict[str, Any] = field(default_factory=dict)
    #: Contents that go with the task, unread.
    parts: dict[str, Content] = field(default_factory=dict)

    def input(self, kind: type[T]) -> T:
        """Gives the text as a value of a type. Raises ``Invalid`` where it is none."""
        return load(kind, parsed(self.text))

    def part(self, name: str) -> Content:
        """Gives a part by name, unread. Raises ``Invalid`` where the task has none."""
        if name not in self.parts:
            raise Invalid(f"the task has no part `{name}`")
        return self.parts[name]


def task_of(task: Any) -> Task:
    """Makes a task of what the host gave."""
    parts = {part.name: Content(part.content) for part in task.parts}
    return Task(task.text, parsed(task.options or "{}"), parts)
