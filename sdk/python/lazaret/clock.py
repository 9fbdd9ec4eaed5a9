"""Virtual time and seeded randomness: the same in a replay as in the run."""

from wit_world.imports import clock as host


def now() -> int:
    """Milliseconds since 1970 at which this instance started. It stands still while it runs."""
    return host.now()


def random() -> int:
    """The next number, of 64 bits, of this instance's own seeded sequence."""
    return host.random()
