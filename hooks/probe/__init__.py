"""The project's auth server, started once and asked: what the diagnostics probe by.

Why it is patched rather than started as ``verify`` starts it:
``docs/decisions/0005-doctor-asks-the-real-server.md``.
"""

from .described_schema import Description, describe
from .people import count_people
from .seen import Asked, Mailed, Seen, Server
from .start_command import how_to_ask
from .started_server import AuthServer, ask_server, look, no_packages

__all__ = [
    "Asked",
    "AuthServer",
    "Description",
    "Mailed",
    "Seen",
    "Server",
    "ask_server",
    "count_people",
    "describe",
    "how_to_ask",
    "look",
    "no_packages",
]
