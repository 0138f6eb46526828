"""Twelve defects that an earlier attempt at this shipped: each is found here.

Where a defect is of a fix and not of a project, the fix is shown not to have it.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.diagnostics._check import Broken
from copier_better_auth.migrations.graph import read_graph
from copier_better_auth.model import Status
from support.seeded import Healthy, contents, repair, results, seed

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "{server}/src/auth/auth.config.ts"
DEFECTS: list[tuple[str, Broken]] = [
    (
        "BA013",
        Broken(
            title="1 the SQL of another schema",
            path="{package}/validate.py",
            after='QUERY = "SELECT u.id FROM user_sessions s JOIN users u ON true"\n',
        ),
    ),
    (
        "BA009",
        Broken(
            title="2 the whole cookie looked up, its signature never checked",
            path="{package}/cookies.py",
            before="hmac.",
            after="whole.",
        ),
    ),
    (
        "BA004",
        Broken(
            title="3 no name for https",
            path="{package}/cookies.py",
            before='f"__Secure-{COOKIE_NAME}"',
            after="COOKIE_NAME",
        ),
    ),
    (
        "BA009",
        Broken(
            title="4 tokens with HS256 and a shared secret",
            path="{package}/tokens.py",
            before='_ALGORITHM = "EdDSA"',
            after='_ALGORITHM = "HS256"',
            project="jwt",
        ),
    ),
    (
        "BA011",
        Broken(
            title="5 an exception that PyJWT does not have",
            path="{package}/tokens.py",
            before="jwt.PyJWTError",
            after="jwt.JWTError",
            project="jwt",
        ),
    ),
    (
        "BA011",
        Broken(
            title="6 a plugin that does not exist",
            path=CONFIG,
            before="import { betterAuth",
            after=("import { oauth } from 'better-auth/plugins'\nimport { betterAuth"),
            project="every method",
        ),
    ),
    (
        "BA006",
        Broken(
            title="7 a magic link without a sender",
            path=CONFIG,
            before="sendMagicLink: (",
            after="onMagicLink: (",
            project="every method",
        ),
    ),
    (
        "BA006",
        Broken(
            title="8 the verification's sender where nobody looks",
            path=CONFIG,
            before="    revokeSessionsOnPasswordReset: true,",
            after="    sendVerificationEmail: async () => {},",
        ),
    ),
    (
        "BA013",
        Broken(
            title="9 accounts with the old expiresAt",
            path="{server}/src/auth/schema.ts",
            before='    accessTokenExpiresAt: "access_token_expires_at",\n',
            after='    expiresAt: "expires_at",\n',
        ),
    ),
    (
        "BA004",
        Broken(
            title="12 a cookie cache with immediate revocation",
            path=CONFIG,
            before="session: { ",
            after="session: { cookieCache: { enabled: true, maxAge: 5 * 60 }, ",
        ),
    ),
    (
        "BA004",
        Broken(
            title="12 SameSite=None wherever it is production",
            path=CONFIG,
            before="advanced: {",
            after='advanced: { defaultCookieAttributes: { sameSite: "none" }, ',
        ),
    ),
    (
        "BA009",
        Broken(
            title="12 the secret of something else",
            path=CONFIG,
            before="secret: env.BETTER_AUTH_SECRET",
            after="secret: env.jwtSecret",
        ),
    ),
    (
        "BA009",
        Broken(
            title="12 an outage of the database taken for a bad credential",
            path="{package}/lookup.py",
            after=(
                "async def find(pool, token):\n    try:\n"
                '        return await pool.fetchrow("SELECT 1", token)\n'
                "    except Exception:\n        return None\n"
            ),
        ),
    ),
]


@pytest.mark.parametrize(
    ("code", "defect"), DEFECTS, ids=[defect.title for _, defect in DEFECTS]
)
def test_the_defect_is_found(
    healthy: Healthy, tmp_path: Path, code: str, defect: Broken
) -> None:
    """By the diagnostic that it belongs to."""
    project = healthy.copy_of(defect.project, tmp_path)
    seed(project, defect)
    (found,) = results(project, code)
    assert found.status is Status.FAIL, found


def test_10_a_type_is_changed_by_a_new_migration(
    healthy: Healthy, tmp_path: Path
) -> None:
    """On the one head, better-auth's column alone, no litter, nothing rewritten."""
    project = healthy.copy_of("default", tmp_path)
    versions = project / "backend/migrations/versions"
    (first,) = versions.glob("*_add_auth_tables.py")
    text = first.read_text().replace(
        '"ip_address", sa.Text()', '"ip_address", postgresql.INET()'
    )
    devices = (
        '    op.create_table(\n        "device",\n'
        '        sa.Column("ip_address", postgresql.INET()),\n    )\n\n\n'
    )
    first.write_text(text.replace("\n\ndef downgrade", f"{devices}def downgrade"))
    # Named so that the newest file by name is not the head.
    (versions / "zzz_older.py").write_text(
        'revision = "older"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n'
    )
    first.write_text(
        first.read_text().replace("down_revision = None", 'down_revision = "older"')
    )
    before = contents(project)
    assert repair(project, "BA003")[0].status is Status.FIXED
    after = contents(project)
    assert {path: after[path] for path in before} == before
    (made,) = set(after) - set(before)
    source = after[made].decode()
    assert "NULLIF(host(ip_address), '')" in source
    assert "device" not in source
    graph = read_graph(after, lambda path: after[path].decode())
    assert len(graph.heads) == 1
    compile(source, made, "exec")


def test_11_another_folders_vercel_json_is_left_as_it_is(
    healthy: Healthy, tmp_path: Path
) -> None:
    """Only the auth server's own file changes, and its other routes stay."""
    project = healthy.copy_of("vercel", tmp_path)
    theirs = '{ "builds": [], "routes": [{ "src": "/(.*)", "dest": "/index.html" }] }\n'
    (project / "vercel.json").write_text(theirs)
    ours = project / "auth-server/vercel.json"
    ours.write_text(
        '{\n  // kept\n  "builds": [{ "src": "x", "use": "@vercel/node" }],\n'
        '  "routes": [{ "src": "/old", "dest": "/ok" }, '
        '{ "src": "/(.*)", "dest": "x" }]\n}\n'
    )
    assert repair(project, "BA005")[0].status is Status.FIXED
    assert (project / "vercel.json").read_text() == theirs
    assert ours.read_text() == (
        '{\n  // kept\n  "routes": [{ "src": "/old", "dest": "/ok" }]\n}\n'
    )


def test_no_fix_leaves_anything_beside(healthy: Healthy, tmp_path: Path) -> None:
    """No backup file, no change that git would see elsewhere."""
    project = healthy.copy_of("default", tmp_path)
    app = project / "auth-server/src/app.ts"
    app.write_text(app.read_text().replace('"/api/auth/{*any}"', '"/api/auth/*"'))
    repair(project)
    status = subprocess.run(
        ["git", "status", "--porcelain"],  # noqa: S607 - git from PATH
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert status == ""
