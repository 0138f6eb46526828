"""The page for coding assistants, followed to the letter in projects of all shapes."""

from __future__ import annotations

import os
import re
import textwrap
from typing import TYPE_CHECKING

import pytest
from support.projects import install_python_packages
from support.repositories import build, factory, flat
from support.snippets import Project, snippets
from support.template import commit_all

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies
    from support.snippets import Snippet

SHAPES = {
    "a new project": (None, "backend", ()),
    "one module, tokens": (flat, ".", ("auth_session_validation=jwt",)),
    "a factory, other folders": (factory, ".", ("auth_server_dir=services/auth",)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_its_code_works(copies: Copies, tmp_path: Path, shape: str) -> None:
    """The route is protected, and the tests that the page has pass."""
    repository, backend, options = SHAPES[shape]
    given = [part for o in ("auth_agents=true", *options) for part in ("-d", o)]
    copies.into(tmp_path, *given, of=repository)
    install_python_packages(tmp_path / backend)
    commit_all(tmp_path)
    server = "services/auth" if "services" in str(options) else "auth-server"
    page = (tmp_path / server / "AGENTS.md").read_text()
    for link in re.findall(r"\]\(([^)]+)\)", page):
        assert (tmp_path / server / link).exists(), link
    venv = tmp_path / backend / ".venv"
    path = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {"UV_NO_SYNC": "1", "VIRTUAL_ENV": str(venv), "PATH": path}
    project = Project(root=tmp_path, env=env)
    *_, printed = [followed(project, snippet) for snippet in snippets(page)]
    assert " passed" in printed


def kept(folder: Path) -> Path:
    """An application that an object has, and a class can make."""
    main = """
        from fastapi import FastAPI


        class Server:
            def __init__(self):
                self.app = FastAPI()

            @classmethod
            def create(cls):
                return cls().app


        server = Server()
        app = server.app
        """
    return build(folder, {"main.py": main, "requirements.txt": "fastapi\n"})


@pytest.mark.parametrize(
    ("app", "imported", "name"),
    [
        ("main:server.app", "from main import server\n", "server.app"),
        (
            "main:Server.create()",
            "from main import Server\n\napp = Server.create()\n",
            "app",
        ),
    ],
)
def test_the_code_names_what_an_object_keeps(
    copies: Copies, tmp_path: Path, app: str, imported: str, name: str
) -> None:
    """The object is imported, and the application is named through it."""
    options = ("auth_agents=true", f"auth_app={app}")
    copies.into(tmp_path, *(part for o in options for part in ("-d", o)), of=kept)
    server = tmp_path / "auth-server"
    for page in (server / "AGENTS.md", server / "docs/recipes.md"):
        code = re.findall(r"(?s)```python\n(.*?)```", page.read_text())
        for block in code:
            compile(block, page.name, "exec")
        tests = [block for block in code if "TestClient(" in block]
        assert tests
        for block in tests:
            assert imported in block
            assert f"TestClient({name})" in block
    assert f"\n@{name}.get(" in (server / "README.md").read_text()


def followed(project: Project, snippet: Snippet) -> str:
    """Do what the page says; in a function that makes the application, as people do."""
    if snippet.is_followed:
        return project.follow(snippet)
    maker = project.find("shop.web")
    end = "    return app\n"
    added = textwrap.indent(snippet.text, "    ")
    maker.write_text(maker.read_text().replace(end, f"{added}{end}"))
    return ""


def test_it_is_written_on_request_alone(copies: Copies, tmp_path: Path) -> None:
    """And nothing is said of it, where it was not asked for."""
    copies.into(tmp_path)
    assert not (tmp_path / "auth-server/AGENTS.md").exists()
