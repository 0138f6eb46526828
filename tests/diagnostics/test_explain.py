"""Error texts and logs, as people post them, are matched, explained and redacted."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.explain.match import matches
from copier_better_auth.explain.redaction import redacted
from support import processor_time
from support.copier_cli import COPIER
from support.repositories import flat

if TYPE_CHECKING:
    from support.copies import Copies

COMMAND = COPIER.with_name("copier-better-auth")

_FILE = Path(__file__).with_name("error_texts.tsv")
TEXTS = [
    (line.partition("\t")[0], line.partition("\t")[2].replace("\\n", "\n"))
    for line in _FILE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


# What a person must be told to do, by a part of it.
TOLD = {
    "password authentication failed for user": "user and password in DATABASE_URL",
    'FATAL:  database "shop" does not exist': "createdb",
    "GOOGLE_CLIENT_ID is missing, for example: 1234": ".env",
    "GITHUB_CLIENT_SECRET is missing": ".env",
    "Error: Invalid password hash": "emailAndPassword.password.verify",
    "400: Send one credential, not two": "Authorization header",
    "callbackURL?error=TOKEN_EXPIRED": "ask for another",
    '{"code":"USER_ALREADY_EXISTS"}': "sign in",
    "/usr/bin/python3: No module named uvicorn": "uv sync",
    'ERROR: Error loading ASGI app. Could not import module "main".': "BA017",
    "Port 8000 is taken; stop what uses it": "stop the other one",
}


@pytest.mark.parametrize("text", TOLD)
def test_the_answer_is_the_right_one(text: str) -> None:
    """A database that runs is not said to be stopped, and so on."""
    first = matches(text)[0]
    assert TOLD[text] in first.known.do


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n", "\u00a0", "\ufeff"])
@pytest.mark.parametrize("by", ["argument", "pipe", "dash"])
def test_an_empty_text_is_wrong_usage(text: str, by: str, tmp_path: Path) -> None:
    """One line that says what to give, however the nothing was given."""
    if not text and by == "argument":
        arguments = [""]
    else:
        arguments = {"argument": [text], "pipe": [], "dash": ["-"]}[by]
    done = subprocess.run(
        [COMMAND, "explain", *arguments],
        cwd=tmp_path,
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "explain needs an error's text" in done.stderr


def explain(*arguments: str, given: str = "", cwd: Path) -> tuple[int, str]:
    done = subprocess.run(
        [COMMAND, "explain", *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize(("code", "text"), TEXTS, ids=[text[:40] for _, text in TEXTS])
def test_a_real_text_leads_to_its_diagnostic(code: str, text: str) -> None:
    """Alone, and in the middle of a log that says nothing else."""
    noise = "12:00:01 INFO started\n12:00:02 GET /healthz 200\n"
    for given in (text, f"{noise}{text}\n{noise}"):
        assert next(iter(matches(given)[0].known.codes), "-") == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "everything is fine",
        "auth server listening",
        "GET /api/auth/get-session 200 4 ms",
        "Traceback (most recent call last):\n  File 'x.py', line 1\nKeyError: 'tea'",
        "The auth tables are up to date.",
        "ZeroDivisionError: division by zero at line 404",
    ],
)
def test_what_is_no_known_error_is_not_taken_for_one(text: str) -> None:
    """A guess would send a user the wrong way."""
    assert matches(text) == ()


def test_a_vague_sign_gives_way_to_a_cause() -> None:
    """A log's 404 is a consequence where the reason is beside it."""
    log = 'GET /api/auth/ok 404 Not Found\nerror: relation "auth_user" does not exist'
    assert [m.known.codes[0] for m in matches(log)] == ["BA013"]


def test_no_project_is_needed(tmp_path: Path) -> None:
    """What happened, why, what to type; from an argument or from a pipe."""
    code, said = explain("Error [ERR_REQUIRE_ESM]", cwd=tmp_path)
    assert code == 0
    for part in ("What happened:", "Why:", "Type: copier-better-auth doctor --fix"):
        assert part in said
    assert explain("-", given="x ERR_REQUIRE_ESM y", cwd=tmp_path)[0] == 0


