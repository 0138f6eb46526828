"""A TCP proxy on loopback that can fall silent, as networks do, without closing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Proxy:
    """Passes bytes on while ``open``; holds them, in order, while it is not."""

    def __init__(self, url: str) -> None:
        """Stand before the server of ``url``."""
        self._target = urlsplit(url)
        self._open = asyncio.Event()
        self._open.set()
        self.held = 0
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    def fall_silent(self) -> None:
        """Hold everything from now on, in both directions."""
        self.held = 0
        self._open.clear()

    def speak(self) -> None:
        """Pass on what was held, and all that follows."""
        self._open.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        """Listen while the block runs."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        netloc = f"{self._target.username}@127.0.0.1:{port}"
        self.url = urlunsplit(self._target._replace(netloc=netloc))
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def chunks(self, source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield what arrives."""
        while data := await source.read(65_536):
            yield data

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, back = await asyncio.open_connection(
            self._target.hostname, self._target.port
        )
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        try:
            async for data in self.chunks(source):
                if not self._open.is_set():
                    self.held += len(data)
                await self._open.wait()
                sink.write(data)
        except OSError:
            pass
        finally:
            sink.close()
