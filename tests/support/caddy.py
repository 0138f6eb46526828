"""Caddy in front of servers of a test, with the sites of a document."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import httpx

from support.debian import program
from support.postgres import free_port
from support.processes import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Certificates that it makes for itself, and nothing outside of its own folder.
_OPTIONS = """{{
	admin off
	auto_https disable_redirects
	default_bind 127.0.0.1
	https_port {port}
	local_certs
	skip_install_trust
	storage file_system {folder}/storage
}}

"""


@contextlib.contextmanager
def running_caddy(folder: Path, sites: str) -> Iterator[int]:
    """Run Caddy with these sites; yield the port at which it answers https."""
    port = free_port()
    folder.mkdir()
    configuration = folder / "Caddyfile"
    configuration.write_text(_OPTIONS.format(port=port, folder=folder) + sites)
    log = folder / "caddy.log"
    caddy = program("caddy", "caddy")
    command = [caddy, "run", "--config", str(configuration), "--adapter", "caddyfile"]
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with running(command, cwd=folder, log=log, env=home) as process:
        deadline = time.monotonic() + 60
        while not _answers(port, next(iter(sites.split()))):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield port


def ask_by_https(port: int, host: str) -> httpx.Response:
    """Ask the proxy for a host, as a browser does that its name has led there."""
    with httpx.Client(verify=False) as browser:  # noqa: S501 - Caddy's own certificate
        return browser.get(
            f"https://127.0.0.1:{port}/",
            headers={"Host": host},
            extensions={"sni_hostname": host},
        )


def _answers(port: int, host: str) -> bool:
    try:
        return ask_by_https(port, host).is_success
    except httpx.TransportError:
        return False
