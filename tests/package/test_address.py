"""What libpq means by an address: asked of libpq and of both servers' drivers."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.postgres import binaries, execute, free_port, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# PyPI's binaries know no TLS, Debian's do.
_WITH_TLS = 15
_ASKED = """select json_build_object(
    'path', current_setting('search_path'),
    'name', current_setting('application_name'),
    'tls', (select ssl from pg_stat_ssl where pid = pg_backend_pid()),
    'port', current_setting('port'),
    'socket', inet_server_addr() is null,
    'user', current_user,
    'timeout', current_setting('statement_timeout'))"""
# One process for all addresses: each answers with what it reached, or why not.
_NODE = """
const { parseAddress } = await import(process.argv[1] + "/dist/database-address.js");
const { createPool } = await import(process.argv[1] + "/dist/database-pool.js");
const answers = [];
for (const url of JSON.parse(process.argv[2])) {
  let pool;
  try {
    pool = createPool(parseAddress(url), { max: 2, connectionTimeoutMillis: 5000 });
    const { rows } = await pool.query(process.argv[3]);
    const client = await pool.connect();
    client.release();
    answers.push(rows[0].json_build_object);
  } catch (error) {
    answers.push({ error: error.message });
  }
  await pool?.end();
}
console.log(JSON.stringify(answers));
"""


@dataclass(frozen=True)
class Places:
    """A server with TLS and a socket, one without TLS, one that only reads."""

    tls: str
    plain: str
    reading: str
    socket: str
    root: str
    other_root: str
    nowhere: str

    def of(self, url: str) -> str:
        """Fill the places' ports and files into a template of an address."""
        for name, value in vars(self).items():
            url = url.replace(f"<{name}>", value)
        return url


