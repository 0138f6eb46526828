"""What becomes of the people who were there before, in two lines for all texts."""

from __future__ import annotations

# What the update that takes them along is given.
TAKE_ALONG = "-d auth_existing_users=import"
_WORDS = {
    "none": (
        "The people in {table} have no account here; the old login goes on for them.",
        "To take them along: {update}",
    ),
    "import": (
        "The people in {table} get accounts{passwords} by",
        "{run} (--dry-run counts; a second run adds who is new)",
    ),
}


def existing_users_words(
    mode: str, table: str, run: str, update: str, *, scheme: str = ""
) -> tuple[str, ...]:
    """Return what a mode means for the people in ``table``; nothing where none is.

    ``run`` imports them and ``update`` answers ``import``, as the text has commands.
    ``scheme`` is how their passwords are hashed, where the auth server verifies that.
    """
    if not table:
        return ()
    passwords = ", and keep their passwords," * bool(scheme)
    given = {"table": table, "run": run, "update": update, "passwords": passwords}
    return tuple(line.format(**given) for line in _WORDS[mode])
