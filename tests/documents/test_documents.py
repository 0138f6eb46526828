"""The documents are true for each configuration: endpoints, variables, links, words."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from copier_better_auth.answers.choices import METHODS
from copier_better_auth.diagnostics import CHECKS, Check
from copier_better_auth.explain.match import matches
from support.auth_server import render
from support.node import TSC, install_node_packages, node_modules
from support.searching import best
from support.sign_in_methods import SOCIAL
from write_endpoints import REFERENCE, live_schemas, paths_of, reference, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    Answers = Mapping[str, str]

DOCUMENTS = ("README", "SETUP", "API_DOCUMENTATION", "TROUBLESHOOTING", "docs/recipes")
MATRIX: Mapping[str, Answers] = {
    "defaults": {},
    "everything": {
        "auth_front_end": "react",
        "auth_methods": f"[{', '.join(METHODS)}]",
        "auth_email_provider": "smtp",
        "auth_session_validation": "cached",
        "auth_deployment": "docker",
    },
    "social, jwt, railway": {
        "auth_front_end": "vue",
        "auth_methods": "[google, github]",
        "auth_session_validation": "jwt",
        "auth_database_provider": "railway",
        "auth_deployment": "railway",
    },
    "magic link, vercel, neon": {
        "auth_front_end": "svelte",
        "auth_methods": "[magic_link]",
        "auth_deployment": "vercel",
        "auth_database_provider": "neon",
    },
    "passwords unverified, jwt, supabase": {
        "auth_front_end": "react",
        "auth_email_verification": "false",
        "auth_session_validation": "jwt",
        "auth_database_provider": "supabase",
        "auth_migration_system": "none",
    },
    "one provider, other tools and folders": {
        "auth_front_end": "vue",
        "auth_methods": "[github]",
        "auth_backend_dir": "services/api",
        "auth_app": "shop.web:application",
        "auth_package_dir": "services/api/shop/signin",
        "auth_server_dir": "services/auth",
        "auth_package_manager": "pip",
        "auth_node_package_manager": "pnpm",
        "auth_database_provider": "other",
    },
    "a backend at the root, railway": {
        "auth_front_end": "svelte",
        "auth_backend_dir": ".",
        "auth_package_dir": "app/auth",
        "auth_database_provider": "railway",
        "auth_deployment": "railway",
    },
    "an application with SQL files, docker": {
        "auth_new_project": "false",
        "auth_database_layer": "asyncpg",
        "auth_migration_system": "sql",
        "auth_database_provider": "docker",
        "auth_deployment": "docker",
    },
}


@pytest.fixture(scope="module")
def servers(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Path]:
    """The auth server's folder of each configuration."""
    made: dict[str, Path] = {}
    for name, answers in MATRIX.items():
        project = tmp_path_factory.mktemp("project")
        made[name] = render(template, project, answers)
    return made


def example(name: str) -> str:
    """Return the front end's file of a configuration; there is one for each."""
    framework = MATRIX[name].get("auth_front_end", "plain")
    return f"{framework}.tsx" if framework == "react" else f"{framework}.ts"


def document(server: Path, name: str) -> str:
    return (server / f"{name}.md").read_text()


@pytest.fixture(scope="module")
def schemas(servers: Mapping[str, Path]) -> Mapping[str, Mapping[str, Any]]:
    """better-auth's own description of each configuration."""
    for server in servers.values():
        install_node_packages(server)
    return live_schemas(servers)


def test_the_reference_is_of_this_better_auth(
    schemas: Mapping[str, Mapping[str, Any]],
) -> None:
    """After a new version: make generate."""
    made = reference(
        core=schemas["one provider, other tools and folders"],
        magic_link=schemas["magic link, vercel, neon"],
        jwt=schemas["passwords unverified, jwt, supabase"],
    )
    assert REFERENCE.read_text() == text(made)


def test_every_endpoint_is_listed_and_no_other(
    servers: Mapping[str, Path], schemas: Mapping[str, Mapping[str, Any]]
) -> None:
    """Documented or said to be switched off, as better-auth itself describes them."""
    for name, schema in schemas.items():
        page = document(servers[name], "API_DOCUMENTATION")
        listed = re.findall(r"(?m)^### (GET|POST) /api/auth(/\S+)$", page)
        off = re.findall(r"(?m)^\| (GET|POST) `/api/auth(/\S+)` \|", page)
        found = [f"{method} {path}" for method, path in (*listed, *off)]
        assert len(found) == len(set(found)), name
        assert set(found) == paths_of(schema), name
    routes = re.compile(r"\b(?:app|health)\.(get|post|put|delete)\(\"(/[^\"]*)\"")
    for server in servers.values():
        page = document(server, "API_DOCUMENTATION")
        for source in (server / "src").rglob("*.ts"):
            for method, path in routes.findall(source.read_text()):
                assert f"### {method.upper()} {path}\n" in page, path


