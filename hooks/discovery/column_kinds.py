"""Which kind of value a column holds, from the name of its type or its annotation."""

from __future__ import annotations

import re

# As SQLAlchemy, SQLModel, pydantic, their usual helpers and PostgreSQL call them.
_KINDS = {
    "uuid": "uuid guid uuid_id pguuid pg_uuid uuid4 uuid7 uuidtype uuidv4 uuidv7",
    "integer": (
        "int integer biginteger bigint smallinteger smallint serial bigserial int2 int4"
        " int8 positiveint smallserial"
    ),
    "text": (
        "str string text unicode unicodetext varchar char emailstr email emailtype"
        " citext autostring constr nvarchar character nameemail lowercaseemailstr"
    ),
    "boolean": "bool boolean",
    "time": (
        "datetime timestamp timestamptz date datetimeutc awaredatetime naivedatetime"
        " utcdatetime tzdatetime"
    ),
    "bytes": "bytes largebinary bytea binary",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_AROUND = re.compile(
    r"(?:[\w.]{1,99}\.)?(?:Mapped|Optional|Annotated|SQLAlchemyMapped)"
    r"\s{0,9}\[\s{0,9}"
)
_NAME = re.compile(r"[\s\"'\[]{0,9}([A-Za-z_][\w.]{0,99})")
_MOST_LAYERS = 5


def bare_type(written: str) -> str:
    """Return the name that a type goes by: ``UUID`` of ``Mapped[uuid.UUID | None]``."""
    for _ in range(_MOST_LAYERS):
        inner = written.strip(" \"'\n\t")
        around = _AROUND.match(inner)
        if around is None:
            break
        written = inner[around.end() :]
    for part in written.split("|"):
        name = _NAME.match(part)
        if name is not None and name[1] != "None":
            return name[1].rpartition(".")[2]
    return ""


def kind_of(written: str) -> str:
    """Return ``uuid``, ``integer``, ``text`` and so on; empty where it is not known."""
    return _KIND_OF.get(bare_type(written).lower(), "")
