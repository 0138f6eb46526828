"""The database URL that the auth server shares with the user's backend."""

from __future__ import annotations

import pytest
from copier_better_auth.env.database_url import development_url
from copier_better_auth.env.dotenv import entries, line_of, replaced


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            "DATABASE_URL=postgresql+asyncpg://u:p@db.test:5433/shop?ssl=require\n",
            "postgresql://u:p@db.test:5433/shop?sslmode=require",
        ),
        ('export DATABASE_URL="postgres://u@h/x" # main\n', "postgresql://u@h/x"),
        (
            "TEST_DATABASE_URL=postgresql://t@h/test\nDB_DSN='postgresql://u@h/real'\n",
            "postgresql://u@h/real",
        ),
        (
            (
                "POSTGRES_SERVER=localhost\nPOSTGRES_PORT=5432\nPOSTGRES_DB=app\n"
                "POSTGRES_USER=me\nPOSTGRES_PASSWORD=p@ss/word\n"
            ),
            "postgresql://me:p%40ss%2Fword@localhost:5432/app",
        ),
        # With a prefix of the settings, with their delimiter, in lower case.
        (
            (
                "SHOP_POSTGRES_HOST=localhost\nSHOP_POSTGRES_DB=shop\n"
                "SHOP_POSTGRES_USER=me\nSHOP_POSTGRES_PASSWORD=p\n"
            ),
            "postgresql://me:p@localhost:5432/shop",
        ),
        (
            "POSTGRES__USER=me\nPOSTGRES__DB=shop\n",
            "postgresql://me@localhost:5432/shop",
        ),
        (
            "app__db__user=me\napp__db__name=shop\napp__db__port=5433\n",
            "postgresql://me@localhost:5433/shop",
        ),
        (
            ("TEST_DB_USER=t\nTEST_DB_NAME=test\nSHOP_DB_USER=me\nSHOP_DB_NAME=shop\n"),
            "postgresql://me@localhost:5432/shop",
        ),
        (
            "ORDERS_DB_USER=a\nORDERS_DB_NAME=a\nUSERS_DB_USER=b\nUSERS_DB_NAME=b\n",
            None,
        ),
        ("MYSQL_DB_USER=a\nMYSQL_DB_NAME=a\n", None),
        ("# DATABASE_URL=postgresql://old@h/old\n", None),
        ("DATABASE_URL=sqlite:///app.db\n", None),
        ("DATABASE_URL=postgresql://${USER}:${PASS}@h/x\n", None),
        ("DATABASE_URL=postgresql://<user>:<password>@host/db\n", None),
    ],
)
def test_reads_what_the_backend_reads(text: str, url: str | None) -> None:
    """A URL, or its parts, in the backend's env file becomes one for node-postgres."""
    assert development_url({"backend/.env": text}.get, "backend") == url


def test_the_backends_own_file_comes_before_the_roots() -> None:
    """Two files: the one beside the backend is the one that it reads."""
    files = {
        ".env": "DATABASE_URL=postgresql://u@h/root\n",
        "backend/.env": "DATABASE_URL=postgresql://u@h/backend\n",
    }
    assert development_url(files.get, "backend") == "postgresql://u@h/backend"


def test_the_last_entry_wins() -> None:
    """As every dotenv reader does it."""
    assert entries("A=1\nA=2\n") == {"A": "2"}


def test_the_entry_that_counts_is_the_one_that_is_changed() -> None:
    """A name may be there twice; a change of the first one would change nothing."""
    text = "URL=http://a/\nOTHER=1\nexport URL='http://b/' # mine\n"
    changed = replaced(text.encode(), "URL", "http://b/", "http://b").decode()
    assert changed == "URL=http://a/\nOTHER=1\nexport URL='http://b' # mine\n"
    assert line_of(text, "URL") == 3
    assert line_of(text, "NONE") == 0


@pytest.mark.parametrize("blanks", [" ", " " * 40, "\t" * 3])
@pytest.mark.parametrize("size", [1, 3_000])
def test_entries_are_read_however_long_and_aligned(blanks: str, size: int) -> None:
    """Blanks around them and comments behind them are none of the value."""
    value = "x" * size
    lines = (
        f"{blanks}export{blanks}FIRST{blanks}={blanks}{value}{blanks}# a note\n"
        f'SECOND{blanks}={blanks}"{value} #1"{blanks}\n'
        f"THIRD={value}"
    )
    found = {"FIRST": value, "SECOND": f"{value} #1", "THIRD": value}
    assert entries(lines) == found
