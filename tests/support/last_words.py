"""A proxy that ends a database's connection in the same packet as its last answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.proxy import Proxy

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

_READY_FOR_QUERY = b"Z\0\0\0\x05I"
_FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"
_SHUT_DOWN = b"E" + (len(_FIELDS) + 4).to_bytes(4, "big") + _FIELDS


class LastWords(Proxy):
    """Ends the next connections when they are ready, as PostgreSQL's shutdown may."""

    ends = 0

    async def chunks(self, source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield what arrives, and the end after an answer."""
        async for data in super().chunks(source):
            if self.ends and data.endswith(_READY_FOR_QUERY):
                self.ends -= 1
                yield data + _SHUT_DOWN
                return
            yield data
