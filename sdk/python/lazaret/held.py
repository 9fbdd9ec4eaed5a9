"""Contents, by handle: values that the host holds under a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union
import json

from wit_world.imports import types

from .errors import Failed, Invalid, attempt

try:
    from wit_world.imports import content as host
except ImportError:  # an orchestrator asks for contents in turns: see `flow`
    host = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Label:
    """Where content came from and who may read it."""

    #: Tags such as ``issue`` or ``web``; none means trusted.
    taint: list[str]
    #: The principals who may read it; ``None`` stands for everybody, web sites included.
    readers: list[str] | None


@dataclass(frozen=True)
class Content:
    """A content. Holding it shows its label and nothing of its bytes."""

    #: The number in this instance's own table.
    handle: int

    @staticmethod
    def text(text: str) -> Content:
        """Makes a text at this component's label. Limit: ``content-bytes``."""
        return Content(attempt(host.create_text, text))

    @staticmethod
    def json(value: Any) -> Content:
        """Makes a JSON value at this component's label. Limit: ``content-bytes``."""
        return Content(attempt(host.create_json, written(value)))

    @staticmethod
    def compose(skeleton: Any, leaves: dict[str, Content]) -> Content:
        """Makes a JSON value with contents in it that stay unread and keep their labels.

        ``skeleton`` has ``None`` where each pointer of ``leaves`` leads.
        """
        return Content(attempt(host.compose_json, written(skeleton), placed(leaves)))

    @staticmethod
    def concat(*pieces: Piece) -> Content:
        """Makes a text of pieces; contents among them stay unread."""
        return Content(attempt(host.compose_text, [piece_of(piece) for piece in pieces]))

    @property
    def label(self) -> Label:
        """Where the content came from and who may read it."""
        label = attempt(host.describe, self.handle).label
        everyone = isinstance(label.readers, types.Readers_Everyone)
        return Label(list(label.taint), None if everyone else list(label.readers.value))

    def read(self) -> str:
        """Reads the content. This component carries its label from then on.

        Raises ``Denied`` of kind ``clearance`` where the label would rise over what it may read.
        """
        return attempt(host.read, self.handle)

    def read_json(self) -> Any:
        """Reads a JSON content.

        The failure of an effect that had to stay inside its answer is raised as ``Failed``.
        """
        value = parsed(self.read())
        if isinstance(value, dict) and list(value) == ["error"] and isinstance(value["error"], str):
            raise Failed(value["error"])
        return value

    def project(self, pointer: str) -> Content:
        """Gives the value at a JSON pointer, unread. A missing one is ``null``."""
        return Content(attempt(host.project, self.handle, pointer))

    def split(self, most: int) -> list[Content]:
        """Gives the items of a list, at most ``most``, unread. Their number may cost bits."""
        return [Content(handle) for handle in attempt(host.split, self.handle, most)]


#: A piece of a text: written here, or a content that stays unread.
Piece = Union[str, Content]


def written(value: Any) -> str:
    """Writes a value as JSON."""
    from ._typed import dump

    try:
        return json.dumps(dump(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Invalid(str(error)) from None


def parsed(text: str) -> Any:
    """Parses JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(f"malformed JSON: {error}") from None


def piece_of(piece: Piece) -> Any:
    """Names a piece for the host."""
    if isinstance(piece, Content):
        return types.Piece_Content(piece.handle)
    return types.Piece_Literal(piece)


def placed(leaves: dict[str, Content]) -> list[Any]:
    """Names the leaves of a composition for the host."""
    return [types.Leaf(pointer, content.handle) for pointer, content in leaves.items()]


def call_of(function: str, arguments: dict[str, Any]) -> Any:
    """Names a call for the host: contents go unread, anything else as JSON."""
    values = [
        types.Argument(
            name,
            types.ArgumentValue_Content(value.handle)
            if isinstance(value, Content)
            else types.ArgumentValue_Json(written(value)),
        )
        for name, value in arguments.items()
    ]
    return types.ToolCall(function, values)