def test_every_variable_is_explained(servers: Mapping[str, Path]) -> None:
    """Those that env.ts and the auth package's config.py read, and no other."""
    for name, server in servers.items():
        answers = MATRIX[name]
        root = server.parents[answers.get("auth_server_dir", "auth-server").count("/")]
        package = root / answers.get("auth_package_dir", "backend/app/auth")
        schema = (server / "src/config/env.ts").read_text()
        read = set(re.findall(r"(?m)^    ([A-Z_]+): ", schema.partition("examples")[0]))
        settings = re.findall(
            r"(?m)^    ([a-z_]+): ", (package / "config.py").read_text()
        )
        read |= {setting.upper() for setting in settings}
        setup = document(server, "SETUP")
        rows = re.findall(r"(?m)^\| (`[A-Z_`, ]+) \| .* \| .* \|$", setup)
        explained = {v for row in rows for v in re.findall(r"`([A-Z_]+)`", row)}
        own = {"API_PORT", "DEV_MIGRATE_REMOTE", "DEV_WATCH", "POSTGRES_PASSWORD"}
        own &= explained
        assert explained == read | own, name


def test_links_lead_somewhere(servers: Mapping[str, Path]) -> None:
    """Files and headings; DIAGNOSTICS.md is written by the hook."""
    for server in servers.values():
        for name in DOCUMENTS:
            page = document(server, name)
            for target in re.findall(r"\]\(([^)\s]+)\)", page):
                path, _, anchor = target.partition("#")
                if path.startswith("http") or path == "DIAGNOSTICS.md":
                    continue
                file = server / f"{name}.md"
                linked = file.parent / path if path else file
                assert linked.exists(), f"{name}: {target}"
                if anchor:
                    headings = re.findall(r"(?m)^#+ (.+)$", linked.read_text())
                    assert anchor in map(_anchor, headings), f"{name}: {target}"


QUESTIONS = {
    "who may see only their own rows": "Let people see only their own rows",
    "log everybody out": "Log everybody out, or one person",
    "why 401 behind nginx": "Why 401 behind nginx",
    "use my existing users": "Use my existing users, or move from another login",
    "call it from a cron job": "Call it from a cron job or a script",
    "protect a whole router": "Protect a route or a whole router",
}


def test_what_people_ask_is_two_clicks_away(servers: Mapping[str, Path]) -> None:
    """From the README to the page, from the page's list to the answer's heading."""
    for name, server in servers.items():
        depth = MATRIX[name].get("auth_server_dir", "auth-server").count("/") + 1
        readmes = [server / "README.md"]
        if MATRIX[name].get("auth_new_project") != "false":
            readmes.append(server.parents[depth - 1] / "README.md")
        for readme in readmes:
            reached = {a for page in linked_pages(readme) for a in own_headings(page)}
            missing = set(QUESTIONS.values()) - reached
            assert not missing, f"{name}, {readme}"


def test_what_people_ask_is_found_by_its_words(servers: Mapping[str, Path]) -> None:
    """A search in a project's documents alone has the answer's section first."""
    for name, server in servers.items():
        pages = [document(server, title) for title in DOCUMENTS]
        for question, heading in QUESTIONS.items():
            assert best(question, pages)[0] == heading, f"{name}: {question}"


def linked_pages(page: Path) -> list[Path]:
    """Return the pages that one click leads to."""
    links = re.findall(r"\]\(([^)#\s:]+\.md)(?:#[^)]*)?\)", page.read_text())
    return [page.parent / link for link in links if (page.parent / link).exists()]


def own_headings(page: Path) -> list[str]:
    """Return the headings that a link of the page leads to, within it."""
    text = page.read_text()
    linked = set(re.findall(r"\]\(#([^)]+)\)", text))
    return [h for h in re.findall(r"(?m)^## (.+)$", text) if _anchor(h) in linked]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_nothing_is_said_of_what_was_not_chosen(servers: Mapping[str, Path]) -> None:
    """No dead option, no mark of the template, no shape of an earlier answer."""
    for name, server in servers.items():
        answers = MATRIX[name]
        chosen = " ".join(answers.values()) or "email_password"
        for title in DOCUMENTS:
            page = document(server, title).partition("## The diagnostics")[0]
            # Code of Python says None.
            words = re.sub(r"(?ms)^```python$.*?^```$|`[^`\n]+`", "code", page)
            for mark in ("{{", "{%", "{#", "TODO", "FIXME"):
                assert mark not in page, f"{name}, {title}"
            for mark in ("None", "Undefined"):
                assert mark not in words, f"{name}, {title}"
            prose = re.sub(r"(?ms)^```.*?^```$", "code", page)
            assert "\n\n\n" not in prose, f"{name}, {title}"
            for word in (*SOCIAL, "vercel", "neon", "supabase"):
                known = page.lower().replace("`railway`, `vercel`", "")
                for phrase in ("github repo", "google hd"):
                    known = known.replace(phrase, "")
                if word not in chosen:
                    assert word not in known, f"{name}, {title}: {word}"
        folder = answers.get("auth_server_dir", "auth-server")
        assert f"`{folder}/.env`" in document(server, "SETUP")


