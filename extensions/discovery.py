"""Jinja globals for copier.yml: discovered defaults, answer rules and early refusals.

Copier runs this file once per environment: once on copy, four times on update, where
two tags of the template live in one process. So nothing here is shared between tags:
the template's own ``hooks`` package is imported afresh from beside this file.
"""

from __future__ import annotations

import functools
import importlib
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copier.errors import UserMessageError
from copier_template_extensions import ContextHook
from plumbum import local

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from jinja2 import Environment

    Conf = Mapping[str, Any]  # Copier's `_copier_conf`

TEMPLATE_ROOT = Path(__file__).resolve().parent.parent
# Copier updates through two renders in folders named so, which hold no user's code.
_TEMPORARY_COPIES = ("copier._main.old_copy.", "copier._main.new_copy.")


def _import_hooks() -> ModuleType:
    """Import this tag's ``hooks.copier_api.questionnaire``, never another tag's."""
    for name in [n for n in sys.modules if n.partition(".")[0] == "hooks"]:
        del sys.modules[name]
    sys.path.insert(0, str(TEMPLATE_ROOT))
    importlib.invalidate_caches()
    try:
        return importlib.import_module("hooks.copier_api.questionnaire")
    except ImportError as error:
        package = {"ruamel": "ruamel.yaml"}.get(str(error.name), error.name)
        message = (
            f"copier-better-auth needs the Python package '{package}': put "
            "`--with git+URL` of this template after `uvx`, as its README shows"
        )
        raise UserMessageError(message) from None
    finally:
        sys.path.remove(str(TEMPLATE_ROOT))


_hooks = _import_hooks()
_hooks.take_unwanted_colours()


def is_real(destination: object) -> bool:
    """Return True for the user's project, not for Copier's temporary copies."""
    parts = Path(str(destination)).absolute().parts
    return not any(part.startswith(_TEMPORARY_COPIES) for part in parts)


@functools.lru_cache(maxsize=1)
def _questionnaire(root: Path, answers_file: str) -> Any:  # noqa: ANN401 - afresh per tag
    return _hooks.Questionnaire(root, answers_file)


def _stop_with_one_line(method: Any) -> Any:  # noqa: ANN401 - wraps any global
    """Let an expected failure reach the user as Copier's own one-line message."""

    @functools.wraps(method)
    def wrapped(*args: object) -> object:
        try:
            return method(*args)
        except _hooks.BetterAuthError as error:
            raise UserMessageError(_hooks.told(error)) from None

    return wrapped


def _for(conf: Conf) -> Any:  # noqa: ANN401 - afresh per tag
    destination = Path(str(conf["dst_path"])).absolute()
    return _questionnaire(destination, str(conf["answers_file"]))


def _set_up_git(destination: Path) -> None:
    """Let Copier's own calls of git, too, run under settings that we know."""
    settings = _hooks.settings_for_copier(destination)
    for variables in (os.environ, local.env):
        for name in _hooks.REDIRECTING:
            if name in variables:
                del variables[name]
        variables.update(settings)


def preflight(conf: Conf, answers: Conf) -> str:
    """Stop before anything is asked or written when the run cannot end well."""
    if is_real(conf["dst_path"]):
        _set_up_git(Path(str(conf["dst_path"])).absolute())
        _for(conf).preflight(
            conf["data"],
            defaults_only=bool(conf["defaults"]),
            pretends=bool(conf["pretend"]),
            source=str(answers.get("_src_path", "")),
        )
    return ""


def report(conf: Conf, answers: Conf) -> str:
    """Return what was discovered, as the message before the first question."""
    preflight(conf, answers)
    return str(_for(conf).report()) if is_real(conf["dst_path"]) else ""


def suggest(question: str, conf: Conf, backend_dir: str = "", app: str = "") -> object:
    """Return the default of a question, given the application chosen before it."""
    return _for(conf).suggest(question, backend_dir, app)


def asks(question: str, conf: Conf, is_wanted: bool) -> bool:  # noqa: FBT001 - from Jinja
    """Return True if a question is asked: of a person, in their own project."""
    is_asked = is_real(conf["dst_path"]) and not conf["defaults"]
    return is_asked and bool(_for(conf).asks(question, is_wanted=is_wanted))


