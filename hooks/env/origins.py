"""What an origin is: scheme, host and port of an address, as browsers compare them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_HIGHEST_PORT = 65535
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_JSON_MARKS = re.compile(r"[\[\]\"' ]")


def is_origin(text: str) -> bool:
    """Return True for scheme, host and optional port alone, in lower case."""
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(_HOST.fullmatch(parts.hostname or ""))
        and (port is None or 0 < port <= _HIGHEST_PORT)
        and text == f"{parts.scheme}://{parts.netloc}"
        and "@" not in parts.netloc
        and not text.endswith(":")
    )


def origin_of(url: str) -> str:
    """Return the origin of an address, in lower case; empty where it has none."""
    parts = urlsplit(url.strip())
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()


def listed_origins(value: str) -> tuple[str, ...]:
    """Return the origins of a comma-separated list, without slashes at their ends."""
    parts = (part.strip().rstrip("/") for part in value.split(","))
    return tuple(dict.fromkeys(filter(None, parts)))


def origins_in(value: str) -> tuple[str, ...]:
    """Return the origins of a setting, a JSON list or one with commas."""
    return listed_origins(_JSON_MARKS.sub("", value))


def extended(value: str, origins: Iterable[str]) -> str:
    """Return a setting with these origins as well, in the form that it has."""
    listed = dict.fromkeys((*origins_in(value), *origins))
    return json.dumps([*listed]) if value.lstrip().startswith("[") else ",".join(listed)
