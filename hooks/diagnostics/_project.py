"""A project as the diagnostics look at it: each file read and parsed once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers import parse_answers_file
from ..discovery.alembic_configuration import reads_subfolders
from ..discovery.revisions import folder_after, read_revisions
from ..env.dotenv import entries
from ..errors import AnswerError
from ..fastapi_code.backend import Backend
from ..migrations.declared import Schema, in_migrations, in_models
from ..probe import AuthServer
from ..rendering.commands import as_typed, source_of
from ..repository.paths import below_sorted
from ..schema import tables_for
from ..syntax.express import own_routes
from ..syntax.python import parse, text
from ..syntax.typescript import Json, arguments, parse_script, unwrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from ..answers.additions import ColumnType
    from ..migrations.declared import Declared
    from ..migrations.graph import Graph
    from ..model import Integration
    from ..repository.staging import Staging
    from ..schema import Table
    from ..syntax.python import Module
    from ..syntax.typescript import Script

# Fifteen in all, with what the files show.
PATIENCE = 12.0


class Project:
    """The files of a project, with the fixes planned so far in place."""

    def __init__(
        self,
        integration: Integration,
        staging: Staging,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Remember what to look at; nothing is read yet.

        ``patience`` are the seconds that whatever a probe starts may take.
        """
        self.patience = patience
        self.integration = integration
        self.staging = staging
        self._modules: dict[str, bytes | None] = {}
        self.root = integration.root
        self.answers = integration.answers
        self.facts = integration.facts
        self.server = integration.answers.auth_server_dir
        self.backend = integration.answers.auth_backend_dir
        self.package = integration.answers.auth_package_dir

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; ``None`` where there is none."""
        if not path.endswith(".py"):
            return self.staging.read(path)
        if path not in self._modules:
            self._modules[path] = self.staging.read(path)
        return self._modules[path]

    def text(self, path: str) -> str | None:
        """Return a file's text; ``None`` where there is none."""
        return self.staging.text(path)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that git tracks or would track, and those planned."""
        return self.staging.files

    def below(self, folder: str, *endings: str) -> list[str]:
        """Return the files below ``folder`` whose names end so."""
        return [f for f in below_sorted(self.files, folder) if f.endswith(endings)]

    def script(self, path: str) -> Script | None:
        """Return a TypeScript file; ``None`` where there is none."""
        data = self.read(path)
        return None if data is None else parse_script(data)

    def module(self, path: str) -> Module | None:
        """Return a Python file; ``None`` where there is none."""
        data = self.read(path)
        return None if data is None else parse(data)

    def json(self, path: str) -> Json | None:
        """Return a JSON file; ``None`` where there is none."""
        data = self.read(path)
        return None if data is None else Json(data)

    def env(self, path: str) -> Mapping[str, str]:
        """Return an env file's entries, none where there is no such file."""
        return entries(self.text(path) or "")

    def line_of_answer(self, name: str) -> int:
        """Return the line of an answer in the answers file, 0 where it is not there."""
        lines = (self.text(ANSWERS_FILE) or "").splitlines()
        found = (n for n, text in enumerate(lines, 1) if text.startswith(f"{name}:"))
        return next(found, 0)

    @cached_property
    def source(self) -> str:
        """Where the template is, as ``uvx`` takes it; empty where that is not known."""
        try:
            answers = parse_answers_file(self.text(ANSWERS_FILE) or "", ANSWERS_FILE)
        except AnswerError:
            return ""
        return source_of(str(answers.get("_src_path") or ""))

    @property
    def update(self) -> str:
        """The command that renders again with other answers, as it is typed."""
        return as_typed(
            f"copier update --trust --defaults -a {ANSWERS_FILE}", self.source
        )

    @property
    def env_path(self) -> str:
        """The auth server's own env file."""
        return f"{self.server}/.env"

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """What the auth server reads in development."""
        return self.env(self.env_path)

    @cached_property
    def scripts(self) -> Mapping[str, Script]:
        """The auth server's sources by path, those that a build makes left out."""
        found = self.below(f"{self.server}/src", ".ts", ".mts", ".cts")
        return {p: s for p in found if (s := self.script(p)) is not None}

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        """The files of the FastAPI auth package by path."""
        found = self.below(self.package, ".py")
        return {p: m for p in found if (m := self.module(p)) is not None}

    @cached_property
    def code(self) -> Backend:
        """The modules of the backend, as the application imports them."""
        return Backend(self)

    @cached_property
    def options(self) -> tuple[str, Script, Node] | None:
        """Where better-auth is configured: the file, and the object of its options."""
        for path, script in self.scripts.items():
            for call in script.calls("betterAuth"):
                given = _within_calls(call)
                if given is not None and given.type == "identifier":
                    given = _within_calls(script.constant(text(given)))
                if given is not None and given.type == "object":
                    return path, script, given
        return None

    @cached_property
    def auth_server(self) -> AuthServer:
        """The auth server as a probe starts it."""
        config = None if self.options is None else self.options[0]
        options = None if self.options is None else self.options[2]
        return AuthServer(
            folder=self.root / self.server,
            name=self.server,
            config=config and config.removeprefix(f"{self.server}/"),
            routes=own_routes(self.scripts.values(), options),
            patience=self.patience,
        )

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables that these answers need."""
        return tables_for(self.answers)

    @cached_property
    def column_types(self) -> Mapping[tuple[str, str], ColumnType]:
        """The type of each of their columns, by table and column."""
        return {(t.name, c.name): c.type for t in self.tables for c in t.columns}

    @cached_property
    def versions(self) -> str | None:
        """The first folder of the project's own migrations, where it has any."""
        return self.facts.alembic_versions_dir.value

    @cached_property
    def alembic_env(self) -> str | None:
        """The ``env.py`` that Alembic runs."""
        return self.facts.alembic_env.value

    @cached_property
    def next_folder(self) -> str | None:
        """The folder that a further migration goes to, where there is any."""
        return folder_after(self.graph, self.locations) or self.versions

    @cached_property
    def locations(self) -> tuple[str, ...]:
        """Every folder of the project's own migrations."""
        return self.facts.alembic_locations.value or ()

    @cached_property
    def graph(self) -> Graph:
        """The revisions of Alembic."""
        repository = self.staging.repository
        return read_revisions(
            repository,
            self.locations,
            subfolders=reads_subfolders(repository, self.facts.alembic_ini.value),
            files=self.files,
            read=self.text,
        )

    @cached_property
    def schema(self) -> Schema:
        """What makes the tables: revisions, SQL files and models."""
        return Schema(
            tables=self.tables,
            graph=self.graph,
            versions=self.versions,
            backend=self.backend,
            below=self.below,
            read=self.read,
            text=self.text,
        )

    @cached_property
    def migrated(self) -> Mapping[tuple[str, str], Declared]:
        """Each column of the auth tables as the last migration leaves it."""
        return in_migrations(self.schema)

    @cached_property
    def modelled(self) -> tuple[Declared, ...]:
        """The columns that the backend's own models give to the auth tables."""
        return tuple(in_models(self.schema))


def _within_calls(node: Node | None) -> Node | None:
    """Return what calls are given first: the object of ``betterAuth(named({...}))``."""
    node = unwrapped(node)
    while node is not None and node.type == "call_expression":
        node = unwrapped(next(iter(arguments(node)), None))
    return node
