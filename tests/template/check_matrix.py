"""Every combination of answers that changes the auth server's TypeScript, type-checked.

Run by ``make matrix``; it takes minutes. One test renders all that goes with a choice
of methods side by side and compiles it at once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.auth_server import render
from support.combinations import batches, within
from support.node import node_modules

if TYPE_CHECKING:
    from pathlib import Path


def _name(batch: dict[str, object]) -> str:
    return "-".join(str(value) for value in batch.values())


@pytest.mark.parametrize("batch", batches(), ids=_name)
def test_batch(template: Path, tmp_path: Path, batch: dict[str, object]) -> None:
    """The compiler is content with each."""
    (tmp_path / "node_modules").symlink_to(node_modules())
    (tmp_path / "package.json").write_text('{"type": "module"}\n')
    rendered = 0
    for rendered, answers in enumerate(within(batch), 1):
        project = tmp_path / f"p{rendered}"
        server = render(template, project, answers)
        json.loads((server / "package.json").read_text())
        if rendered == 1:
            shutil.copy(server / "tsconfig.json", tmp_path / "base.json")
    assert rendered == 64
    settings = {
        "extends": "./base.json",
        "compilerOptions": {"noEmit": True},
        "include": ["p*/auth-server/src", "p*/auth-server/dev"],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        ["node_modules/.bin/tsc"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