def test_in_a_project_the_diagnostic_runs(copies: Copies, tmp_path: Path) -> None:
    """Its finding is part of the answer."""
    copies.into(tmp_path, of=flat)
    manifest = tmp_path / "auth-server/package.json"
    manifest.write_text(manifest.read_text().replace('"type": "module",', ""))
    code, said = explain("ERR_REQUIRE_ESM", "--path", str(tmp_path), cwd=tmp_path)
    assert code == 0
    assert "FAIL  BA001 esm" in said


SECRETS = {
    "a URL's password": "postgresql://app:s3cr3tPass@db.example.com:5432/app",
    "a variable": "BETTER_AUTH_SECRET=hunter2hunter2",
    "several secrets": "BETTER_AUTH_SECRETS=2:correct-horse,1:hunter-of-words",
    "a mail service's password": "SMTP_PASS=hunter2 EMAIL_PWD: hunter2",
    "a password that URLs need not hold": "smtp://app:p@ss/hunter2@localhost/app",
    "JSON": '{"password": "correct horse"}',
    "JSON within JSON": r'{"msg": "{\"password\":\"correct horse\"}"}',
    "a token in a path": "GET /api/auth/reset-password/QwErTyUiOpAsDfGhJkLzXcVb?a=b",
    "a cookie": "Cookie: better-auth.session_token=AbCdEf0123.sig%3D; theme=dark",
    "a set cookie": "set-cookie: __Secure-better-auth.session_token=Zz9Yy8; Path=/",
    "a bearer": "Authorization: Bearer abc.def.ghi-123456",
    "a token in a URL": "GET /api/auth/verify-email?token=Qw3rty&callbackURL=/",
    "a JWT": "got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl today",
    "a key of Resend": "key re_AbCdEf123_456 refused",
    "a key of Google": "GOCSPX-abcdefgh12345678 refused",
    "a random string": "value kJ8sd7Fh2Lq0Zx5Vb3Nm1Pw9Tr6Yu4Ei refused",
    "a private key": "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----",
    "an address": "mail to ada@example.com failed",
}
PARTS = (
    *("s3cr3tPass", "hunter", "correct", "AbCdEf", "Zz9Yy8", "abc.def"),
    *("Qw3rty", "QwErTy", "c2lnbmF0", "GOCSPX-a", "kJ8sd7", "MC4CAQ", "ada@"),
)


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS.keys())
def test_nothing_secret_is_left(text: str) -> None:
    """On its own, and within a line of a log."""
    for given in (text, f"12:00 ERROR [{text}] x", f"a\n{text}\nb"):
        assert not [part for part in PARTS if part in redacted(given)]


def test_what_tells_is_kept() -> None:
    """A redacted text that says nothing helps no one."""
    text = (
        "at /app/node_modules/better-auth/dist/api/index.mjs:120:14 TypeError: x is 7"
    )
    assert redacted(text) == text


def test_an_unknown_text_gives_a_bundle_to_paste(tmp_path: Path) -> None:
    """Exit 1, versions, and the text without its secrets."""
    log = "\n".join(["something odd", *SECRETS.values()])
    code, said = explain("-", given=log, cwd=tmp_path)
    assert code == 1
    assert "No known error" in said
    assert "Python 3." in said
    assert "something odd" in said
    assert not [part for part in PARTS if part in said]


def test_a_log_of_any_size_is_explained_at_once(tmp_path: Path) -> None:
    """What is one line of a megabyte has no end to be read, and a log only its last."""
    error = "Error [ERR_REQUIRE_ESM]: require() of ES Module"
    for noise in ("a" * 3_000_000, "a line of a log, again\n" * 400_000):
        began = processor_time.of_children()
        assert explain("-", given=noise, cwd=tmp_path)[0] == 1
        assert explain("-", given=f"{noise}\n{error}", cwd=tmp_path)[0] == 0
        assert processor_time.of_children() - began < 30


def test_a_secret_that_a_long_line_is_cut_in_stays_one(tmp_path: Path) -> None:
    """Half of it would look like a word."""
    secret = "Zk3" * 15
    said = explain("-", given=f"{'x ' * 485}{secret} and so on", cwd=tmp_path)[1]
    assert "Zk3Zk3" not in said
    assert "x x …" in said