def confirms(conf: Conf) -> bool:
    """Return True if a person is asked what only leads to other questions.

    Not where an earlier run left its answers, nor where a script gives them all.
    """
    if not is_real(conf["dst_path"]) or sys.stdin is None or not sys.stdin.isatty():
        return False
    return bool(_for(conf).is_first_run())


def used(conf: Conf, application: str) -> str:
    """Return what is used of the application that was chosen among several.

    Where there is only one, the report has said it.
    """
    backend_dir, _, app = application.partition(" ")
    is_said = not application or conf["defaults"] or not is_real(conf["dst_path"])
    return "" if is_said else str(_for(conf).used(backend_dir, app))


def session_length(conf: Conf) -> str:
    """Return which length of a session the form should offer first."""
    return str(_for(conf).session_length(conf["data"]))


def second_server(conf: Conf) -> str:
    """Return what to know before a folder for the auth server is chosen; mostly ""."""
    said = str(_for(conf).second_server()) if is_real(conf["dst_path"]) else ""
    return f"{said}\n" if said else ""


def applications(conf: Conf) -> dict[str, str]:
    """Return the applications to choose from; empty where discovery can decide."""
    return dict(_for(conf).applications()) if is_real(conf["dst_path"]) else {}


def files_before(conf: Conf, *places: object) -> str:
    """Return, as a JSON list, which files of ours exist before rendering."""
    real = is_real(conf["dst_path"])
    return str(_for(conf).files_before(*places)) if real else "[]"


def settle(conf: Conf, answers: Mapping[str, Any]) -> str:
    """Stop before anything is written where the answers do not fit what is there.

    Returns what the hook needs to say that the run has ended well.
    """
    if not is_real(conf["dst_path"]):
        return ""
    # Where nothing is written, or no hook ends the run, or remains are wanted.
    watched = (
        not conf["pretend"] and not conf["skip_tasks"] and conf["cleanup_on_error"]
    )
    overwrites = bool(conf["overwrite"])
    return str(_for(conf).settle(answers, overwrites=overwrites, watched=watched))


def integration(
    conf: Conf, python: str, watched_by: object, existed: str, *versions: object
) -> str:
    """Return what Copier starts at the end of a run, short, because Copier prints it.

    ``versions`` are those that an update leads from and to. What is long is in the
    environment: the paths of this machine, and the list of what ``existed``.
    """
    command = [
        *(python, f"{conf['src_path']}/hooks/run.py", "integrate"),
        *("--answers-file", str(conf["answers_file"])),
        *("--existed", existed, "--watched-by", str(watched_by)),
        *(("--update", *map(str, versions)) if versions else ()),
    ]
    local.env["BETTER_AUTH_HOOK"] = shlex.join(command)
    return 'eval "exec $BETTER_AUTH_HOOK"'


class Discovery(ContextHook):
    """Hands the functions above, and what is pure of ``hooks``, to the templates."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to Copier's environment."""
        super().__init__(environment)
        self._answers: dict[str, Any] = {}
        self._values: Mapping[str, object] = {}
        for function in (
            applications,
            asks,
            confirms,
            files_before,
            integration,
            preflight,
            report,
            second_server,
            session_length,
            settle,
            suggest,
            used,
        ):
            environment.globals[function.__name__] = _stop_with_one_line(function)
        environment.globals.update(_hooks.TEMPLATE_GLOBALS)
        # Copier compiles the same few strings again for each question and each file.
        vars(environment)["compile"] = functools.cache(environment.compile)

    def hook(self, context: dict[str, Any]) -> None:
        """Add what follows from the answers, once all of them are given."""
        if context.get("_copier_phase") != "render":
            return
        answers = {n: value for n, value in context.items() if n.startswith("auth_")}
        answers["_copier_answers"] = context["_copier_answers"]
        if answers != self._answers:
            self._answers, self._values = answers, _hooks.template_values(answers)
        # A part of a file keeps what the file itself has set under a name.
        for name, value in self._values.items():
            context.setdefault(name, value)
