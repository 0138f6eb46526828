"""BA012: secrets must be strong, and out of git's reach."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .. import ANSWERS_FILE
from ..edits.create_env_file import create_env_file
from ..env.dotenv import emptied, entries
from ..env.secrets import LIST, ONE, secrets_in
from ..env.sites import is_local
from ..model import Evidence, FileEdit, Finding, Fix, Plan, Status
from ..repository import git
from ..syntax.python import line
from ..syntax.typescript import value_at
from ._check import FIX, Broken, Check, problem, repairable, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._project import Project

_LEAST = 32
_LEAST_DIFFERENT = 10
_RULE = b".env\n"
_PRIVATE = 0o600
# Shorter values turn up in files by chance.
_TELLING = 12
_OF_DATABASE = "DATABASE_URL's password"
_IN_PRODUCTION = "leave it for development; the database of production needs another"
_KEPT = ("BETTER_AUTH_SECRET", "RESEND_API_KEY", "SMTP_URL")
_PLACEHOLDER = re.compile(
    r"(?i)change.?me|your.?secret|placeholder|example|secret.?(?:key|here)|^(.)\1+$"
    r"|0123456789|password|better-auth-secret"
)
# What bundlers put into the page that everybody downloads.
_PUBLISHED = re.compile(r"^(?:NEXT_PUBLIC_|VITE_|PUBLIC_|REACT_APP_|NUXT_PUBLIC_)")
_MOST_BYTES = 400_000
_NO_TEXT = (".gif", ".ico", ".jpeg", ".jpg", ".pdf", ".png", ".webp", ".woff", ".woff2")


class SecretHygiene(Check):
    """Who knows BETTER_AUTH_SECRET can sign in as any user.

    It signs every session cookie. It must be long and random, and the ``.env`` that
    holds it must be ignored by git and readable by its owner alone. No secret may
    be in a file that git tracks: not in code, not in the answers, not in a record,
    not under a name that a bundler publishes. Make another with
    ``openssl rand -base64 32``; one that was committed is known, so replace it. The
    guessable password of a database on this machine, as ``shop:shop_password``, is
    a default of development: a warning not to take it to production.
    """

    code = "BA012"
    name = "secret-hygiene"
    healthy = "the secret is strong, and git ignores the file that holds it"
    proof = "git asked about .env; every tracked file searched for each secret's value"
    example = "BETTER_AUTH_SECRET=<48 random characters, in a file that git ignores>"
    broken = (
        Broken(
            title="a short secret",
            path="{server}/.env",
            before="BETTER_AUTH_SECRET=",
            after="BETTER_AUTH_SECRET=short # ",
        ),
        Broken(
            title="a secret from a tutorial",
            path="{server}/.env",
            before="BETTER_AUTH_SECRET=",
            after="BETTER_AUTH_SECRET=change-me-change-me-change-me-change-me # ",
        ),
        Broken(
            title="a secret of few characters",
            path="{server}/.env",
            before="BETTER_AUTH_SECRET=",
            after="BETTER_AUTH_SECRET=abababababababababababababababababab # ",
        ),
        Broken(
            title="a list of secrets with one that can be guessed",
            path="{server}/.env",
            after="BETTER_AUTH_SECRETS=2:change-me-change-me-change-me-change-me,1:{secret}\n",
        ),
        Broken(
            title="a secret in the configuration",
            path="{server}/src/auth/auth.config.ts",
            before="secret: env.BETTER_AUTH_SECRET",
            after='secret: "Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3"',
            fixed=True,
        ),
        Broken(
            title="the secret's value in a tracked file",
            path="docs/notes.md",
            after="The secret is {secret}.\n",
        ),
        Broken(
            title="the secret's value in the answers",
            path=ANSWERS_FILE,
            after="auth_note: {secret}\n",
        ),
        Broken(
            title="a filled example",
            path="{server}/.env.example",
            before="BETTER_AUTH_SECRET=",
            after="BETTER_AUTH_SECRET=Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3",
            fixed=True,
        ),
        Broken(
            title="a secret that a bundler publishes",
            path="frontend/.env.example",
            after="VITE_BETTER_AUTH_SECRET=\n",
        ),
        Broken(
            title="git does not ignore .env",
            path="{server}/.gitignore",
            after="!.env\n",
            fixed=True,
        ),
        Broken(
            title="no .env",
            path="{server}/.env",
            fixed=True,
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Ask git about the file, and measure the secret without showing it."""
        path = project.env_path
        if project.read(path) is None:
            yield from _no_file(project, path)
        else:
            yield from _reach(project, path)
            yield from _strength(project, path)
        yield from _in_code(project)
        yield from _in_files(project)


