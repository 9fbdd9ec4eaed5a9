"""Lines for the operator. Their volume is limited (``log_bytes``); the rest is dropped and counted."""

from wit_world.imports import log as host


def debug(message: str) -> None:
    """Writes a line that is only of interest while an agent is developed."""
    host.write(host.Level.DEBUG, message)


def info(message: str) -> None:
    """Writes a line."""
    host.write(host.Level.INFO, message)


def warn(message: str) -> None:
    """Writes a line about something that may be wrong."""
    host.write(host.Level.WARN, message)


def error(message: str) -> None:
    """Writes a line about something that is wrong."""
    host.write(host.Level.ERROR, message)
