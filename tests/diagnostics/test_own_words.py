"""Everything that our own files say when something is wrong, explain knows.

Collected from the template: a message that is added there, and explained nowhere,
fails here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from copier_better_auth.explain.match import matches
from copier_better_auth.rendering import endpoint_notes

TEMPLATE = Path(__file__).parents[2] / "template"
SERVER = TEMPLATE / "{{ auth_server_dir }}"
PACKAGE = TEMPLATE / "{{ auth_package_dir }}"
# Words of a table's row that are no message.
NAMES = re.compile(
    r"null|POST|Secure|__Secure-\.\.\.|Authorization|callbackURL|redirectTo"
    r"|[A-Z_]+|\S*/\S*|.*\.(?:ts|md|json)|\{.*\}"
)
# The environment's, which both pages name.
VARIABLES = {
    *("BETTER_AUTH_SECRET", "BETTER_AUTH_SECRETS", "BETTER_AUTH_URL", "CORS_ORIGINS"),
    *("DATABASE_URL", "JWKS_URL", "PORT", "TRUST_PROXY"),
}
CODE = re.compile(r"[A-Z]{2,}(?:_[A-Z]+)+|[a-z]+(?:_[a-z]+)+")
STATUS = re.compile(r"\b[45]\d\d\b")


def plain(text: str) -> str:
    """Give what Jinja and template literals fill in a value like theirs."""
    text = re.sub(r"\{\{ provider\.variables\[0\]\.name \}\}", "GOOGLE_CLIENT_ID", text)
    text = re.sub(r"\{\{.*?'([^']*)'.*?\}\}|\{%.*?%\}", r"\1", text)
    text = re.sub(r"\{\{.*?\"([^\"]*)\".*?\}\}", r"\1", text)
    text = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*(?:[Pp]ort|PORT)[^{}]*\}", "3001", text)
    return re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}|\{\{.*?\}\}", "1", text)


def troubleshooting() -> set[str]:
    """Return each message and each status of the first column."""
    found: set[str] = set()
    page = (SERVER / "TROUBLESHOOTING.md.jinja").read_text()
    for line in page.splitlines():
        cells = plain(line).split(" | ")
        if not line.startswith("| ") or len(cells) < 3 or "you see" in line:
            continue
        seen = cells[0].removeprefix("| ").replace('"..."', '"email_verified"')
        spans = re.findall(r"`([^`]+)`", seen)
        spans = [s for s in spans if s not in VARIABLES]
        found |= {s for s in spans if CODE.fullmatch(s) or not NAMES.fullmatch(s)}
        found |= set(STATUS.findall(re.sub(r"`[^`]*`", "", seen)))
    return found


def api_documentation() -> set[str]:
    """Return each code and each status that an endpoint refuses with."""
    parts = (TEMPLATE.parent / "partials/api").glob("*.jinja")
    pages = [SERVER / "API_DOCUMENTATION.md.jinja", *parts]
    page = plain("".join(path.read_text() for path in pages))
    notes = Path(endpoint_notes.__file__).read_text()
    refusals = " ".join(re.findall(r'"([45]\d\d[^"]*|302 to [^"]*)"', notes))
    found = set(re.findall(r"`([A-Z]{2,}(?:_[A-Z]+)+)`", page + refusals))
    found |= {f"error={code}" for code in re.findall(r"`([a-z]+_[a-z_]+)`", refusals)}
    found |= set(re.findall(r'(?:detail|reason): "([^"]+)"', page))
    found |= set(re.findall(r"(?m)^\| ([45]\d\d) \|", page))
    return (found | set(STATUS.findall(refusals))) - VARIABLES


def package() -> set[str]:
    """Return each refusal of the auth package, and each line that it logs."""
    found: set[str] = set()
    for path in PACKAGE.iterdir():
        text = path.read_text()
        found |= set(re.findall(r"_logger\.(?:error|warning)\(\s*\"([^\"]+)\"", text))
        found |= set(re.findall(r"raise ValueError\('([^']+)'\)", text))
        if path.name.startswith("errors.py"):
            text = re.sub(r"\{%.*?%\}", "", text)
            found |= {
                str(node.args[1].value)
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Call)
                and len(node.args) > 1
                and isinstance(node.args[1], ast.Constant)
            }
    return {re.sub(r"%[rs]", "1", message) for message in found}


def server() -> set[str]:
    """Return what the auth server logs as wrong, throws and answers."""
    said = r"(?:`((?:[^`\\]|\\.)*)`|\"((?:[^\"\\\n]|\\.)*)\")"
    calls = (
        rf"logger\.(?:warn|error|fatal)\((?:\{{[^}}]*\}}, )?{said}",
        rf"(?:new Error|console\.error|reject)\(\s*{said}",
        rf"\b(?:reason|failure): {said}",
        rf"failure = {said}",
        rf"stop\(\w+, {said}",
        rf"inBackground\([^`\n]*{said}",
    )
    found: set[str] = set()
    for path in (*SERVER.glob("src/**/*.ts*"), *SERVER.glob("dev/*.ts*")):
        text = path.read_text()
        for call in calls:
            for groups in re.findall(call, text):
                message = plain("".join(groups)).replace("\\`", "`")
                found |= {message} if len(message) > 2 else set()
    return found


def texts() -> list[str]:
    found = troubleshooting() | api_documentation() | package() | server()
    return sorted(message.replace("\\n", "\n") for message in found)


# What is told with a word before it that the collection leaves out: a promise's inner
# reason, the line that names any variable, and a usage after what is wrong with a call.
SILENT = {"1", "1 1, for example: 111", "1\n\n1"}


def test_the_collection_is_whole() -> None:
    """Each file gives some, and those that people asked about are among them."""
    for collect in (troubleshooting, api_documentation, package, server):
        assert len(collect()) >= 5, collect.__name__
    for message in (
        "Send one credential, not two",
        "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
        "GOOGLE_CLIENT_ID is missing",
        "Authentication is unavailable",
        "mail was not sent",
        "database unreachable",
        "429",
    ):
        assert any(message in text for text in texts()), message


@pytest.mark.parametrize("text", [t for t in texts() if t not in SILENT])
def test_what_we_say_is_explained(text: str) -> None:
    """Alone, as it would be typed."""
    assert matches(text), text
