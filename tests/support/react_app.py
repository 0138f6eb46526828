"""The rendered React example as an application of its own, built and served."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from support.node import node_modules
from support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from copier_better_auth.verification import Servers

_PACKAGES = ROOT / "tests/documents/front_end"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<main><h1>Shop</h1><div id="root"></div></main>
<script type="module" src="built.js"></script>
</html>
"""
_MAIN = """
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { Account } from "./react";

createRoot(document.getElementById("root")).render(createElement(Account));
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextlib.contextmanager
def running_react_app(
    example: Path, folder: Path, servers: Servers, origin: str
) -> Iterator[None]:
    """Build what the example's page says to copy, in ``folder``, and serve it."""
    shutil.copytree(example, folder, dirs_exist_ok=True)
    api = folder / "api.ts"
    text = api.read_text()
    for usual, url in (("3001", servers.auth_url), ("8000", servers.api_url)):
        assert f"http://localhost:{usual}" in text
        text = text.replace(f"http://localhost:{usual}", url)
    api.write_text(text)
    (folder / "main.js").write_text(_MAIN)
    (folder / "index.html").write_text(_PAGE)
    packages = node_modules(_PACKAGES)
    (folder / "node_modules").symlink_to(packages)
    how = ("--bundle", "--jsx=automatic", "--format=esm", "--log-level=warning")
    subprocess.run(
        [str(packages / ".bin/esbuild"), "main.js", *how, "--outfile=built.js"],
        cwd=folder,
        check=True,
    )
    served = ThreadingHTTPServer(
        ("127.0.0.1", urlsplit(origin).port or 0),
        partial(_Quiet, directory=str(folder)),
    )
    threading.Thread(target=served.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        served.shutdown()
        served.server_close()
