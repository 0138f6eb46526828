"""The page of the questions: ``copier.yml``, the catalogue and our defaults."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from copier_better_auth.answers import Answers
from copier_better_auth.copier_api.template_globals import TEMPLATE_GLOBALS
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.repository import Repository
from reference.markdown import table
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = """\
# Questions

Every answer that can be given, made from the form itself by `make generate`; do not
edit it. Each is given up front as `-d name=value`, several values as
`-d auth_methods='[email_password, github]'`. `--defaults` asks nothing and takes the
defaults; where discovery cannot tell, it stops before anything is written.

Answers are kept in `.copier-answers.better-auth.yml`. An update asks only what is new.
"""
_SECTIONS = {
    "asked": ("Asked", "Your decisions. Enter takes what is recommended."),
    "found": (
        "Discovered",
        """\
Shown with the file and line that say so, and asked only where discovery is not sure, or
you answer no to "Use these?".""",
    ),
    "more": ("Asked last", 'What is rarely changed: after "Anything else to set?".'),
    "given": ("Never asked", "Given with `-d` alone."),
    "recorded": (
        "Recorded",
        """\
Facts that the files depend on, found and kept so that an update renders the same text.
They are not asked; `-d` corrects one that is wrong.""",
    ),
}
_TYPES = {"str": "text", "bool": "`true` or `false`", "int": "a whole number"}


def page(form: Path) -> str:
    """Return the page."""
    text = form.read_text(encoding="utf-8")
    return "\n".join(_lines(YAML(typ="safe").load(text), text)) + "\n"


def _lines(form: Mapping[str, Any], text: str) -> Iterator[str]:
    yield _HEAD
    defaults = _new_project()
    # The others only lead from one question to the next.
    public = [name for name in form if name in Answers.model_fields]
    for section, (title, says) in _SECTIONS.items():
        yield f"## {title}"
        yield ""
        yield says
        yield ""
        for name in public:
            if _section(form[name]) == section:
                said = _words(form[name].get("help", "")) or _comment(text, name)
                yield from _question(name, form[name], said, defaults)


def _section(question: Mapping[str, Any]) -> str:
    ask = str(question.get("ask", ""))
    if question.get("when") is False:
        return "given"
    if question.get("ask") is False:
        return "recorded"
    if "auth_use_found" in ask:
        return "found"
    return "more" if "auth_more" in ask else "asked"


def _question(
    name: str, question: Mapping[str, Any], said: str, defaults: Mapping[str, object]
) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if said:
        yield said
        yield ""
    choices = _choices(name, question.get("choices"))
    several = " Several at once." if question.get("multiselect") else ""
    kind = "one of the values below" if choices else _TYPES[question["type"]]
    yield f"- {several or kind[:1].upper() + kind[1:] + '.'}".replace("-  ", "- ")
    yield f"- Default: {_default(name, question, defaults)}."
    if isinstance(question.get("when"), str):
        yield f"- Only where `{_expression(question['when'])}`."
    yield ""
    if choices:
        rows = ((f"`{value}`", label) for label, value in choices.items())
        yield from table(("value", "means"), rows)
        yield ""


def _default(
    name: str, question: Mapping[str, Any], defaults: Mapping[str, object]
) -> str:
    ours = _value(defaults.get(name, Answers.model_fields[name].default))
    if name == "auth_new_project":
        return "what was found"
    if name == "auth_cors_origins":
        return f"the front end's own, where it was found, else {ours}"
    if _section(question) in {"found", "recorded"}:
        return f"what was found; in a new project {ours}"
    return ours


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "nothing"


def _new_project() -> Mapping[str, object]:
    """Return what is offered in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        return suggestions(discover(empty), Repository(empty))


def _choices(name: str, given: object) -> Mapping[str, str]:
    """Return label to value, also where a template function holds them."""
    if isinstance(given, str):
        given = TEMPLATE_GLOBALS[_expression(given).partition(" ")[0]]
    if isinstance(given, dict):
        return {str(label): str(value) for label, value in given.items()}
    values = given or get_args(Answers.model_fields[name].annotation)
    return {str(v): str(v) for v in values} if isinstance(values, (list, tuple)) else {}


def _comment(text: str, name: str) -> str:
    """Return the comment above a question, where there is one."""
    found = re.search(rf"((?:^# .*\n)+){name}:", text, re.MULTILINE)
    return " ".join(re.findall(r"^# (.*)", found[1], re.MULTILINE)) if found else ""


def _expression(text: str) -> str:
    return text.strip().removeprefix("{{").removesuffix("}}").strip()


def _words(text: str) -> str:
    """Return a help text without what discovery puts before it."""
    return re.sub(r"\{\{.*?\}\}", "", text).strip()
