"""Find how passwords are hashed today, from the libraries that the code calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..fastapi_code.auth_package import is_auth_package
from ..syntax.lines import numbered
from ..syntax.python import arguments, callee, line, name_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..fastapi_code.import_graph import Loaded
    from ..syntax.python import Module
    from .sources import Sources

# What the auth server can verify, by the names of passlib's handlers and of pwdlib's
# hashers. What is not listed here has a format that the auth server does not read.
_SCHEMES = {
    "bcrypt": "bcrypt",
    "argon2": "argon2",
    "django_pbkdf2_sha256": "django_pbkdf2",
    **dict.fromkeys(
        ("pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha512"), "scrypt_passlib"
    ),
    "scrypt": "scrypt_passlib",
}
_HANDLER = re.compile(
    r"\b(bcrypt_sha256|bcrypt|argon2|django_pbkdf2_sha256|django_bcrypt\w{0,9}"
    r"|pbkdf2_sha\d{1,3}|scrypt|sha\d{1,3}_crypt|md5_crypt|phpass|plaintext|hex_\w{1,9})\b"
)
_HASHER = re.compile(r"\b(Argon2|Bcrypt)Hasher\b")
_WORDS = (
    *("passlib", "pwdlib", "bcrypt", "argon2", "werkzeug", "django.contrib"),
    *("fastapi_users", "hashlib", "pbkdf2"),
)
_PASSWORD = re.compile(r"(?i)passw|pwd")
# A digest of these is no password's.
_ANOTHER = re.compile(r"(?i)token|reset|otp|code|key")
_HASHLIB = re.compile(r"\bhashlib\.(\w{1,20})\(")
_DJANGO = re.compile(r"pbkdf2_sha256\$")
_OLD_FASTAPI_USERS = re.compile(
    r"fastapi[-_]users(?:\[[\w,-]{1,60}\])?[\"' ]{0,3}(?:==|~=|<|=)"
    r"[\"'^~ ]{0,4}(?:[1-9]|1[0-2])\b"
)


@dataclass(frozen=True, kw_only=True)
class Hashing:
    """One way in which the code hashes passwords.

    ``scheme`` is empty where the auth server cannot verify it; ``words`` name it.
    """

    scheme: str
    words: str
    path: str
    line: int
    is_for_passwords: bool


def find_hashing(sources: Sources, loaded: Loaded, import_root: str) -> list[Hashing]:
    """Return the ways that the application's code has; those of passwords alone.

    Where no function says that it is about passwords, all of them.
    """
    files = sources.mentioning(*_WORDS, below=import_root)
    if loaded.is_all:
        files = [name for name in files if name in loaded] or files
    files = [
        name
        for name in files
        if not is_auth_package(sources.repository, name.rpartition("/")[0])
    ]
    found = [way for name in files for way in _in_file(name, sources.module(name))]
    if not found:
        found = [*_of_fastapi_users(sources, files)]
    kept = [way for way in found if way.is_for_passwords] or found
    return [*{way.words: way for way in reversed(kept)}.values()][::-1]


def _in_file(name: str, module: Module) -> Iterator[Hashing]:
    written = module.source.decode(errors="replace")
    ways = (*_contexts(module), *_imported(module, written))
    for scheme, words, at in ways:
        yield Hashing(
            scheme=scheme,
            words=words,
            path=name,
            line=at,
            is_for_passwords=_PASSWORD.search(written) is not None,
        )
    yield from _own_code(name, module, written)


def _contexts(module: Module) -> Iterator[tuple[str, str, int]]:
    """Yield what passlib and pwdlib are told to use: scheme, words and line."""
    tops = {found.module.partition(".")[0] for found in module.imports}
    for call in module.nodes("call") if tops & {"passlib", "pwdlib"} else ():
        made = callee(call)
        if made.endswith("CryptContext"):
            listed = arguments(call)[1].get("schemes")
            names = _HANDLER.findall(text(listed)) if listed is not None else []
            yield _of(names), f"passlib: {', '.join(names) or 'unknown'}", line(call)
        elif made.endswith("PasswordHash.recommended"):
            yield "argon2", "pwdlib: argon2", line(call)
        elif made.endswith("PasswordHash"):
            names = [found.lower() for found in _HASHER.findall(text(call))]
            yield _of(names), f"pwdlib: {', '.join(names) or 'unknown'}", line(call)


def _of(handlers: list[str]) -> str:
    """Return the scheme by which all hashes of a table are read; of several, none.

    A context verifies every kind that it lists, so a table has them all. What reads
    Argon2 reads bcrypt too.
    """
    known = {_SCHEMES[name] for name in handlers if name in _SCHEMES}
    if known == {"argon2", "bcrypt"}:
        return "argon2"
    return known.pop() if len(known) == 1 else ""


def _imported(module: Module, written: str) -> Iterator[tuple[str, str, int]]:
    """Yield what is called by its own name: scheme, words and line."""
    for found in module.imports:
        top, at = found.module.partition(".")[0], found.line
        if found.module == "passlib.hash" and found.name:
            yield _SCHEMES.get(found.name, ""), f"passlib: {found.name}", at
        elif top == "bcrypt" and "hashpw" in written:
            yield "bcrypt", "bcrypt", at
        elif top == "argon2" and found.name in {"PasswordHasher", ""}:
            yield "argon2", "argon2", at
        elif found.module == "werkzeug.security" and found.name.endswith("_hash"):
            yield "werkzeug", "werkzeug", at
        elif found.module == "django.contrib.auth.hashers":
            yield "django_pbkdf2", "django", at


def _own_code(name: str, module: Module, written: str) -> Iterator[Hashing]:
    """Yield what functions that are about passwords make with ``hashlib``."""
    for function in module.nodes("function_definition"):
        called = name_of(function)
        if not _PASSWORD.search(called) or _ANOTHER.search(called):
            continue
        for found, at in numbered(_HASHLIB, text(function)):
            is_django = found[1] == "pbkdf2_hmac" and _DJANGO.search(written)
            yield Hashing(
                scheme="django_pbkdf2" if is_django else "",
                words="django's PBKDF2" if is_django else f"hashlib.{found[1]}",
                path=name,
                line=line(function) + at - 1,
                is_for_passwords=True,
            )


def _of_fastapi_users(sources: Sources, files: list[str]) -> Iterator[Hashing]:
    """Yield what fastapi-users does where nothing else is said: by its release."""
    for name in files:
        for found in sources.module(name).imports:
            if found.module.partition(".")[0] == "fastapi_users":
                old = _is_old(sources)
                yield Hashing(
                    scheme="bcrypt" if old else "argon2",
                    words=f"fastapi-users: {'bcrypt' if old else 'argon2, bcrypt'}",
                    path=name,
                    line=found.line,
                    is_for_passwords=True,
                )
                return


def _is_old(sources: Sources) -> bool:
    """Return True if a release before 13 is pinned, which knew bcrypt alone."""
    manifests = (
        name
        for name in sources.repository.files
        if name.endswith((".toml", ".txt", "Pipfile", ".cfg"))
    )
    texts = (sources.repository.text(name) or "" for name in manifests)
    return any("users" in t and _OLD_FASTAPI_USERS.search(t) for t in texts)