def test_who_makes_the_tables(servers: Mapping[str, Path]) -> None:
    """What the auth server only looks at is not said to be made by it."""
    for name, server in servers.items():
        system = MATRIX[name].get("auth_migration_system", "alembic")
        made = {
            "none": "run migrate`",
            "sql": "SQL files",
            "alembic": "alembic upgrade",
        }
        setup, trouble = document(server, "SETUP"), document(server, "TROUBLESHOOTING")
        (row,) = re.findall(r"(?m)^\| `relation .*$", trouble)
        assert made[system] in row, name
        (step,) = re.findall(r"(?m)^4\. The tables, .*$", setup)
        assert (made[system] in step) == (system != "none"), name
        start = setup.partition("### 3. Start")[2].partition("### 4.")[0]
        assert ("Apply the backend's SQL files first" in start) == (system == "sql")
        assert ("up to date" in start) == (system != "sql"), name


def test_the_root_is_called_by_no_path(servers: Mapping[str, Path]) -> None:
    """`./` names nothing that a reader could look for."""
    for name, server in servers.items():
        depth = MATRIX[name].get("auth_server_dir", "auth-server").count("/") + 1
        pages = [document(server, title) for title in DOCUMENTS]
        if MATRIX[name].get("auth_new_project") != "false":
            pages.append((server.parents[depth - 1] / "README.md").read_text())
        for page in pages:
            assert "`./`" not in page, name
            assert "`/.`" not in page, name
            assert "](./)" not in page, name


def test_symptoms_lead_to_their_diagnostic(servers: Mapping[str, Path]) -> None:
    """What `explain` knows by its text, the page links to the same diagnostic."""
    told = 0
    for server in servers.values():
        page = document(server, "TROUBLESHOOTING")
        for check in CHECKS:
            assert f"\n### {check.code} {check.name}\n\n{_first(check)}" in page
        for row in re.findall(r"(?m)^\| .+ \|$", page):
            _, seen, _, code, _ = row.split("|")
            for symptom in re.findall(r"`([^`]+)`", seen):
                known = {c for m in matches(symptom) for c in m.known.codes}
                if known and code.strip():
                    told += 1
                    assert code.strip()[1:6] in known, row
    assert told > 60


def _first(check: type[Check]) -> str:
    return (check.__doc__ or "").partition("\n")[0].replace("``", "`")


def test_callback_urls(servers: Mapping[str, Path]) -> None:
    """The address that better-auth answers at, to the letter, in both places."""
    for name, server in servers.items():
        setup = document(server, "SETUP")
        for provider in SOCIAL:
            url = f"http://localhost:3001/api/auth/callback/{provider}"
            assert (url in setup) == (provider in MATRIX[name].get("auth_methods", ""))


def test_a_front_end_keeps_nobody_s_token(servers: Mapping[str, Path]) -> None:
    """Whatever changes who is signed in forgets the token of the one who was."""
    for name, server in servers.items():
        answers = MATRIX[name]
        changes = {"signIn.email", "signOut"}
        if answers.get("auth_email_verification") == "false":
            changes.add("signUp.email")
        source = (server / "docs/front-end" / example(name)).read_text()
        found = re.findall(r"auth\.(\w+(?:\.\w+)?)\(.*\n(  forgetToken)?", source)
        forget = {call for call, forgets in found if forgets}
        tokens = answers.get("auth_session_validation") == "jwt"
        known = changes & {call for call, _ in found}
        assert forget == (known if tokens else set()), name


def test_front_ends_type_check(servers: Mapping[str, Path], tmp_path: Path) -> None:
    """Each snippet, with the real packages of its framework, in each configuration."""
    packages = Path(__file__).with_name("front_end")
    (tmp_path / "node_modules").symlink_to(node_modules(packages))
    shutil.copy2(packages / "tsconfig.json", tmp_path)
    for number, (name, server) in enumerate(servers.items()):
        source = server / "docs/front-end"
        files = {file.name for file in source.iterdir()}
        assert files == {"api.ts", example(name), "README.md"}
        shutil.copytree(source, tmp_path / "rendered" / str(number))
    done = subprocess.run(
        [*TSC, "--noEmit"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
