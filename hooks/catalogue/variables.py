"""A variable of the auth server's environment, as documents and its check need it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable that production needs and development may leave empty.

    Attributes:
        name: as it is written in ``.env``.
        example: what the auth server prints when it is missing or malformed.
        rule: the zod schema that the auth server checks it with.
        beginnings: what its value begins with, one of these; empty for anything.

    """

    name: str
    example: str
    rule: str
    beginnings: tuple[str, ...] = ()
