"""The command that copies who had an account before into better-auth's tables."""

from __future__ import annotations

import random
import re
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from support.auth_server import environment, run_script, running_server
from support.old_hashes import MOVED, OLD_HASHES, PASSWORD, USERS_TABLE
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.auth_server import AuthServer

TABLE = """
CREATE TABLE users (
    id serial PRIMARY KEY, email text, hashed_password text,
    is_verified boolean NOT NULL DEFAULT true,
    is_active boolean NOT NULL DEFAULT true, full_name text
);
CREATE TABLE orders (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users);
"""
SHARED = "left out, several people have the address"
BCRYPT = OLD_HASHES["bcrypt 2b"]
ACCOUNTS = """
SELECT u.id, email, name, email_verified, account_id, password FROM auth_user u
  LEFT JOIN auth_account ON user_id = u.id ORDER BY email
"""


@dataclass
class Project:
    """A built server and a database with the old table in it."""

    folder: Path
    url: str
    printed: str = ""

    def sql(self, statement: str) -> str:
        """Run SQL in the project's database."""
        return execute(self.url, statement)

    def add(self, *people: tuple[str | None, str | None], **fields: str) -> None:
        """Write people with an address and a hash into the old table."""
        names = ", ".join(["email", "hashed_password", *fields])
        rows = ", ".join(
            f"({', '.join([*map(_quoted, person), *fields.values()])})"
            for person in people
        )
        self.sql(f"INSERT INTO users ({names}) VALUES {rows}")  # noqa: S608

    def imported(self, *arguments: str, ends_with: int = 0) -> dict[str, int]:
        """Run the import; return the counts that it prints."""
        done = run_script(
            self.folder, "import-users", *arguments, env=environment(self.url, 0)
        )
        self.printed = done.stdout + done.stderr
        assert done.returncode == ends_with, self.printed
        assert "$2" not in self.printed
        assert "@" not in self.printed
        found = re.findall(r"^ *(\d+)  ([^:\n]+)", self.printed, re.MULTILINE)
        return {text: int(number) for number, text in found if int(number)}


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


@pytest.fixture
def project(ready: Callable[..., tuple[Path, str]]) -> Project:
    """A server whose people move, and an empty table of them."""
    made = Project(*ready(**MOVED))
    made.sql(TABLE)
    return made


def sign_in(server: AuthServer, email: str, password: str) -> int:
    """Sign in from an address of its own; return the status."""
    address = ".".join(str(random.randrange(1, 250)) for _ in range(4))  # noqa: S311
    known = {"email": email, "password": password}
    client = server.client(address=address)
    return client.post("/api/auth/sign-in/email", json=known).status_code


def test_ten_thousand_people_keep_their_passwords(project: Project) -> None:
    """A second run adds only who is new; the old table and its orders stay."""
    project.sql(
        f"""INSERT INTO users (email, hashed_password, full_name)
            SELECT 'Person' || n || '@Example.com', '{BCRYPT}', 'Person ' || n
              FROM generate_series(1, 10000) n;
            INSERT INTO orders (user_id) SELECT id FROM users"""  # noqa: S608
    )
    before = project.sql("SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users u")
    dry = project.imported("--dry-run")
    assert dry == {"people in the table": 10_000, "would be imported": 10_000}
    assert project.sql("SELECT count(*) FROM auth_user") == "0"
    assert project.imported() == {"people in the table": 10_000, "imported": 10_000}
    project.add(("new@example.com", BCRYPT))
    assert project.imported() == {
        "people in the table": 10_001,
        "imported": 1,
        "imported before": 10_000,
    }
    project.sql("DELETE FROM users WHERE email = 'new@example.com'")
    assert before == project.sql(
        "SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users u"
    )
    with running_server(project.folder, project.url) as server:
        for number in range(1, 10_001, 1_111):
            email = f"person{number}@example.com"
            assert sign_in(server, email, "wrong") == 401
            assert sign_in(server, email, PASSWORD) == 200
    hashed_anew = "SELECT count(*) FROM auth_account WHERE password NOT LIKE '$2b$%'"
    assert project.sql(hashed_anew) == "10"
    page = (project.folder / "docs/existing-users.md").read_text()
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert project.sql(query) == "10|10001"
    # Whoever has a new hash, or another address by now, is no new person.
    project.sql("UPDATE auth_user SET email = 'x' || email WHERE name = 'Person 7'")
    assert project.imported()["imported before"] == 10_000
    assert project.sql("SELECT count(*) FROM auth_user") == "10001"
    assert project.sql(hashed_anew) == "10"


