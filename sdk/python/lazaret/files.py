"""Files below the directories that the policy grants. A path is ``mount/relative/path``."""

from __future__ import annotations

from dataclasses import dataclass

from wit_world.imports import files as host

from .errors import attempt
from .held import Content


@dataclass(frozen=True)
class Mount:
    """A directory that this component was granted something of."""

    name: str
    writable: bool


def granted() -> list[Mount]:
    """Gives the directories of which this component was granted something, in name order."""
    return [Mount(one.name, one.writable) for one in host.granted()]


def read(path: str) -> Content:
    """Gives a file's text, unread."""
    return Content(attempt(host.read, path))


def read_lines(path: str, first: int, count: int) -> Content:
    """Gives at most ``count`` lines of a file's text, unread, from ``first``, counted from 1."""
    return Content(attempt(host.read_lines, path, first, count))


def stat(path: str) -> Content:
    """Says what is at a path, unread: ``{kind, bytes, executable}``, or ``null``."""
    return Content(attempt(host.stat, path))


def list_(path: str) -> Content:
    """Gives a directory's entries, unread: ``[{name, kind}]``."""
    return Content(attempt(host.list, path))


def glob(path: str, pattern: str) -> Content:
    """Gives the files below a directory that match a pattern, unread: ``{paths, more}``."""
    return Content(attempt(host.glob, path, pattern))


def grep(path: str, pattern: str, glob: str | None = None) -> Content:
    """Gives the lines below a directory that a regular expression matches, unread."""
    return Content(attempt(host.grep, path, pattern, glob))


def write(path: str, content: Content) -> None:
    """Replaces a file's text. Missing directories are made."""
    attempt(host.write, path, content.handle)


def edit(path: str, old: str, new: Content, all: bool = False) -> Content:
    """Replaces ``old``, which must be there once unless ``all``. The answer says what came of it."""
    return Content(attempt(host.edit, path, old, new.handle, all))


def make_directory(path: str) -> Content:
    """Makes a directory and those that it lies in. The answer says what came of it."""
    return Content(attempt(host.make_directory, path))


def remove(path: str) -> Content:
    """Removes a file, a link or an empty directory. The answer says what came of it."""
    return Content(attempt(host.remove, path))


def rename(path: str, to: str) -> Content:
    """Moves a file or a directory within its mount. The answer says what came of it."""
    return Content(attempt(host.rename, path, to))
