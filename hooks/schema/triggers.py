"""What tells FastAPI's cache that sessions changed: triggers that notify at commit.

A notification names the user whose sessions to forget, never a token; an empty one
stands for all of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers import Answers

_NAME = "auth_session_changed"
_FUNCTION = """\
CREATE OR REPLACE FUNCTION auth_session_changed() RETURNS trigger
LANGUAGE plpgsql AS $function$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('auth_session_changes', '');
    ELSIF TG_TABLE_NAME = 'auth_user' THEN
        PERFORM pg_notify('auth_session_changes', CAST(OLD.id AS text));
    ELSE
        PERFORM pg_notify('auth_session_changes', CAST(OLD.user_id AS text));
    END IF;
    RETURN NULL;
END
$function$"""
_TRIGGERS = """\
CREATE TRIGGER auth_session_changed AFTER UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION auth_session_changed()
CREATE TRIGGER auth_session_truncated AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION auth_session_changed()"""

# The triggers depend on the function and go with it.
DROP = "DROP FUNCTION IF EXISTS auth_session_changed() CASCADE"


_CREATE = (
    _FUNCTION,
    *(
        statement
        for table in ("auth_session", "auth_user")
        for statement in re.split(r"\n(?=CREATE)", _TRIGGERS.format(table=table))
    ),
)


def triggers_for(answers: Answers) -> tuple[str, ...]:
    """Return the statements that create what these answers need, in order."""
    return _CREATE if answers.auth_session_validation == "cached" else ()


def recreation() -> str:
    """Return the SQL that creates them whether they are there or not."""
    return "\n".join(f"{statement};" for statement in (DROP, *_CREATE))


def creates_triggers(source: str) -> bool:
    """Return True if a migration creates them already."""
    return bool(re.search(rf"(?i)create\s{{1,99}}trigger\s{{1,99}}{_NAME}\b", source))
