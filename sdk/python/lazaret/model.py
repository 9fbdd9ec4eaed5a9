"""Language models. Keys and addresses stay with the host."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Union

from wit_world.imports import model as host

from .errors import attempt
from .held import Content, parsed, written


@dataclass(frozen=True)
class ToolUse:
    """A call that the model asked for in an earlier answer."""

    id: str
    name: str
    arguments: Any


@dataclass(frozen=True)
class ToolResult:
    """What became of such a call."""

    id: str
    content: Content
    is_error: bool = False


#: A part of a message; a content stays unread here.
Block = Union[str, Content, ToolUse, ToolResult]


@dataclass(frozen=True)
class Message:
    """A message of a conversation; the role is system, user, assistant or tool."""

    role: str
    blocks: list[Block]


@dataclass(frozen=True)
class ToolSpec:
    """A function that the model may ask for."""

    name: str
    description: str
    schema: dict[str, Any] = field(default_factory=dict)


def ask(
    messages: str | list[Message],
    *,
    model: str = "",
    effort: str | None = None,
    max_output_tokens: int | None = None,
    tools: list[ToolSpec] | None = None,
    schema: dict[str, Any] | None = None,
) -> Content:
    """Asks a model. A string is one message of the user's.

    The answer is unread JSON: ``{text, tool_calls: [{id, name, arguments}], stop, usage}``.
    ``model`` is an alias of the policy; the component's own where it is left out.
    """
    given = [Message("user", [messages])] if isinstance(messages, str) else messages
    request = host.Request(
        model,
        None if effort is None else host.Effort[effort.upper()],
        max_output_tokens,
        [host.Message(host.Role[one.role.upper()], [_block(block) for block in one.blocks]) for one in given],
        [host.ToolSpec(one.name, one.description, json.dumps(one.schema)) for one in tools or []],
        None if schema is None else json.dumps(schema),
    )
    return Content(attempt(host.ask, request))


def _block(block: Block) -> Any:
    if isinstance(block, str):
        return host.Block_Text(block)
    if isinstance(block, Content):
        return host.Block_Content(block.handle)
    if isinstance(block, ToolUse):
        return host.Block_ToolUse(host.ToolUse(block.id, block.name, written(block.arguments)))
    return host.Block_ToolResult(host.ToolResult(block.id, block.content.handle, block.is_error))


def text(messages: str | list[Message], **options: Any) -> str:
    """Asks a model and reads what it says."""
    return ask(messages, **options).read_json()["text"]


def json_(messages: str | list[Message], schema: dict[str, Any], **options: Any) -> Any:
    """Asks a model for JSON that satisfies a schema, and reads it."""
    return parsed(text(messages, schema=schema, **options))