def _authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate(name, key, None), key


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.BasicConstraints(ca=not issuer, path_length=None), critical=True
        )
    )
    if issuer:
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Three servers, and the certificate that vouches for the first."""
    files = tmp_path_factory.mktemp("certificates")
    authority = _authority("authority")
    (files / "root.crt").write_bytes(_pem(authority[0]))
    (files / "other.crt").write_bytes(_pem(_authority("stranger")[0]))
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    own = {
        "server.crt": _pem(_certificate("localhost", key, authority)),
        "server.key": private,
    }
    socket = Path(tempfile.mkdtemp(prefix="s"))
    socket.chmod(0o777)
    with (
        running_postgres(
            _WITH_TLS,
            settings={"ssl": "on", "unix_socket_directories": str(socket)},
            files=own,
        ) as tls,
        running_postgres() as plain,
        running_postgres(settings={"default_transaction_read_only": "on"}) as reading,
    ):
        for url in (tls, plain):
            execute(f"{url}/postgres", 'create role "o\'n @:/?" login')
        yield Places(
            *(url.rpartition(":")[2] for url in (tls, plain, reading)),
            socket=str(socket),
            root=str(files / "root.crt"),
            other_root=str(files / "other.crt"),
            nowhere=str(free_port()),
        )


TLS = "postgresql://app@localhost:<tls>/postgres"
READING = "postgresql://app@127.0.0.1:<reading>"
PLAIN = "postgresql://app@127.0.0.1:<plain>/postgres"
# What libpq takes: all three must be connected to the same.
SAME = [
    f"{PLAIN}",
    "postgres://app@127.0.0.1:<tls>/postgres",
    *(
        f"postgresql://app@localhost:<{server}>/postgres?sslmode={mode}"
        for server in ("tls", "plain")
        for mode in ("disable", "allow", "prefer", "require")
    ),
    f"{TLS}?sslmode=require&sslrootcert=<root>",
    f"{TLS}?sslmode=require&sslrootcert=<other_root>",
    "postgresql://app@127.0.0.1:<tls>/postgres?sslmode=verify-ca&sslrootcert=<root>",
    f"{TLS}?sslmode=verify-ca&sslrootcert=<other_root>",
    f"{TLS}?sslmode=verify-full&sslrootcert=<root>",
    "postgresql://app@127.0.0.1:<tls>/postgres?sslmode=verify-full&sslrootcert=<root>",
    "postgresql://app@localhost:<plain>/postgres?sslmode=verify-full&sslrootcert=<root>",
    f"{TLS}?sslmode=verify-full&sslrootcert=system",
    "postgresql://app@/postgres?host=<socket>&port=<tls>",
    "postgresql://app@/postgres?host=<socket>&port=<tls>&sslmode=require",
    "postgresql://app@localhost/postgres?host=<socket>&port=<tls>",
    "postgresql:///postgres?host=<socket>&port=<tls>&user=app",
    "postgresql://app@127.0.0.1:<nowhere>,127.0.0.1:<plain>/postgres",
    "postgresql://app@127.0.0.1:<nowhere>,localhost:<tls>/postgres?sslmode=require",
    "postgresql://app@127.0.0.1,localhost:<tls>/postgres?port=<nowhere>,<tls>",
    f"{READING},127.0.0.1:<plain>/postgres?target_session_attrs=read-write",
    f"{READING}/postgres?target_session_attrs=read-write",
    f"{PLAIN}?options=-c%20search_path%3Dtenant%2Cpublic",
    f"{PLAIN}?options=-csearch_path%3Dtenant%20-cstatement_timeout%3D7s",
    f"{PLAIN}?application_name=shop%20%26%20co",
    f"{PLAIN}?fallback_application_name=shop",
    "postgresql://o%27n%20%40%3A%2F%3F@127.0.0.1:<plain>/postgres",
    "postgresql://app@%31%32%37.0.0.1:<plain>/post%67res",
    f"{PLAIN}?connect_timeout=3&keepalives=1&gssencmode=disable",
    f"{PLAIN}?channel_binding=prefer",
    f"{TLS}?ssl_min_protocol_version=TLSv1.3&sslmode=require",
]
# What other clients write, and what it comes to.
TRANSLATED = {
    "postgresql+asyncpg://app@127.0.0.1:<plain>/postgres": "",
    "postgresql+psycopg://app@localhost:<tls>/postgres?ssl=require": "?sslmode=require",
    f"{TLS}?ssl=true": "?sslmode=require",
    f"{TLS}?ssl=false": "?sslmode=disable",
    f"{PLAIN}?schema=a": "?options=-csearch_path%3Da",
    f"{PLAIN}?search_path=a,b": "?options=-csearch_path%3Da,b",
    f"{PLAIN}?statement_timeout=7s": "?options=-cstatement_timeout%3D7s",
    f"{PLAIN}?pgbouncer=true&connection_limit=1": "",
    f"{PLAIN}?prepared_statement_cache_size=0&statement_cache_size=0": "",
    f"{PLAIN}?supa=base-pooler.x": "",
}
# What can be followed on neither side: the reason names what is in the way.
REFUSED = {
    "mysql://app:hush@127.0.0.1/app": "expected postgresql://",
    "postgresql://app:hush@127.0.0.1/app?sslmode=no-verify": "sslmode must be one of",
    "postgresql://app:hush@127.0.0.1/app?sslmode=verify-ca": "needs sslrootcert",
    "postgresql://app:hush@127.0.0.1/app?requirepeer=postgres": "'requirepeer'",
    "postgresql://app:hush@127.0.0.1/app?service=shop": "'service'",
    "postgresql://app:hush@127.0.0.1/app?passfile=/x": "'passfile'",
    "postgresql://app:hush@127.0.0.1/app?gssencmode=require": "'gssencmode'",
    "postgresql://app:hush@127.0.0.1/app?client_encoding=latin1": "'client_encoding'",
    "postgresql://app:hush@127.0.0.1/app?hostaddr=127.0.0.1": "'hostaddr'",
    "postgresql://app:hush@127.0.0.1/app?lazy=true": "'lazy'",
    "postgresql://app:hush@127.0.0.1:a/app": "host is malformed",
    "postgresql://app:hush@127.0.0.1/app?port=1,2": "one port",
}


def by_libpq(url: str) -> dict[str, Any] | None:
    """Return what psql is connected to; ``None`` where libpq does not connect."""
    done = subprocess.run(
        [binaries(_WITH_TLS) / "psql", url, "-XAtqc", _ASKED],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": "/nowhere"},
    )
    return json.loads(done.stdout) if done.returncode == 0 else None


def by_node(server: Path, urls: list[str]) -> list[dict[str, Any]]:
    """Return what the auth server's pool is connected to, or its error."""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _NODE, server, json.dumps(urls), _ASKED],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        cwd=server,
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


