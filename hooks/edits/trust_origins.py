"""Let the front end's origins call the API, where its CORS middleware lists origins.

Before::

    app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])

After, for the cookie strategies::

    app.add_middleware(
        CORSMiddleware, allow_origins=["http://localhost:3000"], allow_credentials=True
    )

The list grows by the chosen origins and by nothing else: an origin that was there
before is never given the right to send cookies without having been chosen.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..env.dotenv import entries, line_of
from ..env.origins import extended, origins_in
from ..fastapi_code.modules import module_path
from ..fastapi_code.router_place import Code
from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository.paths import join
from ..repository.staging import unsafe_to_edit
from ..syntax.python import text
from .by_hand import as_step, lines_of
from .cors_changes import (
    AUTHORIZATION,
    changed_files,
    credential_insertions,
    missing_origins,
)
from .cors_middleware import cors_middlewares, followed_origins
from .on_application import places_on_application
from .origins_setting import find_origins_setting, value_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Integration
    from ..repository.staging import Staging
    from .cors_middleware import Middleware, Origins

_OPERATION = "trust-origins"
_VARIABLE = "CORS_ORIGINS"


def trust_origins(
    integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep | Skip]:
    """Add what is missing to the one CORS middleware; otherwise say what to write."""
    found = list(cors_middlewares(integration, staging))
    if not found:
        yield from _without_middleware(integration, staging)
    elif len(found) == 1:
        yield from _completed(integration, staging, found[0])
    else:
        places = " and ".join(middleware.path for middleware in found)
        why = f"CORS is configured more than once ({places})"
        for middleware in found:
            origins = _followed(integration, staging, middleware)
            yield from _by_hand(integration, middleware, origins, why)


def _completed(
    integration: Integration, staging: Staging, middleware: Middleware
) -> Iterator[FileEdit | ManualStep | Skip]:
    origins = _followed(integration, staging, middleware)
    if origins is None and middleware.keywords.get("allow_origins") is not None:
        yield from _elsewhere(integration, staging, middleware)
        return
    if why := _undecided(integration, middleware, origins):
        yield from _by_hand(integration, middleware, origins, why)
        return
    missing = missing_origins(integration.answers, origins)
    changes = changed_files(integration.answers, middleware, origins, missing=missing)
    if not changes:
        why = "the chosen origins are allowed already"
        yield Skip(operation=_OPERATION, path=middleware.path, why=why)
    credential = bool(credential_insertions(integration.answers, middleware))
    for path, before, after in changes:
        said = [f"allow {', '.join(missing)}"] if missing else []
        said += ["let their requests carry the session"] if credential else []
        why = " and ".join(said)
        yield FileEdit(path=path, before=before, after=after, why=(why,))


def _undecided(  # noqa: PLR0911 - one refusal a line
    integration: Integration, middleware: Middleware, origins: Origins | None
) -> str:
    """Say why the change is not made here; empty where it may be."""
    if origins is None:
        return "it does not list its origins where they can be added to"
    credentials = middleware.keywords.get("allow_credentials")
    if "*" in origins.listed and text(credentials) == "True":
        return "every origin is allowed, with cookies too; name the origins"
    if "*" in origins.listed:
        return "every origin is allowed, so that browsers send no cookies; name them"
    for place in (middleware, origins):
        if problem := unsafe_to_edit(place.module.source):
            return problem
    if integration.answers.credential == "token":
        return ""
    if credentials is not None and text(credentials) != "True":
        return "cookies are refused on purpose (allow_credentials)"
    strangers = [o for o in origins.listed if o not in integration.answers.origins]
    if strangers and credentials is None:
        return (
            f"{', '.join(strangers)} would be allowed to send cookies too; allow it "
            "(allow_credentials=True), or take it from the list"
        )
    return ""


def _elsewhere(
    integration: Integration, staging: Staging, middleware: Middleware
) -> Iterator[ManualStep | Skip]:
    """Say what to do about origins that no list in the code holds."""
    answers = integration.answers
    is_open = not credential_insertions(answers, middleware)
    if _is_known(integration):
        if is_open:
            why = "the origins that it reads elsewhere hold the chosen ones"
            yield Skip(operation=_OPERATION, path=middleware.path, why=why)
        else:
            why = "browsers would not send the session with their requests"
            yield from _by_hand(integration, middleware, None, why, missing=())
        return
    given = middleware.keywords["allow_origins"]
    setting = find_origins_setting(integration, staging, middleware, given)
    if setting is None or setting.path is None or not is_open:
        why = "it does not list its origins where they can be added to"
        if setting is not None:
            why = f"it reads its origins from {setting.name}, which can name them too"
        yield from _by_hand(integration, middleware, None, why)
        return
    set_now = setting.listed(value_in(staging, setting))
    if set(answers.origins) <= set(set_now):
        why = f"{setting.name} holds the chosen origins already"
        yield Skip(operation=_OPERATION, path=setting.path, why=why)
        return
    # What the code has by default would be replaced by what the file sets.
    kept = set_now or integration.facts.cors_origins.value or ()
    listed = dict.fromkeys(o for o in (*kept, *answers.origins) if o != "*")
    yield ManualStep(
        operation=_OPERATION,
        path=setting.path,
        why=f"{middleware.path} reads its origins from {setting.name}",
        snippet=setting.line(list(listed)),
        place=Place(where=Where.END),
    )


def _by_hand(
    integration: Integration,
    middleware: Middleware,
    origins: Origins | None,
    why: str,
    *,
    missing: Sequence[str] | None = None,
) -> Iterator[ManualStep]:
    """Yield the whole change as steps."""
    if missing is None:
        missing = missing_origins(integration.answers, origins)
    for path, before, after in changed_files(
        integration.answers, middleware, origins, missing=missing
    ):
        yield as_step(_OPERATION, path, why, before=before, after=after)


def _followed(
    integration: Integration, staging: Staging, middleware: Middleware
) -> Origins | None:
    given = middleware.keywords.get("allow_origins")
    if given is None:
        return None
    return followed_origins(integration, staging, middleware, given)


def _is_known(integration: Integration) -> bool:
    known = {o.rstrip("/") for o in integration.facts.cors_origins.value or ()}
    return set(integration.answers.origins) <= known


def _without_middleware(
    integration: Integration, staging: Staging
) -> Iterator[ManualStep]:
    answers = integration.answers
    root = answers.auth_import_root
    path = module_path(integration.root, root, answers.app_module)
    if path is None:
        return
    code = Code(repository=staging.repository, import_root=root, read=staging.read)
    why = "has no CORS middleware; needed where the front end has another origin"
    for file, place, snippet in places_on_application(
        code, path, answers.app_attribute, lambda owner: _middleware(integration, owner)
    ):
        yield ManualStep(
            operation=_OPERATION, path=file, why=why, snippet=snippet, place=place
        )
    yield from _in_env_files(integration, staging)


def _in_env_files(integration: Integration, staging: Staging) -> Iterator[ManualStep]:
    """Extend an env file's list, which a library may give to its own middleware."""
    wanted = integration.answers.origins
    backend = integration.answers.auth_backend_dir
    for path in dict.fromkeys((join(backend, ".env"), ".env")):
        source = staging.text(path) or ""
        value = entries(source).get(_VARIABLE, "")
        if not value or set(wanted) <= set(origins_in(value)):
            continue
        if value[0] in "\"'`" and value[0] not in value[1:]:
            continue  # the list goes on below its line
        number = line_of(source, _VARIABLE)
        yield ManualStep(
            operation=_OPERATION,
            path=path,
            why=f"{_VARIABLE} is set there, without the front end's",
            snippet=f"{_VARIABLE}={extended(value, wanted)}",
            place=Place(
                where=Where.INSTEAD,
                anchor=lines_of(source)[number - 1],
                line=number,
            ),
        )


def _middleware(integration: Integration, owner: str) -> str:
    origins = ", ".join(f'"{origin}"' for origin in integration.answers.origins)
    credential = (
        f'allow_headers=["{AUTHORIZATION}"]'
        if integration.answers.credential == "token"
        else "allow_credentials=True"
    )
    keywords = f"allow_origins=[{origins}],\n{credential},"
    return (
        "from fastapi.middleware.cors import CORSMiddleware\n\n"
        f"{owner}.add_middleware(\n    CORSMiddleware,\n"
        f"{textwrap.indent(keywords, '    ')}\n)"
    )
