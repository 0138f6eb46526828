"""What plugins answer, as it is recorded and listed: nothing but names gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.answers.plugin_endpoints import (
    endpoints_problem,
    found_endpoints,
)
from copier_better_auth.catalogue.pinned import PINNED
from copier_better_auth.discovery import discover
from copier_better_auth.edits import plan_edits
from copier_better_auth.edits.list_plugin_endpoints import list_plugin_endpoints
from copier_better_auth.model import Integration
from copier_better_auth.rendering.endpoints import described_endpoints

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "auth-server/API_DOCUMENTATION.md"
TEAMS = {"name": "teams", "endpoints": ["POST /teams/create name logo?"]}
KEYS = {"name": "keys", "endpoints": ["GET /keys", "DELETE /keys/{id}"]}


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x\n# y", "endpoints": ["GET /x"]},
        {"name": "x", "endpoints": ["GET /x | <script>"]},
        {"name": "x", "endpoints": ["GET /x\n"]},
        {"name": "x", "endpoints": ["GET /x `a`"]},
        {"name": "x", "endpoints": ["TRACE /x"]},
        {"name": "x", "endpoints": ["GET /x"], "more": 1},
    ],
)
def test_what_is_no_name_is_neither_recorded_nor_read(entry: dict[str, object]) -> None:
    """A plugin of that kind is left out, and a record of it is refused."""
    assert endpoints_problem([entry])
    assert [
        p for p in found_endpoints([entry], ()) if list(p.endpoints) != ["GET /x"]
    ] == []


def test_what_the_page_describes_anyway_is_no_plugin_s() -> None:
    """With tokens ``jwt`` is the template's own; else it is the user's."""
    plugin = {"name": "jwt", "endpoints": ["GET /token", "GET /jwks"]}
    tokens = parse_answers({"auth_session_validation": "jwt"})
    assert not found_endpoints([plugin], described_endpoints(PINNED, tokens))
    cookies = described_endpoints(PINNED, parse_answers({}))
    assert found_endpoints([plugin], cookies)[0].endpoints == (
        "GET /token",
        "GET /jwks",
    )


def listed(root: Path, before: list[object], now: list[object]) -> str | None:
    """Return the page as ``sync`` leaves it; ``None`` where it is not changed."""
    earlier = parse_answers({"auth_plugin_endpoints": before})
    answers = parse_answers({"auth_plugin_endpoints": now})
    integration = Integration(root=root, answers=answers, facts=discover(root))
    plan = plan_edits(integration, only=(list_plugin_endpoints(earlier),))
    assert not plan.manual_steps
    (edit,) = plan.edits or (None,)
    return edit and (edit.after or b"").decode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_passage_comes_changes_and_goes(tmp_path: Path, newline: str) -> None:
    """What is around it is as before, byte for byte."""
    page = tmp_path / PAGE
    page.parent.mkdir()
    own = newline.join(("# API", "", "text", ""))
    page.write_bytes(own.encode())
    assert listed(tmp_path, [], []) is None
    first = listed(tmp_path, [], [TEAMS])
    assert first is not None
    assert first.startswith(own)
    assert "| POST `/api/auth/teams/create` | `name`, `logo` (optional) |" in first
    page.write_bytes(first.encode())
    assert listed(tmp_path, [TEAMS], [TEAMS]) is None
    both = listed(tmp_path, [TEAMS], [KEYS, TEAMS])
    assert both is not None
    assert "| DELETE `/api/auth/keys/{id}` |  |" in both
    page.write_bytes(both.encode())
    one = listed(tmp_path, [KEYS, TEAMS], [KEYS])
    assert one is not None
    assert "teams" not in one
    assert listed(tmp_path, [KEYS, TEAMS], []) == own


def test_a_passage_that_its_owner_has_changed(tmp_path: Path) -> None:
    """It stays theirs, and nothing else waits for it."""
    page = tmp_path / PAGE
    page.parent.mkdir()
    page.write_text("# API\n")
    first = listed(tmp_path, [], [TEAMS])
    assert first is not None
    page.write_text(first.replace("`logo` (optional)", "`logo`, a picture"))
    assert listed(tmp_path, [TEAMS], [KEYS, TEAMS]) is None
    page.unlink()
    assert listed(tmp_path, [TEAMS], [KEYS, TEAMS]) is None