def test_an_account_that_is_there_is_not_taken_over(project: Project) -> None:
    """It gets neither the old password nor the old state of its address."""
    with running_server(project.folder, project.url) as server:
        new = {"email": "ada@example.com", "password": "her-own-one", "name": "Ada"}
        answer = server.client().post("/api/auth/sign-up/email", json=new)
        assert answer.status_code == 200, answer.text
        before = project.sql(ACCOUNTS)
        project.add(("Ada@Example.com", BCRYPT), ("bob@example.com", BCRYPT))
        for _ in range(2):
            counts = project.imported("--verified", ends_with=3)
            taken = "left out, the address has an account that was not imported"
            assert counts[taken] == 1
        assert before in project.sql(ACCOUNTS)
        assert sign_in(server, "ada@example.com", PASSWORD) == 401
        assert sign_in(server, "ada@example.com", "her-own-one") == 200
        assert sign_in(server, "bob@example.com", PASSWORD) == 200


def test_addresses_that_are_one_are_left_to_their_owner(project: Project) -> None:
    """Of people who share an address, in whatever case, none gets the account."""
    project.add(
        ("Ada@example.com", BCRYPT),
        ("ada@example.com", BCRYPT),
        ("bob@example.com", BCRYPT),
        (" BOB@example.com\t", BCRYPT),
        # Small letters of the Kelvin sign and of a full-width one are ASCII's.
        ("k\u212a@example.com", BCRYPT),
        ("kk@example.com", BCRYPT),
        ("\uff45ve@example.com", BCRYPT),
        ("eve@example.com\u00a0", BCRYPT),
        ("eve@example.com", BCRYPT),
        (None, BCRYPT),
        ("", BCRYPT),
        ("no address", BCRYPT),
    )
    for arguments in (["--dry-run"], []):
        assert project.imported(*arguments, ends_with=3) == {
            "people in the table": 12,
            "would be imported" if arguments else "imported": 2,
            "left out, without an address that can sign in": 6,
            SHARED: 4,
        }
    emails = project.sql("SELECT string_agg(email, ' ' ORDER BY email) FROM auth_user")
    assert emails == "eve@example.com kk@example.com"
    assert "id 1, 2, 3, 4" in project.printed


def test_what_nothing_can_verify_is_not_copied(project: Project) -> None:
    """Plain text stays where it is; the person is imported and has no password yet."""
    unknown = ["secret-in-plain-text", "5f4dcc3b5aa765d61d8327deb882cf99", "{SSHA}x"]
    unknown += [BCRYPT.replace("$05$", "$31$"), BCRYPT[:-1]]
    known = [OLD_HASHES["bcrypt 2y"], OLD_HASHES["bcrypt of 100 bytes"], None, ""]
    everybody = [*unknown, *known]
    project.add(*((f"p{n}@example.com", hash_) for n, hash_ in enumerate(everybody)))
    counts = project.imported()
    assert counts == {
        "people in the table": 9,
        "imported": 9,
        "of them without a password": len(unknown),
    }
    assert "plain" not in project.printed
    assert project.sql("SELECT count(*) FROM auth_user") == "9"
    stored = project.sql("SELECT password FROM auth_account ORDER BY password")
    assert sorted(stored.splitlines()) == sorted(h for h in known if h)


def test_inactive_people_are_left_out_or_banned(project: Project) -> None:
    """As it was asked; without better-auth's column for it nothing is written."""
    project.add(("ada@example.com", BCRYPT), is_active="true", is_verified="false")
    # An account that was given up does not keep the address from its successor.
    project.add(("bob@example.com", BCRYPT), is_active="true")
    project.add(("Bob@example.com", BCRYPT), is_active="false")
    project.add(("eve@example.com", BCRYPT), is_active="false")
    project.imported("--inactive", "ban", ends_with=1)
    assert "auth_user has no column banned" in project.printed
    assert project.imported("--dry-run")["left out, inactive"] == 2
    project.sql("ALTER TABLE auth_user ADD banned boolean")
    counts = project.imported("--inactive=ban", ends_with=3)
    assert counts["imported"] == 2
    assert counts["of them banned, as they are inactive"] == 1
    rows = "SELECT email, email_verified, banned FROM auth_user ORDER BY email"
    assert project.sql(rows).splitlines() == [
        "ada@example.com|f|f",
        "eve@example.com|t|t",
    ]
    assert project.imported()["imported"] == 1


def test_a_killed_import_goes_on(project: Project) -> None:
    """Killed at any time and run again, the result is that of one run."""
    project.sql(
        f"""INSERT INTO users (email, hashed_password)
            SELECT 'person' || n || '@example.com', '{BCRYPT}'
              FROM generate_series(1, 30000) n"""  # noqa: S608
    )
    env = {**environment(project.url, 0), "NODE_OPTIONS": "--max-old-space-size=40"}
    written = []
    for _ in range(5):
        process = subprocess.Popen(
            ["node", "dist/import-users.js"],  # noqa: S607 - node from PATH
            cwd=project.folder,
            env=env,
            stdout=subprocess.DEVNULL,
        )
        until = int(project.sql("SELECT count(*) FROM auth_user")) + 1
        while int(project.sql("SELECT count(*) FROM auth_user")) < until:
            assert process.poll() is None
            time.sleep(random.random() / 20)  # noqa: S311 - any time will do
        process.kill()
        process.wait()
        written.append(int(project.sql("SELECT count(*) FROM auth_user")))
    assert written[0] < 30_000
    together = "SELECT count(*) FROM auth_user u JOIN auth_account ON user_id = u.id"
    assert int(project.sql(together)) == written[-1]
    counts = project.imported()
    assert counts.get("imported before", 0) == written[-1]
    assert project.sql(together) == "30000"


