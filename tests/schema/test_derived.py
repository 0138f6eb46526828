"""The schema that the hooks know is the one that the pinned better-auth has."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest
from copier_better_auth.answers.choices import METHODS
from support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def load_script() -> Any:  # noqa: ANN401 - a script, not a package
    file = ROOT / "scripts" / "derive_schema.py"
    spec = importlib.util.spec_from_file_location("derive_schema", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
    """Where this fails after an update of better-auth: ``make schema``, and look."""
    script = load_script()
    known = json.loads(script.TARGET.read_text())
    said = script.derive(template, tmp_path / "project", answers)
    assert said["better-auth"] == known["better-auth"]
    assert said["tables"] == [t for t in known["tables"] if t["name"] not in unused]
