"""A proxy on a network that loses packets: TCP makes them late, never missing."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from support.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# What Linux waits before it sends a packet again; twice as long each further time.
RESENT_AFTER_SECONDS = 0.2


class LossyProxy(Proxy):
    """Loses what it is given with a probability, and delivers it when it is resent."""

    loss = 0.0
    lost = 0

    async def chunks(self, source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield what arrives, when it arrives."""
        async for data in super().chunks(source):
            wait = RESENT_AFTER_SECONDS
            while random.random() < self.loss:  # noqa: S311 - no secret
                self.lost += 1
                await asyncio.sleep(wait)
                wait *= 2
            yield data
