"""Pages and services of the web that the policy grants."""

from __future__ import annotations

from wit_world.imports import web as host

from .errors import attempt
from .held import Content


def fetch(
    url: str, method: str = "get", headers: dict[str, str] | None = None, body: Content | None = None
) -> Content:
    """Asks the first granted site that holds the address.

    The answer is unread JSON: ``{status, url, type, title, preview, text, json, bytes}``. Keys are
    the host's to add.
    """
    named = [host.Header(name, value) for name, value in (headers or {}).items()]
    request = host.Request(method, url, named, None if body is None else body.handle)
    return Content(attempt(host.fetch, request))


def search(query: str) -> Content:
    """Sends the query, and nothing else, to the configured search service."""
    return Content(attempt(host.search, query))
