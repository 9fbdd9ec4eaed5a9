"""What an orchestrator asks of the host, as awaitables.

What is asked before the next ``await`` goes out together and runs at the same time; wait for
several with ``asyncio.gather``.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Callable, Coroutine, Literal

from componentize_py_types import Err, Ok
from wit_world.imports import turns, types

from . import closed
from ._loop import Loop
from ._typed import load
from .errors import Denied, Failed
from .held import Content, Piece, call_of, piece_of, placed, written

#: Begins what the host says of a child whose answers missed their schema.
_UNFIT = "schema:"


@dataclass(frozen=True)
class Ended:
    """How a child ended, as far as the orchestrator may know.

    ``value`` has the answer, unread; ``none``: a person skipped it; ``unfit``: no answer satisfied
    its schema; ``failed``; ``sealed``: the bits are spent, and how it ended stays inside.
    """

    how: Literal["value", "none", "unfit", "failed", "sealed"]
    content: Content | None = None


class _Desk:
    """The requests of this turn, and who waits for which answer."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.loop.later = self._later
        self.next = 0
        self.outgoing: list[Any] = []
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.output_tokens = 0
        self.task: asyncio.Task[Any] | None = None
        self.answer: Callable[[Any], Any] | None = None
        self.failure: Callable[[BaseException], Any] | None = None

    def ask(self, request: Any) -> asyncio.Future[Any]:
        number = self.next
        self.next += 1
        self.outgoing.append(turns.NumberedRequest(number, request))
        future = self.loop.create_future()
        self.waiting[number] = future
        return future

    def _later(self, delay: float, handle: asyncio.Handle) -> None:
        future = self.ask(turns.Request_Wait(max(0, round(delay * 1000))))
        future.add_done_callback(lambda _: None if handle.cancelled() else handle._run())

    def turn(self) -> Any:
        self.loop.run_ready()
        requests, self.outgoing = self.outgoing, []
        finished = None
        if self.task is not None and self.task.done():
            error = self.task.exception()
            finished = Ok(self.answer(self.task.result())) if error is None else Err(self.failure(error))
        elif not requests and not self.waiting:
            error = RuntimeError("the orchestrator waits for something that nothing will finish")
            finished = Err(self.failure(error))
        return turns.Turn(requests, finished)


_desk = _Desk()


def begin(run: Coroutine[Any, Any, Any], answer: Any, failure: Any) -> Any:
    """Starts the orchestrator and gives its first turn."""
    _desk.answer, _desk.failure = answer, failure
    _desk.task = _desk.loop.create_task(run)
    return _desk.turn()


def go_on(batch: Any) -> Any:
    """Hands the answers to those who wait, and gives the next turn."""
    _desk.output_tokens = batch.output_tokens
    for one in batch.replies:
        future = _desk.waiting.pop(one.id, None)
        if future is not None and not future.done():
            future.set_result(one.reply)
    return _desk.turn()


async def open(function: str, /, **arguments: Any) -> Content:
    """Opens a source of the policy with plain arguments."""
    return _content(await _desk.ask(turns.Request_Open(call_of(function, arguments))))


async def project(content: Content, pointer: str) -> Content:
    """Gives the value at a JSON pointer, unread. A missing one is ``null``."""
    return _content(await _desk.ask(turns.Request_Project(turns.Projection(content.handle, pointer))))


async def concat(*pieces: Piece) -> Content:
    """Makes a text of pieces; contents among them stay unread."""
    return _content(await _desk.ask(turns.Request_ComposeText([piece_of(piece) for piece in pieces])))


async def compose(skeleton: Any, leaves: dict[str, Content]) -> Content:
    """Makes a JSON value with contents in it, where ``skeleton`` has ``None``."""
    composition = turns.Composition(written(skeleton), placed(leaves))
    return _content(await _desk.ask(turns.Request_ComposeJson(composition)))


