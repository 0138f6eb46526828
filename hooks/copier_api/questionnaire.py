"""What Copier's questionnaire asks of the hooks: defaults, choices, rules, refusals."""

from __future__ import annotations

import json
import sys
from functools import cached_property
from typing import TYPE_CHECKING

from ..answers import (
    Answers,
    choices,
    load_answers,
    parse_answers,
    read_answers_file,
    rules,
)
from ..discovery import discover
from ..discovery.suggestions import suggestions
from ..errors import AmbiguousProjectError, AnswerError, BetterAuthError
from ..rendering.commands import (
    tool,
)
from ..rendering.owned_files import owned_files
from ..report.discovery import SECOND_SERVER, render_report, render_used
from ..report.style import style_of
from ..repository import Repository
from ..repository.git import settings_for_copier
from ..repository.git_settings import REDIRECTING
from ..syntax.visible import visible
from ..updates.ignored_files import keep_ignored
from ..workspace.paths import Tree
from ..workspace.run_lock import hold_run_lock
from . import preflight
from .asked import is_open
from .colours import take_unwanted_colours
from .compatibility import (
    refuse_links,
    refuse_misfits,
    refuse_renamed_folders,
    refuse_second_copy,
)
from .rollback import begin_run, is_command, take_back_unless_finished
from .template_globals import TEMPLATE_GLOBALS
from .template_values import template_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..model import AppCandidate, Facts

__all__ = [
    "REDIRECTING",
    "TEMPLATE_GLOBALS",
    "BetterAuthError",
    "Questionnaire",
    "settings_for_copier",
    "take_unwanted_colours",
    "template_values",
    "told",
    "visible",
]


# Left empty where what was found has a name that no answer can have.
_MAY_BE_EMPTY = frozenset(
    {"auth_api_prefix", "auth_base_metadata", "auth_cors_origins"}
    | {"auth_database_symbol"}
)


def told(error: BetterAuthError) -> str:
    """Return a refusal, in lines that fit the terminal where there is one."""
    return style_of(sys.stderr).paragraphs(str(error))


