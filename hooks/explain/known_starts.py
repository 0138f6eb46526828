"""What stops a server, or the database, from starting: the most telling errors."""

from __future__ import annotations

from .row import CHECK, FIX, Known, known

_PACKAGES = (
    r"alembic|asyncpg|cryptography|fastapi|greenlet|httpx|jwt|psycopg\w*|pydantic\w*|"
    r"sqlalchemy|sqlmodel|starlette|uvicorn"
)
_PROGRAMS = r"node|npm|npx|pnpm|yarn|bun|uv|uvx|poetry|pdm|pipenv|hatch|docker|psql|tsx"

STARTS: tuple[Known, ...] = (
    # ------------------------------------------------------------ uvicorn and Python
    known(
        "BA017",
        r"Error loading ASGI app|Could not import module|"
        r"Attribute \"[^\"]+\" not found in module|"
        r"attempted relative import with no known parent package|"
        r"No module named '?(?:app|api|backend|main|server|src)(?:\.[\w.]+)?'?(?!\w)",
        "The application was not found where it was started from.",
        "Its module or variable has another name, or it was started in another folder.",
        f"{CHECK}BA017",
    ),
    known(
        "BA019",
        r"cannot import name '[^']+' from (?:partially initialized module )?"
        r"'?[\w.]*\bauth\b|"
        r"partially initialized module '[^']*' has no attribute",
        "A module of the backend imports a name that another one does not have (yet).",
        "It was moved or renamed; or the two import each other in a circle.",
        f"{CHECK}BA019",
    ),
    known(
        "BA011",
        rf"No module named '?(?:{_PACKAGES})\b|"
        r"\b(?:uvicorn|alembic|fastapi)[`'\"]?: (?:command )?not found|"
        r"Failed to spawn: `?(?:uvicorn|alembic|fastapi)|"
        r"Form data requires \"python-multipart\"|email-validator is not installed|"
        r"the greenlet library is required",
        "A Python package is missing in the environment that runs.",
        "The backend's packages are not installed there, or it is another environment.",
        "uv sync, in the backend's folder (or what your manager calls it)",
    ),
    known(
        "BA011",
        r"cannot import name '(?:field_validator|model_validator|ConfigDict|"
        r"SettingsConfigDict)' from|BaseSettings`? has been moved|"
        r"`?pydantic-settings`? package",
        "pydantic is older than version 2, or its settings are not installed.",
        "The auth package is written for pydantic 2 and pydantic-settings.",
        f"{FIX}BA011",
    ),
    known(
        "BA011",
        rf"'(?:{_PROGRAMS})' is not installed|"
        r"spawn \w+ ENOENT|"
        rf"\b(?:{_PROGRAMS}): (?:command )?not found|"
        rf"command not found: (?:{_PROGRAMS})",
        "A program is not installed, or its folder is not on the PATH.",
        "The answers name it as this project's manager, or a command uses it.",
        "install it, and open a new terminal; then its name with --version",
    ),
    known(
        "BA011",
        r"node: bad option|npm (?:ERR!|error) code (?:ETARGET|E404|ENOVERSIONS|"
        r"ERESOLVE)|No matching version found for|ERR_PNPM_OUTDATED_LOCKFILE|"
        r"ERR_PNPM_NO_MATCHING_VERSION|The lockfile would have been modified",
        "The packages cannot be installed as they are listed.",
        "Node is too old, or package.json and the lock file differ.",
        f"{CHECK}BA011",
    ),
    # --------------------------------------------------------------------- variables
    known(
        "",
        r"\b(?:GOOGLE|GITHUB|MICROSOFT|[A-Z]+)_CLIENT_(?:ID|SECRET)"
        r" is (?:missing|malformed)|Client Id and Client Secret is required",
        "The auth server needs the credentials of a provider that was chosen.",
        "They are the provider's: an OAuth client is made in its console, with the "
        "callback URL <BETTER_AUTH_URL>/api/auth/callback/<provider>.",
        "write both lines into the auth server's .env; SETUP.md there has each step",
    ),
    known(
        "BA012 BA009",
        r"nobody can be recognised|expected \"2:new,1:old\"",
        "FastAPI's auth package lacks a variable, or has one of another form.",
        "It reads the auth server's .env in development, the environment elsewhere.",
        f"{CHECK}BA012, then {CHECK}BA009",
    ),
    # ------------------------------------------------------------------- the database
    known(
        "BA009",
        r"was set up with another user or password",
        "DATABASE_URL is not the one that the embedded database was made with.",
        ".env was written anew, and the data in .data/ are older.",
        "put the old .env back; or, without the data: rm -r .data, and start again",
    ),
    known(
        "BA009",
        r"password authentication failed|\b28P01\b|InvalidPasswordError|"
        r"role \"[^\"]+\" does not exist|client password must be a string|"
        r"no password supplied|InvalidAuthorizationSpecification",
        "The database runs, and does not accept this user or password.",
        "DATABASE_URL names another user or password than the server knows; special "
        "characters in it must be percent-encoded.",
        'correct user and password in DATABASE_URL; psql "$DATABASE_URL" tries them',
    ),
    known(
        "BA009",
        r"database \"[^\"]+\" does not exist|\b3D000\b|InvalidCatalogName",
        "The database server runs, and has no database of that name.",
        "It was never made there, or DATABASE_URL has another name at its end.",
        "createdb NAME (or: CREATE DATABASE name), then the migrations",
    ),
    known(
        "BA009",
        r"no pg_hba\.conf entry|SSL/TLS required|does not support SSL connections|"
        r"self[- ]signed certificate|unable to verify the first certificate|"
        r"certificate verify failed|sslmode value .{1,40} invalid",
        "The database and its client do not agree on encryption.",
        "A hosted one wants it, a local one often has none.",
        "add ?sslmode=require to DATABASE_URL, or take it off",
    ),
    known(
        "BA009",
        r"database system is (?:starting up|shutting down)|CannotConnectNowError|"
        r"PostgreSQL (?:did not start|could not be set up|was not ready)|"
        r"runs already: stop the other dev:all|There is no embedded PostgreSQL for|"
        r"The embedded database is for DATABASE_URL on|the database ended",
        "PostgreSQL is not ready, or could not be started here.",
        "Its own words follow: a port that is taken, another one on the same data, "
        "data that are damaged, or a machine that it was not built for.",
        "stop the other one, or change DATABASE_URL; then npm run dev:all again",
    ),
    known(
        "BA009",
        r"sessions are (?:not cached but )?looked up each time",
        "FastAPI caches no session, because no notification reaches it.",
        "DATABASE_URL leads to a pooler, which passes none on, or the connection that "
        "listens was lost; until it is back each session is looked up.",
        "set DIRECT_DATABASE_URL to an address without the pooler",
    ),
    known(
        "BA013",
        r"permission denied for (?:table|schema|relation|sequence)|"
        r"InsufficientPrivilege|must be owner of",
        "The database's user may not do that.",
        "The tables belong to another user than the one in DATABASE_URL.",
        "grant it (GRANT ... ON SCHEMA public TO user), or migrate as the owner",
    ),
    known(
        "BA013",
        r"function gen_random_uuid\(\) does not exist",
        "This PostgreSQL is older than 13, and makes no UUIDs.",
        "better-auth leaves ids to the database.",
        "upgrade PostgreSQL, or: CREATE EXTENSION pgcrypto",
    ),
    known(
        "BA020 BA013",
        r"null value in column \"(?!id\")\w+\" of relation \"auth_|"
        r"NotNullViolation(?:Error)?\b.{0,200}auth_",
        "A column must be filled that better-auth does not fill.",
        "It is the project's own, or was made NOT NULL, without a default.",
        f"{CHECK}BA020, then {CHECK}BA013",
    ),
    known(
        "BA009",
        r"Could not parse (?:rfc1738|SQLAlchemy) URL|ERR_INVALID_URL|"
        r"invalid dsn|invalid connection option|invalid port number",
        "A URL is not of the form that its reader expects.",
        "A part is missing, or a password has characters that must be percent-encoded.",
        "postgresql://user:password@host:5432/database",
    ),
    known(
        "BA009",
        r"ERR_SSL_PROTOCOL_ERROR|SSL routines:.{0,40}wrong version number|"
        r"Invalid HTTP request received",
        "https was spoken to a server that speaks http, or the other way round.",
        "In development both servers speak http; a URL begins with https.",
        f"{CHECK}BA009",
    ),
    known(
        "BA007",
        r"Revision \w+ is present more than once|No such revision or branch|"
        r"overlaps with other requested revisions",
        "Alembic's chain of revisions is not one chain.",
        "Two files have one id, or a revision is asked for that no file has.",
        f"{CHECK}BA007",
    ),
    known(
        "BA009",
        r"the parameter '[^']{1,60}' cannot be followed|"
        r"the value of '[^']{1,60}' cannot be followed|"
        r"target_session_attrs=\S{1,40} cannot be followed|sslmode must be one of|"
        r"sslmode=verify-ca needs|ssl_min_protocol_version and its maximum|"
        r"there must be one port, or one for each host|the host is malformed;|"
        r"a percent sign begins no code|expected postgresql://user|"
        r"\S{1,200} cannot be read\Z|in the database's address has no effect here",
        "The database's address says something that cannot be followed.",
        "It is read as libpq reads it, by both servers; what is not known is refused.",
        'compare it with docs/database.md, "What an address may say"',
    ),
    known(
        "BA011",
        r"connect_args do not count",
        "The auth package connects by the engine's URL, without its connect_args.",
        "asyncpg is older than 0.30, or the engine's driver tells nothing of them.",
        "asyncpg>=0.30 in the list of packages",
    ),
)