async def split(content: Content, most: int) -> list[Content]:
    """Gives the items of a list, at most ``most``, unread. Their number may cost bits."""
    reply = await _desk.ask(turns.Request_Split(turns.Splitting(content.handle, most)))
    if isinstance(reply, turns.Reply_Contents):
        return [Content(handle) for handle in reply.value]
    raise _unexpected(reply)


async def gate(content: Content, kind: Any, rule: str) -> Any:
    """Passes a content through a gate; ``None`` where it is not of the type."""
    schema = json.dumps(closed.schema(kind))
    reply = await _desk.ask(turns.Request_Gate(turns.Gating(content.handle, schema, rule)))
    if isinstance(reply, turns.Reply_Value):
        return load(kind, json.loads(reply.value))
    if isinstance(reply, turns.Reply_Invalid):
        return None
    raise _unexpected(reply)


async def reveal(content: Content) -> str:
    """Reads a content as text; the orchestrator carries its label from then on."""
    reply = await _desk.ask(turns.Request_Reveal(content.handle))
    if isinstance(reply, turns.Reply_Value):
        return reply.value
    raise _unexpected(reply)


async def spawn(
    profile: str,
    *,
    name: str | None = None,
    phase: str = "",
    text: Piece | list[Piece] = "",
    parts: dict[str, Content] | None = None,
    options: dict[str, Any] | None = None,
) -> Ended:
    """Starts a child agent of a profile of the policy and waits until it ended.

    The child starts at the label of its text; it only holds its parts.
    """
    pieces = text if isinstance(text, list) else [text]
    spawning = turns.Spawning(
        profile,
        profile if name is None else name,
        phase,
        [piece_of(piece) for piece in pieces],
        [types.Part(name, part.handle) for name, part in (parts or {}).items()],
        json.dumps(options or {}),
    )
    reply = await _desk.ask(turns.Request_Spawn(spawning))
    if isinstance(reply, turns.Reply_Content):
        return Ended("sealed", Content(reply.value))
    if not isinstance(reply, turns.Reply_Outcome):
        raise _unexpected(reply)
    outcome = reply.value
    if isinstance(outcome, turns.Outcome_Value):
        return Ended("value", Content(outcome.value))
    if isinstance(outcome, turns.Outcome_None):
        return Ended("none")
    return Ended("unfit" if outcome.value.startswith(_UNFIT) else "failed")


async def call(function: str, /, **arguments: Any) -> Content:
    """Calls ``tool.function``. The answer is unread."""
    return _content(await _desk.ask(turns.Request_Call(call_of(function, arguments))))


@dataclass(frozen=True)
class Said:
    """What a person said to a question; ``edited`` has a text of the person's own."""

    how: Literal["approved", "denied", "expired", "edited"]
    content: Content | None = None


async def ask(text: str, **parts: Content) -> Said:
    """Asks a person, who sees where each part came from."""
    named = [types.Part(name, part.handle) for name, part in parts.items()]
    reply = await _desk.ask(turns.Request_Ask(turns.Question(text, named)))
    if not isinstance(reply, turns.Reply_Said):
        raise _unexpected(reply)
    said = reply.value
    if isinstance(said, turns.Said_Edited):
        return Said("edited", Content(said.value))
    if isinstance(said, turns.Said_Approved):
        return Said("approved")
    return Said("denied" if isinstance(said, turns.Said_Denied) else "expired")


async def phase(title: str) -> None:
    """Starts a phase of the progress display."""
    await _desk.ask(turns.Request_Phase(title))


def output_tokens() -> int:
    """Output tokens that the run had used when the last answers came."""
    return _desk.output_tokens


def _content(reply: Any) -> Content:
    if isinstance(reply, turns.Reply_Content):
        return Content(reply.value)
    raise _unexpected(reply)


def _unexpected(reply: Any) -> Exception:
    if isinstance(reply, turns.Reply_Denied):
        return Denied(reply.value)
    if isinstance(reply, turns.Reply_Failed):
        return Failed(reply.value)
    return Failed(f"the host answered `{type(reply).__name__}`")
