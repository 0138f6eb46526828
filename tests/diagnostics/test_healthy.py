"""No false alarm: what people have, and what the template makes of every answer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.model import Status
from support.repositories import flat, full_stack
from support.seeded import repair, results
from support.template import commit_all
from template.check_rendered import COMBINATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from support.copies import Copies

QUIET = {Status.PASS, Status.SKIP, Status.FIXED}
# Only the user can set a deployment's variables.
THEIRS = "must be set before the deployment"

# What people do to their projects, none of which is wrong: file, text, replacement.
EDITED = {
    "comments that speak of what would be wrong": (
        "auth-server/src/app.ts",
        "export default app;",
        """// app.get("/api/auth/x", late), app.all("/api/auth/*"): wrong here
/* require('better-auth') */
export default app;""",
    ),
    "its own route in the right place": (
        "auth-server/src/app.ts",
        'app.all("/api/auth/{*any}"',
        """app.get("/api/auth/teams", (_q, r) => void r.json([]));
app.all("/api/auth/{*any}\"""",
    ),
    "a route after the catch-all, below another path": (
        "auth-server/src/app.ts",
        "export default app;",
        'app.get("/about", (_q, r) => void r.json({}));\nexport default app;',
    ),
    "another name for the wildcard": (
        "auth-server/src/app.ts",
        '"/api/auth/{*any}"',
        '"/api/auth/*splat"',
    ),
    "the handler by its own name": (
        "auth-server/src/app.ts",
        'app.all("/api/auth/{*any}", toNodeHandler(auth));',
        """const handler = toNodeHandler(auth);
app.all("/api/auth/{*any}", (request, response) => handler(request, response));""",
    ),
    "options that are elsewhere": (
        "auth-server/src/auth/auth.config.ts",
        "  emailVerification: {",
        """  ...(process.env["X"] ? { appName: "x" } : {}),
  emailVerification: {""",
    ),
    "CORS options by name": (
        "auth-server/src/app.ts",
        """app.use(
  cors({
    origin: env.CORS_ORIGINS,
    credentials: true,
    exposedHeaders: ["X-Request-Id", "X-Retry-After", "Retry-After"],
  }),
);""",
        """const rules = { origin: env.CORS_ORIGINS, credentials: true };
app.use(cors(rules));""",
    ),
    "the host's own users beside the auth tables": (
        "backend/app/auth/errors.py",
        "from fastapi import",
        """MINE = \"""SELECT u.plan AS "planName" FROM users u
    JOIN auth_user a ON a.id = u.auth_id\"""

from fastapi import""",
    ),
    "several origins": (
        "auth-server/.env",
        "CORS_ORIGINS=http://localhost:3000",
        "CORS_ORIGINS=http://localhost:3000, http://127.0.0.1:3000",
    ),
    "one site in production": (
        "auth-server/.env",
        "BETTER_AUTH_URL=http://localhost:3001\nCORS_ORIGINS=http://localhost:3000",
        "BETTER_AUTH_URL=https://auth.shop.co.uk\nCORS_ORIGINS=https://www.shop.co.uk",
    ),
    "secrets that change": (
        "auth-server/.env",
        "PORT=3001",
        f"PORT=3001\nBETTER_AUTH_SECRETS=2:{'Zk3v9Qx7Lp2R' * 3},1:{'Mw5t8Bz2Vn7K' * 3}",
    ),
    "a mail service": (
        "auth-server/.env",
        "EMAIL_FROM=\nRESEND_API_KEY=",
        "EMAIL_FROM=Shop <no-reply@shop.example>\nRESEND_API_KEY=re_8fK2",
    ),
    "a compiler's comment": (
        "auth-server/tsconfig.json",
        '"strict": true,',
        '"strict": true, // "module": "commonjs" was wrong\n',
    ),
    "packages of its own": (
        "backend/pyproject.toml",
        '    "uvicorn==0.54.0",',
        '    "uvicorn==0.54.0",\n    "python-jose>=3.3",',
    ),
    "an origin that the settings hold": (
        "backend/app/main.py",
        "allow_origins=get_settings().allowed_origins",
        "allow_origins=[get_settings().frontend]",
    ),
    "a model of the auth tables whose types are elsewhere": (
        "backend/app/models.py",
        '__all__ = ["SQLModel"]',
        """from datetime import datetime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = dict[object, object]()


class Visit(Base):
    __tablename__ = "auth_session"
    id: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column()
    seen: str = noted(nullable=False)
""",
    ),
    "models of its own with naive times": (
        "backend/app/models.py",
        '__all__ = ["SQLModel"]',
        """from datetime import datetime


class Order(SQLModel, table=True):
    id: int = 1
    made: datetime = datetime(2026, 1, 1)
""",
    ),
}


def findings(project: Path) -> list[tuple[str, str]]:
    return [
        (r.code, r.message)
        for r in results(project)
        if r.status not in QUIET and THEIRS not in r.message
    ]


@pytest.mark.parametrize("answers", COMBINATIONS.values(), ids=COMBINATIONS.keys())
def test_every_combination_of_answers(
    copies: Copies, tmp_path: Path, answers: Sequence[str]
) -> None:
    """What was just rendered lacks at most what a safe fix adds."""
    options = [part for answer in answers for part in ("-d", answer)]
    copies.into(tmp_path, *options)
    commit_all(tmp_path)
    before = [r for r in results(tmp_path) if r.status is Status.FAIL]
    assert before == []
    repair(tmp_path)
    assert findings(tmp_path) == []


@pytest.mark.parametrize("repository", [flat, full_stack])
def test_repositories_of_others(
    copies: Copies, tmp_path: Path, repository: Callable[[Path], Path]
) -> None:
    """Theirs stays theirs: nothing in it is a finding."""
    copies.into(tmp_path, of=repository)
    commit_all(tmp_path)
    assert [r for r in results(tmp_path) if r.status is Status.FAIL] == []
    repair(tmp_path)
    assert findings(tmp_path) == []
    before = _worked()
    results(tmp_path)
    assert _worked() - before < 2


def _worked() -> float:
    """Return the processor seconds of this process and of those that it has run."""
    return sum(os.times()[:4])


def test_hand_edited_variants(copies: Copies, tmp_path: Path) -> None:
    """Each change alone, and all that were made before it."""
    copies.into(tmp_path)
    commit_all(tmp_path)
    repair(tmp_path)
    for name, (path, before, after) in EDITED.items():
        file = tmp_path / path
        healthy = file.read_text()
        assert before in healthy, name
        file.write_text(healthy.replace(before, after))
        assert findings(tmp_path) == [], name
        file.write_text(healthy)
