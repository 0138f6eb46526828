"""Every value that passes between the steps of a run. Read this first.

::

    repository --discover--> Facts --> question defaults --> person --> Answers
                                                                          |
                Copier renders template/ from the answers alone <---------+
                                                                          |
    Integration(root, answers, facts) --plan_edits--> Plan --preview------+
                                                       |
                  check_plan -> Principle, all of which must hold
                                                       |
                          workspace.apply (all or nothing, undo record)
                                                       |
                    run_checks --> CheckResult --> Outcome --> report, records

All values are frozen. Paths are POSIX, relative to the repository's root.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from .answers import Answers

T_co = TypeVar("T_co", covariant=True)


class Confidence(StrEnum):
    """How sure a probe is; it falls with each step of inference."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place in the repository that speaks for a value.

    ``line`` counts from 1; 0 means the file as a whole.
    """

    path: str
    line: int = 0
    why: str

    def __str__(self) -> str:
        """Render as ``path:line why``, the form that every report uses."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place} {self.why}"


@dataclass(frozen=True, kw_only=True)
class Fact(Generic[T_co]):
    """One discovered value with what speaks for it; ``None`` where unknown.

    ``problem`` says in one line why nothing could be found although something
    was there (an unreadable file, a graph that does not load).
    """

    value: T_co | None = None
    confidence: Confidence = Confidence.UNKNOWN
    evidence: tuple[Evidence, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class AppCandidate:
    """A FastAPI application, or a function that makes one, that a server could run."""

    module: str
    attr: str
    backend_dir: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Heads:
    """The heads of a migration graph: revisions that no other revision follows."""

    count: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UserTable:
    """A table of people, and which of its columns means what; empty is unknown.

    ``schema`` is empty where it is the usual one. ``id_type`` is ``uuid``, ``text`` or
    ``integer``. ``scheme`` is how ``password`` is hashed, where the auth server can
    verify that; ``hashes`` say it in the words of what makes them. ``restricts`` are
    columns that may keep people out, as ``banned``. ``references``
    counts the foreign keys that the models have to it.
    """

    table: str
    schema: str = ""
    module: str = ""
    model: str = ""
    id: str = ""
    id_type: str = ""
    email: str = ""
    password: str = ""
    scheme: str = ""
    hashes: str = ""
    verified: str = ""
    active: str = ""
    admin: str = ""
    name: str = ""
    restricts: tuple[str, ...] = ()
    references: int = 0


@dataclass(frozen=True, kw_only=True)
class OwnSignIn:
    """What signs people in today: the places of the application's own code.

    ``current`` say who is calling, ``routes`` sign in, ``sign_up`` make accounts.
    """

    current: tuple[Evidence, ...] = ()
    routes: tuple[Evidence, ...] = ()
    sign_up: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FileEdit:
    """One file's change, whole: what it was and what it becomes.

    ``before`` is ``None`` for a file that must not exist yet; ``after`` is ``None``
    to delete one. ``secret`` keeps the content out of every diff and record;
    ``follows``: the edit only relocates the user's text after a folder was renamed.
    """

    path: str
    before: bytes | None
    after: bytes | None
    why: tuple[str, ...]
    secret: bool = False
    mode: int | None = None
    follows: bool = False


class Where(StrEnum):
    """What is done with the text of a manual step, in the words that are printed."""

    NEW = "in the new file"
    END = "at the end of"
    BELOW = "below"
    ABOVE = "above"
    INSTEAD = "instead of"
    RUN = "run in"
    DATABASE = "run in the database"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the text of a manual step goes, exactly enough to type it there.

    ``anchor`` are the lines of the file that it goes below, above, or instead of;
    ``line`` is the number of their first one. Commands are run in ``folder``.
    """

    where: Where = Where.END
    anchor: str = ""
    line: int = 0
    folder: str = "."


@dataclass(frozen=True, kw_only=True)
class ManualStep:
    """What the user must do by hand, because no safe place was found for it.

    ``snippet`` is typed as it is at ``place``, of the file ``path`` or in a folder.
    ``fixed_by`` is the diagnostic whose fix does the same, where it finds a way.
    """

    operation: str
    path: str
    why: str
    snippet: str
    fixed_by: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True)
class Skip:
    """An operation that changes nothing, with the reason."""

    operation: str
    path: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Move:
    """A file or folder that goes elsewhere whole, unread: a database, packages."""

    path: str
    to: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that a run will do to files that it does not own, as data."""

    edits: tuple[FileEdit, ...] = ()
    moves: tuple[Move, ...] = ()
    manual_steps: tuple[ManualStep, ...] = ()
    skips: tuple[Skip, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done, by the run or by hand."""
        return not self.edits and not self.manual_steps


class Status(StrEnum):
    """What became of one diagnostic."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    WARN = "warn"
    FAIL = "fail"
    FIXED = "fixed"
    SKIP = "skip"
    CRASH = "crash"


class Safety(StrEnum):
    """Whether a fix may be applied without asking."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY_ONLY = "display-only"


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A repair as a plan, so that it is previewed, applied and undone like any edit."""

    title: str
    plan: Plan
    safety: Safety = Safety.SAFE


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem that a diagnostic saw."""

    message: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""
    severity: Status = Status.FAIL
    fix: Fix | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The outcome of one diagnostic, as ``doctor --json`` prints it.

    ``findings`` are its problems, the worst first, which ``message`` is about;
    ``documentation`` is the address of what is written about the diagnostic.
    """

    code: str
    name: str
    status: Status
    message: str
    detail: str = ""
    remedy: str = ""
    fixable: bool = False
    documentation: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def place(self) -> Evidence | None:
        """Where the worst problem is; ``None`` where it has no place."""
        return next((e for f in self.findings for e in f.evidence), None)


@dataclass(frozen=True, kw_only=True)
class Principle:
    """One principle of the constitution, and what a plan or a result shows of it."""

    name: str
    held: bool
    seen: str


@dataclass(frozen=True, kw_only=True)
class Integration:
    """The one argument of edits and diagnostics: which project, and what was chosen.

    ``root`` is the destination of the template. Where a fact and an answer differ,
    the answer is right and a diagnostic says so.
    """

    root: Path
    answers: Answers
    facts: Facts


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The releases of the template that an update leads from and to (PEP 440)."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class OwnLines:
    """Where the lines are now that the user had added to a file of the template's.

    Line numbers of the file as it is, merged in or between the marks of a conflict.
    """

    path: str
    merged: tuple[int, ...] = ()
    in_conflict: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """What an update could not merge: the marked lines, or the file beside with it."""

    path: str
    lines: tuple[int, ...] = ()
    rejected: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A whole run: what was planned, what was applied and what the checks said.

    ``versions`` is ``None`` for a copy; ``changed`` are the files that an update left
    to commit, as git's short status writes them; ``own_lines`` and ``conflicts`` say
    what its merge has made of the user's work. ``source`` is where Copier got the
    template from, as it was typed. ``planned_principles`` were checked on the plan
    before it was applied, ``principles`` on what came of it.
    """

    answers: Answers
    source: str = ""
    versions: Versions | None = None
    changed: tuple[str, ...] = ()
    own_lines: tuple[OwnLines, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    plan: Plan
    applied: bool
    results: tuple[CheckResult, ...] = ()
    planned_principles: tuple[Principle, ...] = ()
    principles: tuple[Principle, ...] = ()
    rendered: tuple[str, ...] = field(default=())

    @property
    def operation(self) -> str:
        """What Copier was told to do: ``copy`` or ``update``."""
        return "copy" if self.versions is None else "update"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that discovery found; field names are those of ``discover --json``.

    ``import_root`` and later fields are kept internally and are not part of the
    JSON: the folder that the application's modules are imported from, the prefix
    that the API's routers get, the file that the application object is in, the
    folder of a better-auth that is no server of its own and so cannot be extended, a
    table that the revisions change and none makes, from where and with which options
    Alembic is run, all folders that it reads revisions from, the schema of the tables
    where it is not PostgreSQL's usual one, the compose file, its service that serves
    the application and what migrates there, the framework of the front end and its
    origin in development.
    """

    backend_dir: Fact[str]
    app_module: Fact[str]
    app_attr: Fact[str]
    factory: Fact[bool]
    candidates: tuple[AppCandidate, ...]
    ambiguous: bool
    package_dir: Fact[str]
    python_package_manager: Fact[str]
    requires_python: Fact[str]
    db_layer: Fact[str]
    db_driver: Fact[str]
    db_symbol: Fact[str]
    engine_symbol: Fact[str]
    base_metadata: Fact[str]
    migration_system: Fact[str]
    alembic_ini: Fact[str]
    alembic_versions_dir: Fact[str]
    alembic_file_template: Fact[str]
    heads: Fact[Heads]
    existing_user_tables: Fact[tuple[str, ...]]
    user_tables: Fact[tuple[UserTable, ...]]
    own_sign_in: Fact[OwnSignIn]
    existing_auth: Fact[str]
    database_provider_hint: Fact[str]
    auth_server_dir: Fact[str]
    frontend_dir: Fact[str]
    node_package_manager: Fact[str]
    spec_kit: Fact[str]
    settings_module: Fact[str]
    cors_origins: Fact[tuple[str, ...]]
    import_root: Fact[str]
    app_file: Fact[str]
    api_prefix: Fact[str]
    manifest_dir: Fact[str]
    target_metadata: Fact[str]
    engine_is_object: Fact[bool]
    sqlite_too: Fact[bool]
    separate_better_auth: Fact[str]
    presumed_table: Fact[str]
    alembic_dir: Fact[str]
    alembic_options: Fact[str]
    alembic_locations: Fact[tuple[str, ...]]
    alembic_env: Fact[str]
    table_schema: Fact[str]
    compose_file: Fact[str]
    compose_service: Fact[str]
    compose_migration: Fact[str]
    front_end: Fact[str]
    front_end_origin: Fact[str]
    git_branch: Fact[str]
    git_remote: Fact[str]
