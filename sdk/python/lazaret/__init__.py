"""Write agents, orchestrators and tools for Lazaret in Python.

``main.py`` declares what the component is::

    @agent
    def run(input: Input) -> Output: ...

    @tool
    def add(a: int, b: int) -> int: "Adds two numbers"

    @orchestrator
    async def run(args: Content) -> object: ...

Every module has to be imported when ``main.py`` is: a component has no files to import from later.
What the top level of a module computes is computed once, when the component is built.
"""

from importlib import import_module
from importlib.util import find_spec

from ._declare import agent, orchestrator, tool
from .errors import Denied, Failed, Invalid

__all__ = [
    "Content",
    "Denied",
    "Failed",
    "Invalid",
    "Task",
    "agent",
    "orchestrator",
    "tool",
]

# Each world has its own interfaces; a module is there where its interface is.
for _name, _interface in (
    ("content", "content"),
    ("clock", "clock"),
    ("files", "files"),
    ("gate", "gate"),
    ("log", "log"),
    ("model", "model"),
    ("secrets", "secrets"),
    ("tools", "tools"),
    ("web", "web"),
    ("flow", "turns"),
):
    if find_spec(f"wit_world.imports.{_interface}") is not None:
        globals()[_name] = import_module(f"lazaret.{_name}")
        __all__.append(_name)

from .held import Content  # noqa: E402
from .task import Task  # noqa: E402
from . import closed  # noqa: E402

__all__.append("closed")
