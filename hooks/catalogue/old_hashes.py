"""How the passwords of existing users may be stored, and what can verify them.

A library that writes one kind of hash often still reads the kind before it, so the
hashes of one table need not be all alike.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HashReader:
    """One kind of hash; its ``src/auth/old-passwords/<name>.ts`` is in the template.

    Attributes:
        name: the module, and what it exports.
        schemes: the recorded schemes whose tables may have such hashes.
        packages: the npm packages that it needs; Node's own crypto has the rest.

    """

    name: str
    schemes: frozenset[str]
    packages: frozenset[str] = frozenset()


# An unknown scheme ("") may be any of them.
HASH_READERS = (
    HashReader(
        name="bcrypt",
        schemes=frozenset({"bcrypt", "argon2", ""}),
        # Pinned at 1.10.7: of 2.0.0 there are no builds for macOS, Windows and Alpine.
        packages=frozenset({"@node-rs/bcrypt"}),
    ),
    HashReader(
        name="argon2",
        schemes=frozenset({"argon2", ""}),
        packages=frozenset({"@node-rs/argon2"}),
    ),
    HashReader(
        name="pbkdf2",
        schemes=frozenset({"django_pbkdf2", "werkzeug", "scrypt_passlib", ""}),
    ),
    HashReader(name="scrypt", schemes=frozenset({"werkzeug", "scrypt_passlib", ""})),
)


def hash_readers(scheme: str) -> tuple[str, ...]:
    """Return the names of what verifies the hashes of a table with this scheme."""
    return tuple(row.name for row in HASH_READERS if scheme in row.schemes)