async def by_asyncpg(package: str, url: str) -> dict[str, Any]:
    """Return what the auth package is connected to, or its error."""
    address = importlib.import_module(f"{package}.address")
    try:
        given = address.asyncpg_arguments(address.parameters(url))
        connection = await asyncpg.connect(**{"timeout": 5, **given})
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return {"error": str(error)}
    try:
        answer: dict[str, Any] = json.loads(await connection.fetchval(_ASKED))
        return answer
    finally:
        await connection.close()


def is_same(answer: Mapping[str, Any], expected: Mapping[str, Any] | None) -> bool:
    """Return True if both are connected to the same, or neither is."""
    if expected is None or "error" in answer:
        return (expected is None) == ("error" in answer)
    # psql calls itself by its name where nothing is said.
    ignored = {"name"} if expected["name"] == "psql" else set()
    return all(answer[k] == expected[k] for k in expected.keys() - ignored)


def test_both_servers_connect_where_libpq_does(
    places: Places, auth_server_folder: Path, packages: Mapping[str, str]
) -> None:
    """The same server, TLS, user and settings; or no connection, as with libpq."""
    urls = [places.of(url) for url in SAME]
    node = by_node(auth_server_folder, urls)
    expected = {url: by_libpq(url) for url in urls}
    python = [asyncio.run(by_asyncpg(packages["database"], url)) for url in urls]
    for answers in (node, python):
        wrong = {
            url: (answer, expected[url])
            for url, answer in zip(urls, answers, strict=True)
            if not is_same(answer, expected[url])
        }
        assert not wrong


def test_what_other_clients_write_is_translated(
    places: Places, auth_server_folder: Path, packages: Mapping[str, str]
) -> None:
    """SQLAlchemy's drivers, asyncpg's ``ssl``, Prisma's ``schema``, and the like."""
    urls = [places.of(url) for url in TRANSLATED]
    node = by_node(auth_server_folder, urls)
    for url, query, answer in zip(urls, TRANSLATED.values(), node, strict=True):
        rest = url.partition("?")[0].partition("://")[2]
        expected = by_libpq(f"postgresql://{rest}{query}")
        assert expected is not None
        assert is_same(answer, expected), (url, answer)
        said = asyncio.run(by_asyncpg(packages["database"], url))
        assert is_same(said, expected), (url, said)


def test_what_cannot_be_followed_is_refused_by_name(
    auth_server_folder: Path, packages: Mapping[str, str]
) -> None:
    """By both, with the same words and without the password."""
    node = by_node(auth_server_folder, list(REFUSED))
    for (url, reason), answer in zip(REFUSED.items(), node, strict=True):
        said = asyncio.run(by_asyncpg(packages["database"], url))
        assert reason in answer["error"], url
        assert reason in said["error"], url
        assert "hush" not in answer["error"] + said["error"]


def test_channel_binding_is_never_weakened(
    places: Places, auth_server_folder: Path, packages: Mapping[str, str]
) -> None:
    """Where it is required, the certificate is checked in full."""
    known = places.of(
        "postgresql://app@localhost:<tls>/postgres"
        "?sslmode=require&channel_binding=require&sslrootcert=<root>"
    )
    stranger = known.replace(places.root, places.other_root)
    node = by_node(auth_server_folder, [known, stranger])
    for url, answer in zip((known, stranger), node, strict=True):
        for said in (answer, asyncio.run(by_asyncpg(packages["database"], url))):
            assert ("error" in said) == (url == stranger), said
            assert said.get("tls", True)


def test_a_password_reaches_a_server_that_asks_for_it(
    auth_server_folder: Path, packages: Mapping[str, str]
) -> None:
    """By both; the right one is let in and a wrong one is not."""
    with running_postgres() as server:
        url = f"{server}/postgres"
        execute(url, "create role guest login password 'p@ss word'")
        asks = "copy (select 'host all guest 127.0.0.1/32 scram-sha-256') to"
        execute(url, f"{asks} '{execute(url, 'show hba_file')}'")
        execute(url, "select pg_reload_conf()")
        place = server.partition("@")[2]
        urls = [
            f"postgresql://guest:{password}@{place}/postgres"
            for password in ("p%40ss%20word", "wrong")
        ]
        for right, wrong in (
            by_node(auth_server_folder, urls),
            [asyncio.run(by_asyncpg(packages["database"], one)) for one in urls],
        ):
            assert right["user"] == "guest", right
            assert "password authentication failed" in wrong["error"], wrong
