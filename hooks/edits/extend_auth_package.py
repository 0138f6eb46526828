"""Bring the rendered files in step with the fields that better-auth stores.

Each passage is the one that the template renders for the new additions; it goes where
the one for the old additions is. Where that is not found once, its owner has changed
it, and gets the passage as a step.

Before::

    image: str | None = None

After::

    image: str | None = None
    role: str | None = None
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Place, Where
from ..rendering import stored_fields
from ..schema.definitions import table_definitions
from ..syntax.encoding import decoded
from .by_hand import as_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "extend-auth-package"


@dataclass(frozen=True, kw_only=True)
class _Passage:
    """A passage of one file, which follows from the answers."""

    path: str
    text: Callable[[Answers], str]
    why: str = "give User and Session the fields that better-auth stores"


def extend_auth_package(
    earlier: Answers,
) -> Callable[[Integration, Staging], Iterator[FileEdit | ManualStep]]:
    """Return the edit that leads from the passages of ``earlier`` to those of now."""

    def edit(
        integration: Integration, staging: Staging
    ) -> Iterator[FileEdit | ManualStep]:
        now = integration.answers
        for path in dict.fromkeys(p.path for p in _passages(now)):
            yield from _of_file(path, earlier, now, staging)

    edit.__name__ = "extend_auth_package"
    return edit


def _of_file(
    path: str, earlier: Answers, now: Answers, staging: Staging
) -> Iterator[FileEdit | ManualStep]:
    source = staging.read(path)
    text = None if source is None else decoded(source)
    reasons: list[str] = []
    changed = text
    for passage in _passages(now):
        old, new = passage.text(earlier), passage.text(now)
        if passage.path != path or old == new or (text is not None and new in text):
            continue
        if changed is None or changed.count(old) != 1:
            why = f"{passage.why}; it is not as it was rendered"
            yield _by_hand(path, why, old, new)
            continue
        changed = changed.replace(old, new)
        reasons.append(passage.why)
    if source is not None and changed is not None and changed != text:
        yield FileEdit(
            path=path,
            before=source,
            after=changed.encode(),
            why=tuple(dict.fromkeys(reasons)),
        )


def _by_hand(path: str, why: str, old: str, new: str) -> ManualStep:
    step = as_step(_OPERATION, path, why, before=old.encode(), after=new.encode())
    place = Place(where=step.place.where, anchor=step.place.anchor)
    if not step.place.anchor:
        place = Place(where=Where.NEW)
    return ManualStep(
        operation=_OPERATION, path=path, why=why, snippet=step.snippet, place=place
    )


def _passages(answers: Answers) -> Iterator[_Passage]:
    """Yield every passage of a project with these answers."""
    package, server = answers.auth_package_dir, answers.auth_server_dir
    files: dict[str, tuple[Callable[[object], str], ...]] = {
        f"{package}/models.py": (
            stored_fields.model_imports,
            stored_fields.user_fields,
            stored_fields.session_fields,
        )
    }
    if answers.credential == "cookie":
        files[f"{package}/sessions.py"] = (
            stored_fields.session_imports,
            stored_fields.looked_up,
            stored_fields.user_of_row,
            stored_fields.session_of_row,
        )
    else:
        files[f"{package}/tokens.py"] = (
            stored_fields.user_of_claims,
            stored_fields.session_of_claims,
        )
        files[f"{server}/src/auth/auth.config.ts"] = (stored_fields.token_claims,)
    for path, passages in files.items():
        for passage in passages:
            yield _Passage(path=path, text=_of_additions(passage))
    if answers.migrated_by == "alembic" and answers.auth_base_metadata:
        yield _Passage(
            path=f"{package}/tables.py",
            text=table_definitions,
            why="give Alembic and the models the tables that better-auth stores",
        )


def _of_additions(passage: Callable[[object], str]) -> Callable[[Answers], str]:
    return lambda answers: passage(answers.auth_schema_additions)
