"""The errors that people report, as patterns, each with its cause and its remedy.

Collected from issue threads of Node, Express, better-auth, FastAPI, SQLAlchemy,
asyncpg, Alembic, browsers' consoles and Vercel. More telling ones are first.
"""

from __future__ import annotations

from ..catalogue.pinned import node_version
from .known_requests import REQUESTS
from .known_starts import STARTS
from .known_statuses import STATUSES
from .row import CHECK, FIX, Known, known

__all__ = ["KNOWN", "Known"]


KNOWN: tuple[Known, ...] = (
    *STARTS,
    # ------------------------------------------------------- Node and its modules
    known(
        "BA001",
        r"ERR_REQUIRE_ESM|require\(\) of ES Module|No \"exports\" main defined",
        "Node loaded better-auth with require(), and it is an ES module only.",
        'package.json has no "type": "module", or TypeScript compiled to CommonJS.',
        f"{FIX}BA001",
    ),
    known(
        "BA001",
        r"Cannot use import statement outside a module",
        "Node reads the auth server's files as CommonJS.",
        'package.json has no "type": "module".',
        f"{FIX}BA001",
    ),
    known(
        "BA001",
        r"(?:require|exports|module|__dirname|__filename) is not defined in ES module "
        r"scope",
        "A file of the auth server uses CommonJS words inside an ES module.",
        "It was written, or compiled, for CommonJS; tsconfig's module decides that.",
        f"{FIX}BA001",
    ),
    known(
        "BA011",
        r"ERR_MODULE_NOT_FOUND[\s\S]{0,200}?Cannot find package|"
        r"Cannot find package '[^']+' imported from",
        "Node does not find a package that the auth server imports.",
        "Its packages are not installed, or not those of the lock file.",
        "npm ci, in the auth server's folder",
    ),
    known(
        "BA001",
        r"ERR_MODULE_NOT_FOUND|ERR_UNSUPPORTED_DIR_IMPORT",
        "Node does not find a file that another one imports.",
        'A relative import without its ending: ES modules need "./file.js".',
        f"{FIX}BA001",
    ),
    known(
        "BA001",
        r"TS(?:2834|2835)\b|Relative import paths need explicit file extensions",
        "TypeScript refuses a relative import without its ending.",
        'ES modules need "./file.js", also where the file is file.ts.',
        f"{FIX}BA001",
    ),
    known(
        "BA001",
        r"TS1479\b|ERR_UNKNOWN_FILE_EXTENSION",
        "A CommonJS file imports an ES module, or Node meets TypeScript itself.",
        'package.json has no "type": "module", or the build was skipped.',
        f"{FIX}BA001",
    ),
    known(
        "BA011",
        r"EBADENGINE|Unsupported engine|Object\.groupBy is not a function|"
        r"does not provide an export named 'parseEnv'",
        "This Node is older than what runs here needs.",
        f"The auth server needs Node {node_version()}; "
        "better-auth's own command needs 22.12.",
        "node --version, then install Node 22 or newer",
    ),
    known(
        "BA011",
        r"npm (?:ERR!|error) code ERESOLVE|unable to resolve dependency tree",
        "npm cannot agree on the versions of two packages.",
        "A version was changed by hand, or the lock file is gone or out of date.",
        "git checkout package.json package-lock.json && npm ci",
    ),
    known(
        "BA011",
        r"npm ci.{0,80}can only install (?:packages )?(?:with an existing|when your)|"
        r"package-lock\.json.{0,60}are (?:not )?in sync|EUSAGE[\s\S]{0,200}npm ci",
        "npm ci refuses, because package.json and its lock file differ.",
        "One of the two was changed without the other.",
        "npm install, then commit package-lock.json",
    ),
    known(
        "BA011",
        r"Package subpath '[^']+' is not defined|does not provide an export named|"
        r"Cannot find module '[^.'/][^']*'\s{1,99}Require stack",
        "A package is missing, or is of a version that has no such part.",
        "better-auth moves parts into packages of their own between versions; Python's "
        "are named in the backend's own file.",
        "install as the lock files say: npm ci, and uv sync (or your manager's word)",
    ),
    # ------------------------------------------------------------ Express, routes
    known(
        "BA002",
        r"pathToRegexpError|Missing parameter name at|PathError|"
        r"TypeError: Unexpected \w+ at \d+, expected \w+",
        "Express 5 does not understand a route's path, and the server stops.",
        'A wildcard needs a name since Express 5: "/{*any}" instead of "/*".',
        f"{FIX}BA002",
    ),
    known(
        "BA002",
        r"ERR_HTTP_HEADERS_SENT|Cannot set headers after they are sent|"
        r"argument handler must be a function|Route\.\w+\(\) requires a callback",
        "Two handlers answered one request, or a route has no handler.",
        "A handler of your own goes on after better-auth has answered: it calls next() "
        "too, or is around the catch-all.",
        f"{CHECK}BA002",
    ),
    # -------------------------------------------------------- PostgreSQL's schema
    known(
        "BA003",
        r"(?:is )?of type inet|invalid input syntax for type inet",
        "The column ip_address has the type inet, and better-auth writes text.",
        "An address that is not known is written as '', which inet refuses.",
        f"{FIX}BA003",
    ),
    known(
        "BA003",
        r"column \"[\w.]+\" is of type \w[\w ]* but expression is of type|"
        r"DatatypeMismatch(?:Error)?\b|operator does not exist: (?:uuid|text|"
        r"character varying) = ",
        "A column of the auth tables has another type than better-auth writes.",
        "A migration or a model declares it differently.",
        f"{FIX}BA003",
    ),
    known(
        "BA003",
        r"(?:value \"?\d{12,}\"? is |)out of range for type integer|"
        r"integer out of range",
        "auth_rate_limit.last_request holds milliseconds, too many for an integer.",
        "The column must be bigint.",
        f"{FIX}BA003",
    ),
    known(
        "BA003",
        r"null value in column \"id\" of relation \"auth_|"
        r"invalid input syntax for type uuid",
        "The database has no id for a new row, or one that is no UUID.",
        "better-auth leaves ids to the column's default, gen_random_uuid().",
        f"{FIX}BA003",
    ),
    known(
        "BA008",
        r"can't (?:subtract|compare) offset-naive and offset-aware|"
        r"can't compare datetime|TIMESTAMP WITHOUT TIME ZONE",
        "A time without a zone meets one with a zone.",
        "A column is timestamp where better-auth needs timestamptz; sessions then end "
        "hours too early or too late.",
        f"{FIX}BA008",
    ),
    known(
        "BA013",
        r"SCHEMA_MISMATCH|SchemaMismatchError",
        "better-auth compared its tables with the database and stopped answering.",
        "A table or a column is missing, or one that it does not know has no default.",
        f"{CHECK}BA013",
    ),
    known(
        "BA013",
        r"schema not migrated|auth tables (?:were|are) not (?:migrated|up to date)|"
        r"run `?alembic upgrade head`? in the backend|apply the SQL files of the|"
        r"relation \"?(?:public\.)?(?:auth_\w+|user|session|account|verification|"
        r"jwks)\"? "
        r"does not exist|UndefinedTable(?:Error)?\b",
        "The auth tables are not in the database.",
        "The migration has not run there, or DATABASE_URL names another database.",
        "alembic upgrade head (or npm run migrate, in the auth server's folder)",
    ),
    known(
        "BA013",
        r"column \"?(?:\w+\.)?\"?(?:emailVerified|userId|expiresAt|createdAt|updatedAt|"
        r"ipAddress|userAgent|accountId|providerId|[a-z_]+)\"?"
        r"(?: of relation \"?\w+\"?)? does not exist|UndefinedColumn(?:Error)?\b",
        "A column that the query names does not exist.",
        "Names differ (camelCase and snake_case), or a migration has not run.",
        f"{CHECK}BA013",
    ),
    known(
        "BA013",
        r"No migrations needed|No schema files? (?:found|generated)|"
        r"Couldn't read your auth config",
        "better-auth's own command did not find, or did not compare, this schema.",
        "It does not look at types, and needs the path of auth.config.ts.",
        f"{CHECK}BA013",
    ),
    known(
        "BA013",
        r"relation \"?(?:public\.)?auth_\w+\"? already exists|"
        r"Table 'auth_\w+' is already defined",
        "The auth tables are made, or described, a second time.",
        "The auth server migrated a database that Alembic migrates too, or two modules "
        "describe the same table.",
        f"{CHECK}BA013, then alembic stamp head where the tables are right",
    ),
    known(
        "BA013",
        r"Failed to get session|FAILED_TO_GET_SESSION|"
        r"Better auth was unable to query your database",
        "better-auth could not read the session from its database.",
        "A table or column is missing there, or the database did not answer.",
        f"{CHECK}BA013",
    ),
    # -------------------------------------------------------------------- Alembic
    known(
        "BA007",
        r"Detected removed table '?\"?(?:public\.)?auth_\w+|op\.drop_table\([\"']auth_",
        "Alembic's autogenerate wants to drop the auth tables.",
        "They are not among its models, so it takes them for leftovers.",
        f"{FIX}BA007",
    ),
    known(
        "BA007",
        r"Multiple head(?: revision)?s are present|Only a single head is supported",
        "Alembic finds two ends of the chain of revisions.",
        "Two revisions follow the same one.",
        "alembic merge heads -m 'merge', then alembic upgrade head",
    ),
    known(
        "BA007",
        r"Can't locate revision identified by|Target database is not up to date|"
        r"NoReferencedTableError|could not find table 'auth_user'",
        "Alembic's chain, its database and its models do not fit together.",
        "A revision is missing or not applied, or a foreign key leads to a table that "
        "its metadata does not know.",
        "alembic history && alembic upgrade head",
    ),
    known(
        "BA007",
        r"Can't proceed with --autogenerate|No 'script_location' key|"
        r"Path doesn't exist: '?[^'\n]*\balembic|"
        r"No such file or directory: '[^']*(?:alembic|migrations)/versions",
        "Alembic does not find its configuration, or its models.",
        "It was started in another folder than alembic.ini's, or env.py hands it no "
        "target_metadata.",
        "cd to the folder of alembic.ini, then alembic upgrade head",
    ),
    # -------------------------------------------------- secret, keys, URLs, tokens
    known(
        "BA009",
        r"Failed to decrypt private key",
        "The signing key in auth_jwks was encrypted with another secret.",
        "BETTER_AUTH_SECRET changed after the first sign-in.",
        "put the old secret back, or empty the table: DELETE FROM auth_jwks",
    ),
    known(
        "BA012",
        r"BETTER_AUTH_SECRET (?:is missing|is malformed)|Invalid BETTER_AUTH_SECRET|"
        r"using the default secret|must be at least 32 characters",
        "The secret is missing, or too short to protect anything.",
        "BETTER_AUTH_SECRET needs 32 random characters or more, in both servers.",
        "openssl rand -base64 32",
    ),
    known(
        "BA011",
        r"Unable to find an? algorithm for key|Algorithm '?(?:EdDSA|ES256)'? could "
        r"not be "
        r"found|Do you have cryptography installed|JWKError",
        "The Python library cannot verify EdDSA, which better-auth signs with.",
        "pyjwt without cryptography, or python-jose, which has no EdDSA at all.",
        f"{FIX}BA011",
    ),
    known(
        "BA011",
        r"cannot import name '(?:FastAPI|APIRouter|Depends)' from '?\"?fastapi|"
        r"module 'fastapi' has no attribute",
        "FastAPI's own files were overwritten.",
        "The package better-auth-fastapi consists of one file: fastapi/__init__.py.",
        "pip uninstall -y better-auth-fastapi && pip install --force-reinstall fastapi",
    ),
    known(
        "BA011",
        r"module 'jwt' has no attribute '(?:JWTError|PyJWKClient|decode|PyJWK)'",
        "The module jwt is not PyJWT, or has no such name.",
        "python-jose has JWTError, PyJWT has PyJWTError; the package jwt is a third.",
        "pip uninstall -y jwt python-jose && pip install 'pyjwt[crypto]'",
    ),
    known(
        "BA009",
        r"InvalidIssuerError|Invalid issuer|InvalidAudienceError|Audience doesn't "
        r"match|"
        r"the auth server's keys could not be read",
        "FastAPI and the auth server do not agree on BETTER_AUTH_URL.",
        "Issuer and audience of a token are that URL, to the letter.",
        f"{CHECK}BA009",
    ),
    known(
        "BA009",
        r"InvalidSignatureError|Signature verification failed|InvalidAlgorithmError|"
        r"The specified alg value is not allowed",
        "A token or cookie was signed with something else than is checked with.",
        "Different secrets, or HS256 where better-auth signs EdDSA through its JWKS.",
        f"{CHECK}BA009",
    ),
    known(
        "BA009",
        r"redirect_uri_mismatch|PROVIDER_NOT_FOUND|Provider not found|"
        r"invalid_client|(?:account_not_linked|unable_to_link_account)",
        "Google or GitHub, and this server, do not know each other by these values.",
        "The callback registered there must be <BETTER_AUTH_URL>/api/auth/callback/"
        "<provider>; an account is only linked where both sides confirmed its address.",
        f"{CHECK}BA009",
    ),
    # --------------------------------------------------------- origins and cookies
    known(
        "BA010",
        r"INVALID_ORIGIN|Invalid origin\b|MISSING_OR_NULL_ORIGIN|Missing or null "
        r"Origin|"
        r"INVALID_CALLBACK_?URL|Invalid callbackURL|INVALID_REDIRECT_?URL|"
        r"\"?Untrusted origin|CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        "A request came from an origin that is not trusted.",
        "CORS_ORIGINS must name it exactly: scheme, host and port, no slash at the "
        "end.",
        f"{CHECK}BA010",
    ),
    known(
        "BA010",
        r"CORS policy|Access-Control-Allow-(?:Origin|Credentials)|"
        r"CORS (?:header|request did not succeed|error)|Cross-Origin Request Blocked|"
        r"Disallowed CORS origin",
        "The browser refused an answer because the server does not allow its page.",
        "The page's origin is missing from CORS_ORIGINS of that server, or * stands "
        "where credentials need a name.",
        f"{CHECK}BA010",
    ),
    known(
        "BA010",
        r"preflight request doesn't pass|blocked:mixed-content|Mixed Content:|"
        r"TypeError: Failed to fetch|NetworkError when attempting to fetch",
        "The browser did not let the page ask that server.",
        "Its origin is missing from CORS_ORIGINS, an https page asks http, or nothing "
        "listens there.",
        f"{CHECK}BA010",
    ),
    known(
        "BA004",
        r"state_mismatch|State mismatch|please_restart_the_process|state_not_found|"
        r"state_invalid|state_security_mismatch",
        "The cookie that began a sign-in with Google or GitHub did not come back.",
        "Sign-in began on another host than the callback's, or the cookie is blocked.",
        f"{CHECK}BA004",
    ),
    known(
        "BA004",
        r"are different sites: |despite CROSS_SITE_COOKIES|SameSite|"
        r"Set-Cookie.{0,60}(?:blocked|rejected)|third-party cookie|"
        r"Cookie .{0,80} (?:has been|was) rejected|__Secure-.{0,60}(?:rejected|not "
        r"set)",
        "The browser kept the session cookie back.",
        "Front end and auth server are two sites for it, or a Secure cookie meets "
        "http.",
        f"{CHECK}BA004",
    ),
    # ----------------------------------------------------------------------- mail
    known(
        "BA006",
        r"domain is not verified|only send testing emails to your own|API key is "
        r"invalid|"
        r"Missing API key\. Pass it to the constructor|"
        r"(?:RESEND_API_KEY|SMTP_URL|EMAIL_FROM) (?:is missing|is malformed|and|are "
        r"not)",
        "The mail service does not accept this sender or key.",
        "RESEND_API_KEY or EMAIL_FROM is missing, or its domain is not verified there.",
        f"{CHECK}BA006",
    ),
    known(
        "BA006",
        r"mail was not sent|the mail service took longer|\bResend: |EAUTH\b|"
        r"Invalid login: 535|ECONNREFUSED.{0,40}:(?:25|465|"
        r"587|1025)\b|"
        r"(?:Verification email isn't|Magic link (?:is not|not)) enabled|"
        r"VERIFICATION_EMAIL_NOT_ENABLED|RESET_PASSWORD_DISABLED|"
        r"Reset password isn't enabled",
        "A mail did not go out.",
        "No sender where better-auth looks for it, or the server refused the login.",
        f"{CHECK}BA006",
    ),
    known(
        "BA006",
        r"EMAIL_NOT_VERIFIED|Email not verified|E-mail address not verified",
        "The address must be confirmed before the first sign-in.",
        "The mail with the link was not opened, or never sent; in development the "
        "server prints it.",
        f"{CHECK}BA006",
    ),
    # ------------------------------------------------------------------ deployment
    known(
        "BA005",
        r"Due to [`'\"]?builds[`'\"]? existing in your configuration|"
        r"[`'\"]?routes[`'\"]? cannot be (?:present|used)|"
        r"cannot be used in conjunction with the [`'\"]?builds",
        "vercel.json has the old form of builds and routes.",
        "Express needs none of it; both switch the project's settings off.",
        f"{FIX}BA005",
    ),
    known(
        "BA005",
        r"FUNCTION_INVOCATION_\w+|Runtime exited with error|"
        r"This Serverless Function has crashed|"
        r"DEPLOYMENT_NOT_FOUND|NOT_FOUND[\s\S]{0,60}ID: \w+::|Application failed to "
        r"respond",
        "The platform started the server, and it did not answer.",
        "It ended at the start (a variable missing, an import), or listens elsewhere.",
        f"{CHECK}BA005, then the log of the deployment",
    ),
    known(
        "BA005",
        r"Invalid export found in module|The default export must be a function|"
        r"functions are compiled from ESM to CommonJS|No Output Directory named",
        "Vercel does not take this for an Express server.",
        "It looks for a file that exports the application as its default, in a project "
        "of ES modules, without its own build.",
        f"{FIX}BA005",
    ),
    # -------------------------------------------------------------- the two servers
    known(
        "BA009",
        r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)* is (?:missing|malformed), for example|"
        r"\b(?:DATABASE_URL|BETTER_AUTH_URL|CORS_ORIGINS|PORT) is (?:missing|"
        r"malformed)|"
        r"validation errors? for \w{0,60}Settings\b|Base URL could not be determined",
        "A variable is missing, or is not of the form that the server expects.",
        "It is in no .env and is not set by the platform.",
        f"{CHECK}BA009",
    ),
    known(
        "BA009",
        r"ECONNREFUSED|Connect(?:ion)? call failed|"
        r"ConnectionRefusedError|ConnectionDoesNotExistError|\bENOTFOUND\b|"
        r"CONNECTION_REFUSED|"
        r"Connection terminated|"
        r"Authentication is unavailable|database unreachable|not ready\b.{0,40}err|"
        r"a database connection was lost|no session can be looked up|"
        r"no keys could be read from|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN|"
        r"could not translate host name|Name or service not known|"
        r"connection to server at .{1,80} failed|timeout expired|"
        r"server closed the connection unexpectedly",
        "The database, or the other server, could not be reached.",
        "It does not run, or DATABASE_URL or BETTER_AUTH_URL names another place.",
        "npm run dev:all, in the auth server's folder",
    ),
    known(
        "BA009",
        r"prepared statement \"?\S+\"? (?:already exists|does not exist)|"
        r"DuplicatePreparedStatementError|InvalidSQLStatementNameError",
        "A pooler handed out a connection that does not know a prepared statement.",
        "The URL is a transaction pooler's; prepared statements need another setting.",
        "use the direct URL, or statement_cache_size=0",
    ),
    known(
        "BA009",
        r"EADDRINUSE|address already in use|Port \d+ is taken|cannot listen on port",
        "Another program listens on that port, often an earlier start of this one.",
        "One port is for one server: BETTER_AUTH_URL's for the auth server.",
        "stop the other one, or set another PORT and BETTER_AUTH_URL",
    ),
    known(
        "BA009",
        r"too many (?:clients|connections)|TooManyConnectionsError|"
        r"remaining connection slots are reserved|QueuePool limit of size",
        "There are no connections left, in the pool or in the database.",
        "Each process has its own pool, and a session that is not closed keeps "
        "its connection.",
        "close sessions with their request; make pools smaller, or use a pooler's URL",
    ),
    known(
        "BA009",
        r"MissingGreenlet|greenlet_spawn has not been called|"
        r"another operation is in progress|attached to a different loop|"
        r"unknown protocol state|Event loop is closed",
        "An asynchronous connection was used from two places, or outside of await.",
        "One connection serves one task of one event loop; a lazily loaded attribute "
        "asks the database where nothing can wait for it.",
        "give each request its own session, and an engine to each event loop",
    ),
    known(
        "BA009",
        r"unexpected keyword argument '(?:sslmode|channel_binding)'|"
        r"requires an async driver|Can't load plugin: sqlalchemy\.dialects",
        "The driver does not understand the database's URL.",
        "SQLAlchemy takes it apart for the driver: asyncpg is named in the scheme, and "
        "it calls sslmode ssl.",
        "postgresql+asyncpg://user:password@host/database?ssl=require",
    ),
    *REQUESTS,
    # ------------------------------------------------------- vague signs, tried last
    known(
        "BA009 BA013",
        r"Invalid or expired session|Not authenticated|401 Unauthorized|"
        r"session (?:is )?null|getSession.{0,30}null|UNAUTHORIZED",
        "A session was not accepted.",
        "It has ended; or the two servers hold different secrets or databases; or the "
        "cookie did not arrive.",
        f"{CHECK}BA009",
        vague=True,
    ),
    known(
        "BA002 BA005",
        r"\b404\b.{0,20}Not Found|Not Found.{0,20}\b404\b|Cannot (?:GET|POST) "
        r"/api/auth|"
        r"\b(?:GET|POST|OPTIONS) \S*/api/auth/\S* 404|^\s{0,99}404\s{0,99}$",
        "The auth server has no such route, or something is before it.",
        "Your own route comes after better-auth's catch-all, a deployment file sends "
        "the request elsewhere, or BETTER_AUTH_URL has a path or another port.",
        f"{FIX}BA002",
        vague=True,
    ),
    *STATUSES,
)
