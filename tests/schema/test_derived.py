"""The schema that the hooks know is the one that the pinned better-auth has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import write_schema
from copier_better_auth.answers.choices import METHODS
from support.node import OTHER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.mark.parametrize(
    ("answers", "unused"),
    [
        ({"auth_session_validation": "jwt"}, set()),
        (
            {"auth_methods": list(METHODS)},
            {"auth_jwks"},
        ),
    ],
    ids=["jwt", "every method"],
)
def test_better_auth_says_the_same(
    template: Path, tmp_path: Path, answers: Mapping[str, object], unused: set[str]
) -> None:
    """Where this fails after an update of better-auth: ``make generate``, and look."""
    known = json.loads(write_schema.TARGET.read_text())
    said = write_schema.derive(template, tmp_path / "project", answers)
    assert said["better-auth"] == (OTHER or known["better-auth"])
    assert said["tables"] == [t for t in known["tables"] if t["name"] not in unused]
