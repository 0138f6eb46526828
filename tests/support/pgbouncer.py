"""PgBouncer in transaction mode before a PostgreSQL, as hosted databases have it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from support.debian import program
from support.postgres import NOBODY, execute, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def transaction_pooler(database_url: str, connections: int) -> Iterator[str]:
    """Pool ``connections`` connections to a database; yield the URL to use instead."""
    pgbouncer = program("pgbouncer", "pgbouncer")
    parts = urlsplit(database_url)
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    folder.chmod(0o755)
    users = folder / "users.txt"
    users.write_text(f'"{parts.username}" ""\n')
    settings = folder / "pgbouncer.ini"
    # `auth_type = any` forgets who the client is, so the server's user is named.
    settings.write_text(
        f"""[databases]
* = host={parts.hostname} port={parts.port} user={parts.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
auth_file = {users}
pool_mode = transaction
default_pool_size = {connections}
"""
    )
    as_nobody: dict[str, Any] = (
        {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    )
    process = subprocess.Popen(
        [pgbouncer, "-q", settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **as_nobody,
    )
    url = f"{parts.scheme}://{parts.username}@127.0.0.1:{port}{parts.path}"
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(subprocess.CalledProcessError):
                execute(url, "select 1")
                break
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(folder)