def _no_file(project: Project, path: str) -> Iterator[Finding]:
    """Find that neither server can start, unless the platform sets the variables."""
    if all(os.environ.get(name) for name in (ONE, "DATABASE_URL")):
        return
    planned = create_env_file(project.integration, project.staging)
    edits = tuple(edit for edit in planned if isinstance(edit, FileEdit))
    fix = None
    if edits:
        title = f"made {path} with a fresh secret and the addresses of development"
        fix = Fix(title=title, plan=Plan(edits=edits))
    message = f"there is no {path}, so neither server can start"
    yield Finding(
        message=message,
        evidence=(Evidence(path=path, why=message),),
        remedy=f"{FIX} --check BA012" if fix else f"make {path} readable",
        fix=fix,
    )


def _strength(project: Project, path: str) -> Iterator[Finding]:
    remedy = "make another: openssl rand -base64 32"
    one = (ONE, project.variables.get(ONE, ""))
    for name, secret in (one, *_listed(project)):
        if len(secret) < _LEAST:
            message = f"{name} has fewer than {_LEAST} characters"
            yield problem(message, path, remedy=remedy)
        elif len(set(secret)) < _LEAST_DIFFERENT or _PLACEHOLDER.search(secret):
            yield problem(f"{name} can be guessed", path, remedy=remedy)


def _reach(project: Project, path: str) -> Iterator[Finding]:
    if git.holds(project.root, "ls-files", "--error-unmatch", "--", path):
        remedy = f"git rm --cached {path}, then make a new secret"
        yield problem("git tracks .env", path, remedy=remedy)
    elif git.holds(
        project.root, "check-ignore", "--quiet", "--", path
    ) is False and not _is_planned(project):
        yield _ignored(project, path)
    if (project.root / path).exists() and (project.root / path).stat().st_mode & 0o077:
        data = project.read(path)
        title = "made .env readable by its owner alone"
        edit = FileEdit(
            path=path, before=data, after=data, why=(title,), secret=True, mode=_PRIVATE
        )
        planned = any(e.path == path for e in project.staging.edits)
        message = ".env can be read by other users of this machine"
        yield Finding(
            message=message,
            evidence=(Evidence(path=path, why=message),),
            remedy=f"chmod 600 {path}",
            severity=Status.WARN,
            fix=None if planned else Fix(title=title, plan=Plan(edits=(edit,))),
        )


def _is_planned(project: Project) -> bool:
    """Return True if a plan, which git does not see yet, has the rule as the last."""
    rules = f"{project.server}/.gitignore"
    planned = (
        edit.after or b"" for edit in project.staging.edits if edit.path == rules
    )
    return any(after.splitlines()[-1:] == [_RULE.strip()] for after in planned)


def _ignored(project: Project, path: str) -> Finding:
    """Return the finding that git would commit the file; the last rule counts."""
    rules = f"{project.server}/.gitignore"
    before = project.read(rules)
    message = "git does not ignore .env, so that the next commit may hold it"
    kept = before or b""
    after = kept + (b"" if kept.endswith(b"\n") or not kept else b"\n") + _RULE
    title = f"added .env to {rules}"
    edit = FileEdit(path=rules, before=before, after=after, why=(title,))
    return Finding(
        message=message,
        evidence=(Evidence(path=path, why=message),),
        remedy=FIX,
        fix=Fix(title=title, plan=Plan(edits=(edit,))),
    )


