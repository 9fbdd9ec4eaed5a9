"""Keys and tokens that the host adds at the border: here one can only ask whether one is there."""

from wit_world.imports import secrets as host


def exists(name: str) -> bool:
    """Returns whether a secret is set that something granted to this component uses."""
    return host.exists(name)