class Questionnaire:
    """The questions of one run in one destination, which it discovers once."""

    def __init__(self, root: Path, answers_file: str) -> None:
        """Remember where; nothing is read before the first question needs it."""
        self._root = root
        self._answers_file = answers_file
        self._checked = False
        self._watchdog = 0
        self._given: Mapping[str, object] = {}
        self._suggested: dict[tuple[str, str], Mapping[str, object]] = {}

    @cached_property
    def facts(self) -> Facts:
        """Everything that discovery finds, before any choice was made."""
        return discover(self._root)

    @cached_property
    def _previous(self) -> Mapping[str, object]:
        """The answers of an earlier run here, so that a second copy is the same run."""
        try:
            answers = load_answers(self._root / self._answers_file)
        except AnswerError:
            return {}
        return answers.model_dump(mode="json", exclude_unset=True)

    def preflight(
        self,
        given: Mapping[str, object],
        *,
        defaults_only: bool,
        pretends: bool,
        source: str,
    ) -> None:
        """Refuse what cannot end well; see ``preflight.py`` for each reason.

        ``given`` are the answers of the command line; with ``defaults_only`` no one
        can be asked, so that an ambiguous project is refused too. A run that pretends
        writes nothing. ``source`` is where the template comes from.
        """
        self._given = given
        if self._checked:
            return
        preflight.check_no_link(self._root / self._answers_file)
        if is_command():
            hold_run_lock(self._root)  # nothing is read before
            wanted = given.get(
                "auth_apply_edits", self._previous.get("auth_apply_edits")
            )
            may_write = not pretends and wanted != "preview"
            begin_run(self._root, may_write=may_write, tool=tool(source))
        preflight.check_given_answers(given)
        preflight.check_destination(self._root)
        preflight.check_earlier_answers(self._root / self._answers_file, given)
        preflight.check_node()
        allowed = str(given.get("auth_allow_dirty", "")).lower() in {"true", "yes", "1"}
        if not allowed:
            preflight.check_clean(self._root)
        if self.facts.app_module.value is None and not self._previous:
            preflight.check_nested(Repository(self._root))
        if defaults_only and self._undecided:
            raise AmbiguousProjectError(*_which(self._candidates("")))
        if defaults_only and (second := self.second_server()):
            raise AmbiguousProjectError(*second.split("\n"))
        self._checked = True

    def report(self) -> str:
        """Return the discovery report for people, with what is used of it."""
        style = style_of(sys.stderr)
        used = "" if self._undecided else self.used("", "")
        return render_report(self.facts, style) + used

    def used(self, backend_dir: str, app: str) -> str:
        """Return what "Use these?" is about; empty where nothing is asked."""
        if self._previous:
            return ""
        names = [name for name in Answers.model_fields if name.startswith("auth_")]
        found = {name: self.suggest(name, backend_dir, app) for name in names}
        answers = parse_answers({**found, **self._given})
        return f"\n{render_used(answers, style_of(sys.stderr))}\n"

    def suggest(self, question: str, backend_dir: str, app: str) -> object:
        """Return the default: an earlier answer, else a discovered one, else ours."""
        if question in self._previous:
            return self._previous[question]
        found = self._suggestions(backend_dir, app).get(question)
        wrong = "" if found is None else rules.problem(question, found)
        if wrong and question not in _MAY_BE_EMPTY:
            message = f"{question}: {wrong}; that is what was found here"
            raise AnswerError(message)
        found = None if wrong else found
        return Answers.model_fields[question].default if found is None else found

    def asks(self, question: str, *, is_wanted: bool) -> bool:
        """Return True if a question is asked here: it is wanted, or cannot be known.

        What an earlier run here was told is not asked again, as ``-d`` changes it.
        """
        if question in self._previous:
            return False
        if question == "auth_server_dir" and self.second_server():
            return True
        return is_wanted or is_open(question, self.facts)

    def is_first_run(self) -> bool:
        """Return True if no earlier run here left its answers."""
        return not self._previous

    def second_server(self) -> str:
        """Say what is decided with the auth server's folder where there is one already.

        Empty where there is none, or the decision was made.
        """
        where = self.facts.separate_better_auth
        decided = {*self._previous, *self._given}
        is_first = where.value == self.facts.auth_server_dir.value
        if where.value is None or not is_first or "auth_server_dir" in decided:
            return ""
        place = f"{where.evidence[0].path}:{where.evidence[0].line}"
        folder = self._suggestions("", "")["auth_server_dir"]
        lines = (
            f"better-auth is set up in {place} already, and is not extended;",
            *(f"  {line}" for line in SECOND_SERVER),
            f"  to add one all the same: -d auth_server_dir={folder}",
        )
        text = "\n".join(map(visible, lines))
        return style_of(sys.stdout).paragraphs(text)

    def session_length(self, given: Mapping[str, object]) -> str:
        """Return which length of a session the form should offer first.

        ``given`` are the answers of the command line, or of the run to be repeated.
        """
        ours = Answers().auth_session_days
        days = str({**self._previous, **given}.get("auth_session_days", ours))
        return days if days in choices.SESSION_LENGTHS else "custom"

    def _suggestions(self, backend_dir: str, app: str) -> Mapping[str, object]:
        """Describe the application that was chosen so far, by answer or by ``-d``."""
        backend_dir = backend_dir or str(self._given.get("auth_backend_dir", ""))
        app = app or str(self._given.get("auth_app", ""))
        chosen = (backend_dir, app)
        if chosen not in self._suggested:
            facts = self.facts
            if facts.candidates and not _describes(facts, *chosen):
                facts = discover(self._root, *chosen)
            repository = Repository(self._root)
            self._suggested[chosen] = suggestions(facts, repository, *chosen)
        return self._suggested[chosen]

    def applications(self) -> dict[str, str]:
        """Return the applications to choose from where discovery cannot decide.

        Label to value, which is the backend folder, a blank and ``module:attribute``.
        """
        if not self._undecided:
            return {}
        folder = str(self._given.get("auth_backend_dir", ""))
        return {
            visible(f"{c.module}:{c.attr} in {c.backend_dir} ({c.reason})"): (
                f"{c.backend_dir} {c.module}:{c.attr}"
            )
            for c in self._candidates(folder)
        }

    def settle(
        self, chosen: Mapping[str, object], *, overwrites: bool, watched: bool
    ) -> int:
        """Refuse answers that do not fit what is there, or was left by an earlier run.

        ``chosen`` are the answers to be remembered, Copier's own among them. A run
        that ``overwrites`` is an update, or asked for; any other leaves what is there
        as it is, so that only half of another answer or release would arrive.
        A run that is ``watched`` is taken back where it ends too early; returns what
        the hook must cancel at its end then, else 0.
        """
        # Copier drops the answer to a question that has no reason to be asked.
        dropped = {n: v for n, v in self._given.items() if n == "auth_existing_users"}
        now = parse_answers({**chosen, **dropped})
        before = parse_answers(self._previous) if self._previous else None
        update = f"copier update --trust -a {self._answers_file}"
        if before is not None:
            refuse_renamed_folders(self._root, before, now, self.facts, update)
            if not overwrites:
                commit = self._answered().get("_commit"), chosen.get("_commit")
                refuse_second_copy(before, now, commit, update)
        if overwrites:
            ours = (now, *([before] if before else []))
            keep_ignored(self._root, [f for of in ours for f in of.folders])
        refuse_misfits(Repository(self._root), before, now, self.facts)
        refuse_links(Tree(self._root), now, is_first=before is None)
        if watched and is_command() and not self._watchdog:
            runs = [now, *([before] if before else [])]
            self._watchdog = take_back_unless_finished(
                self._root, self._answers_file, runs, overwrites=overwrites
            )
        return self._watchdog

    def _answered(self) -> Mapping[str, object]:
        return read_answers_file(self._root / self._answers_file)

    def files_before(
        self,
        new_project: bool,  # noqa: FBT001 - copier.yml passes it by position
        backend_dir: str,
        package_dir: str,
        server_dir: str,
    ) -> str:
        """Return, as a JSON list, the files that are in the template's places."""
        answers = Answers(
            auth_new_project=new_project,
            auth_backend_dir=backend_dir,
            auth_package_dir=package_dir,
            auth_server_dir=server_dir,
        )
        return json.dumps(owned_files(self._root, answers, self._answers_file))

    @property
    def _undecided(self) -> bool:
        settled = "auth_app" in self._previous or "auth_app" in self._given
        if settled or not self.facts.ambiguous:
            return False
        folder = str(self._given.get("auth_backend_dir", ""))
        return not folder or len(self._candidates(folder)) > 1

    def _candidates(self, backend_dir: str) -> list[AppCandidate]:
        return [
            candidate
            for candidate in self.facts.candidates
            if not backend_dir or candidate.backend_dir == backend_dir
        ]


def _describes(facts: Facts, backend_dir: str, app: str) -> bool:
    """Return True if the facts are about the application that was chosen."""
    found = f"{facts.app_module.value}:{facts.app_attr.value}"
    return backend_dir in {"", facts.backend_dir.value} and (
        app.removesuffix("()") in {"", found}
    )


def _which(candidates: list[AppCandidate]) -> list[str]:
    """Return what to choose, then a line for each candidate with what to type."""
    several = "several FastAPI applications, and nothing says which"
    helper = "a FastAPI service beside a backend in another language"
    lines = [f"{several if len(candidates) > 1 else helper}; choose one with"]
    lines += [
        f"  -d auth_backend_dir={c.backend_dir} -d auth_app={c.module}:{c.attr}"
        f"   ({c.reason})"
        for c in candidates
    ]
    return lines
