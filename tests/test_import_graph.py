"""One graph of imports, for discovery, the edits and the diagnostics of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.diagnostics._project import Project
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.sources import Sources
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.fastapi_code.import_graph import import_graph
from copier_better_auth.model import Integration
from copier_better_auth.repository import Repository
from copier_better_auth.repository.staging import Staging
from support.repositories import build, full_stack

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.fastapi_code.import_graph import Loaded

APP = "from fastapi import FastAPI\n\nfrom app import routes\n\napp = FastAPI()\n"
FILES = {
    "api/app/__init__.py": "",
    "api/app/main.py": APP,
    "api/app/routes/__init__.py": "from .items import router\n",
    "api/app/routes/items.py": "import app.models.item\nfrom ..db import get\n",
    "api/app/models/__init__.py": "",
    "api/app/models/item.py": "from app.db import Base\n",
    "api/app/db.py": "from app import main\n",
    "api/app/left_over.py": "from app.main import app\n",
    "tools.py": "from app.db import get\n",
}


def loaded_in(root: Path, file: str = "api/app/main.py", at: str = "api") -> Loaded:
    return Sources(Repository(root)).loaded(file, at)


def test_what_the_application_loads_is_nearest_first(tmp_path: Path) -> None:
    """Names, dots, packages and circles are followed; the rest is left over."""
    loaded = loaded_in(build(tmp_path, FILES))
    assert loaded.is_all
    assert loaded.files[:2] == ("api/app/main.py", "api/app/routes/__init__.py")
    assert {f for f in FILES if f.startswith("api/")} - {*loaded.files} == {
        "api/app/left_over.py"
    }


@pytest.mark.parametrize("at", ["src", "api/src"])
def test_a_module_is_also_loaded_by_the_name_of_the_root(
    tmp_path: Path, at: str
) -> None:
    """Where the server has ``src`` and the folder above it in its path."""
    files = {
        f"{at}/main.py": "from container import settings\n",
        f"{at}/container.py": "from src.config import settings\nimport src.log\n",
        f"{at}/config.py": "",
        f"{at}/log.py": "",
        "config.py": "",
    }
    loaded = loaded_in(build(tmp_path, files), f"{at}/main.py", at)
    names = ("main", "container", "config", "log")
    assert loaded.files == tuple(f"{at}/{name}.py" for name in names)


@pytest.mark.parametrize(
    "text",
    [
        'importlib.import_module("app.plugins")\n',
        "for found in pkgutil.iter_modules(path):\n    pass\n",
        'import_string("app.plugins:Plugin")\n',
        "container.wire(packages=[app])\n",
        'entry_points(group="plugins")\n',
    ],
)
def test_what_is_loaded_by_name_is_not_known(tmp_path: Path, text: str) -> None:
    """The same for discovery and the diagnostics: neither says what is left over."""
    root = build(tmp_path, FILES | {"api/app/db.py": text, "api/pyproject.toml": ""})
    assert not loaded_in(root).is_all
    assert project_of(root).code.reachable is None


def test_a_file_that_git_lists_and_nobody_has_is_not_loaded(tmp_path: Path) -> None:
    """It is deleted and not committed; what it imported is left over, too."""
    root = build(tmp_path, FILES)
    (root / "api/app/routes/items.py").unlink()
    assert "api/app/routes/items.py" in Repository(root).file_set
    assert loaded_in(root).files == (
        "api/app/main.py",
        "api/app/routes/__init__.py",
        "api/app/__init__.py",
    )


def test_discovery_and_the_diagnostics_walk_the_same_graph(tmp_path: Path) -> None:
    """What is reachable for one is what is loaded for the other."""
    root = full_stack(tmp_path / "host")
    project = project_of(root)
    loaded = loaded_in(root, "backend/app/main.py", "backend")
    assert len(loaded.files) > 5
    assert project.code.reachable == frozenset(loaded.files)
    graph = import_graph(Repository(root).file_set, "backend")
    assert graph is import_graph(project.staging.repository.file_set, "backend")


def test_a_graph_holds_for_equal_texts_among_the_same_files(tmp_path: Path) -> None:
    """A changed module is read again, and so are all where a file has come."""
    root = build(tmp_path, FILES)
    assert "api/app/left_over.py" not in loaded_in(root)
    db = root / "api/app/db.py"
    before = db.read_text()
    db.write_text("import app.left_over\n")
    assert "api/app/left_over.py" in loaded_in(root)
    db.write_text(before)
    assert "api/app/left_over.py" not in loaded_in(root)
    (root / "api/app/routes.py").write_text("")  # a package wins over it
    (root / "api/app/main").mkdir()
    (root / "api/app/main/__init__.py").write_text("import app.left_over\n")
    assert "api/app/left_over.py" in loaded_in(root)


def project_of(root: Path) -> Project:
    facts = discover(root)
    suggested = suggestions(facts, Repository(root))
    answers = parse_answers({**suggested, "auth_server_dir": "auth-server"})
    integration = Integration(root=root, answers=answers, facts=facts)
    return Project(integration, Staging(root))