def _in_code(project: Project) -> Iterator[Finding]:
    if project.options is None:
        return
    path, script, options = project.options
    node = value_at(options, "secret")
    if node is not None and node.type in {"string", "template_string"}:
        yield repairable(
            "a secret is in the code",
            path,
            line(node),
            title="set secret to env.BETTER_AUTH_SECRET",
            before=script.source,
            after=script.replaced(node, "env.BETTER_AUTH_SECRET"),
        )


def _in_files(project: Project) -> Iterator[Finding]:
    """Look for the secrets' own values in what git tracks or would track."""
    secrets = tuple(_secrets(project))
    for path in project.files:
        name = path.rpartition("/")[2]
        if path == project.env_path:
            continue
        if name.startswith(".env") and ".example" in name:
            yield from _example(project, path)
        if not secrets or path.endswith(_NO_TEXT) or _is_large(project, path):
            continue
        data = project.read(path) or b""
        for variable, value in secrets:
            if value in data:
                number = data.count(b"\n", 0, data.index(value)) + 1
                message = f"{path} holds the value of {variable}"
                if variable == _OF_DATABASE and _is_of_development(project):
                    message += ", which can be guessed; it is of this machine alone"
                    yield warning(message, path, number, remedy=_IN_PRODUCTION)
                    continue
                yield problem(
                    message,
                    path,
                    number,
                    remedy=f"take it out, and make a new {variable}: it is known now",
                )


def _is_of_development(project: Project) -> bool:
    """Return True for a default that opens the database of a developer's machine.

    Projects write it down for everybody: ``shop:shop_password@localhost``. A name
    without a dot is a container's, which only its network knows.
    """
    url = urlsplit(project.variables.get("DATABASE_URL", ""))
    host, password = url.hostname or "", unquote(url.password or "").lower()
    names = (unquote(url.username or "").lower(), url.path.strip("/").lower())
    local = is_local(url.geturl()) or ("." not in host and ":" not in host)
    guessed = any(name in password for name in names if name)
    return local and (guessed or _PLACEHOLDER.search(password) is not None)


def _is_large(project: Project, path: str) -> bool:
    try:
        return (project.root / path).lstat().st_size > _MOST_BYTES
    except OSError:
        return False


def _secrets(project: Project) -> Iterator[tuple[str, bytes]]:
    for name, value in project.variables.items():
        kept = name in _KEPT or name.endswith("_CLIENT_SECRET")
        if kept and len(value) >= _TELLING and not _PLACEHOLDER.search(value):
            yield name, value.encode()
    for name, value in _listed(project):
        if len(value) >= _TELLING and not _PLACEHOLDER.search(value):
            yield name, value.encode()
    password = unquote(
        urlsplit(project.variables.get("DATABASE_URL", "")).password or ""
    )
    if len(password) >= _TELLING:
        yield _OF_DATABASE, password.encode()


def _listed(project: Project) -> Iterator[tuple[str, str]]:
    """Yield what a list of secrets holds beside ``BETTER_AUTH_SECRET``."""
    one = project.variables.get(ONE, "")
    if project.variables.get(LIST):
        others = (value for value in secrets_in(project.variables) if value != one)
        yield from ((LIST, value) for value in others)


def _example(project: Project, path: str) -> Iterator[Finding]:
    before = project.read(path) or b""
    for name, value in entries(before.decode(errors="replace")).items():
        if _PUBLISHED.match(name) and re.search(r"SECRET|PRIVATE|SMTP|RESEND", name):
            yield problem(
                f"{name} goes into the page that everybody downloads",
                path,
                remedy="front ends need no secret; take it out",
            )
        if name in {ONE, LIST} and len(value) >= _LEAST:
            yield repairable(
                "an example holds a secret, and every copy of it the same one",
                path,
                0,
                title=f"emptied {name} in {path}",
                before=before,
                after=emptied(before, name),
            )