def test_other_tables_are_read_as_they_are(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Another schema, capitals, UUIDs that stay, bytes, a moment of confirmation."""
    table = {
        "table": "People",
        "schema": "crm",
        "id": "personId",
        "id_type": "uuid",
        "email": "eMail",
        "password": "hash",
        "scheme": "django_pbkdf2",
        "verified": "confirmed_at",
    }
    project = Project(*ready(**{**MOVED, "auth_existing_users_table": table}))
    project.sql(
        f"""CREATE SCHEMA crm;
            CREATE TABLE crm."People" ("personId" uuid PRIMARY KEY, "eMail" text,
                                       hash bytea, confirmed_at timestamptz);
            INSERT INTO crm."People"
            SELECT gen_random_uuid(), 'p' || n || '@example.com',
                   '{OLD_HASHES["django"]}', CASE WHEN n > 5 THEN now() END
              FROM generate_series(1, 2500) n"""  # noqa: S608
    )
    assert project.imported()["imported"] == 2500
    assert project.imported()["imported before"] == 2500
    same = """SELECT count(*) FROM crm."People" JOIN auth_user ON id = "personId"
              WHERE email = "eMail" AND email_verified = (confirmed_at IS NOT NULL)"""
    assert project.sql(same) == "2500"
    with running_server(project.folder, project.url) as server:
        assert sign_in(server, "p77@example.com", PASSWORD) == 200


def test_columns_that_keep_people_out_are_asked_about(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Nobody who is kept out today gets in by the import, unless it is said."""
    table = {**USERS_TABLE, "restricts": ["banned", "deleted_at"]}
    project = Project(*ready(**{**MOVED, "auth_existing_users_table": table}))
    project.sql(f"{TABLE} ALTER TABLE users ADD banned bool, ADD deleted_at date")
    project.add(("ada@example.com", BCRYPT), banned="false")
    project.add(("eve@example.com", BCRYPT), banned="true")
    project.add(("bob@example.com", BCRYPT), banned="false", deleted_at="now()")
    # Who is gone does not keep the address from who has it now.
    project.add(("Ada@example.com", BCRYPT), banned="false", deleted_at="now()")
    project.imported(ends_with=2)
    assert "users.banned, users.deleted_at may keep people out" in project.printed
    assert project.sql("SELECT count(*) FROM auth_user") == "0"
    who = "not banned and deleted_at is null"
    assert project.imported("--where", who) == {"people in the table": 1, "imported": 1}
    assert project.sql("SELECT email FROM auth_user") == "ada@example.com"
    page = (project.folder / "docs/existing-users.md").read_text()
    assert "`banned`, `deleted_at` may keep people out" in page


def test_only_a_yes_confirms_an_address(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """A word that is no yes would let a stranger's address count as theirs."""
    project = Project(*ready(**MOVED))
    project.sql(
        TABLE.replace("is_verified boolean NOT NULL DEFAULT true", "is_verified text")
    )
    words = {
        "t": True,
        "true": True,
        "1": True,
        "no": False,
        "pending": False,
        "": False,
    }
    for number, word in enumerate(words):
        project.add((f"p{number}@example.com", BCRYPT), is_verified=f"'{word}'")
    project.imported()
    stored = project.sql("SELECT email_verified FROM auth_user ORDER BY email")
    assert stored.split() == ["t" if yes else "f" for yes in words.values()]


@pytest.mark.parametrize(
    ("arguments", "ends_with", "says"),
    [
        (["--inactive", "delete"], 2, "--inactive is skip or ban"),
        (["--dryrun"], 2, "Usage: npm run import-users -- "),
        (["everybody"], 2, "Usage: npm run import-users -- "),
        ([], 1, 'stopped after 0 people, in t_.*"public.users" does not exist'),
    ],
)
def test_what_goes_wrong_is_one_line(
    ready: Callable[..., tuple[Path, str]],
    arguments: list[str],
    ends_with: int,
    says: str,
) -> None:
    """Wrong usage and a failure have an exit code each, and no stack."""
    project = Project(*ready(**MOVED))
    project.imported(*arguments, ends_with=ends_with)
    assert re.search(says, project.printed)
    assert " at " not in project.printed
