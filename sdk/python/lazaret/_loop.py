"""An event loop that runs within one call of the component: there is nothing to wait for outside."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from typing import Any, Callable


class Loop(asyncio.AbstractEventLoop):
    """Runs what is ready. Timers are the host's, where there is a way to ask it (``later``)."""

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        #: Asks the host to wait for so many seconds, then to run something.
        self.later: Callable[[float, asyncio.Handle], None] | None = None

    def run_ready(self) -> None:
        """Runs until nothing is ready."""
        asyncio._set_running_loop(self)
        try:
            while self._ready:
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(None)

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:
        if self.later is None:
            raise RuntimeError("an agent cannot wait for a time: nothing of it runs meanwhile")
        handle = asyncio.TimerHandle(delay, callback, args, self, context)
        self.later(delay, handle)
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        return self.call_later(when, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(coro, loop=self, **options)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """An error that nobody waited for is an error all the same."""
        if (error := context.get("exception")) is not None:
            raise error

    def time(self) -> float:
        return 0.0

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """The host's answer finds it cancelled."""


def finish(value: Any) -> Any:
    """Runs a coroutine to its end; any other value is its own."""
    if not inspect.isawaitable(value):
        return value
    loop = Loop()
    task = loop.create_task(value)
    loop.run_ready()
    if not task.done():
        raise RuntimeError("the agent waits for something that nothing will finish")
    return task.result()
