"""What a platform reads: linted, checked against schemas, and built as it would be."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from copier_better_auth.answers.choices import PACKAGE_MANAGERS
from copier_better_auth.rendering.commands import install_in_image
from ruamel.yaml import YAML
from support.auth_server import environment, render, run_script, running_server
from support.node import node_modules
from support.package_managers import environment_with

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent
MANAGERS = {
    "npm": "package-lock.json",
    "pnpm": "pnpm-lock.yaml pnpm-workspace.yaml",
    "yarn": "yarn.lock .yarnrc.yml",
    "bun": "bun.lock",
}
# Which file belongs to which target; a new project's FastAPI is in the image as well.
FILES = {
    "docker": {"Dockerfile", ".dockerignore", "compose.yaml"},
    "railway": {"railway.json"},
    "vercel": {"vercel.json"},
    "local": set[str](),
}
ALL_FILES = set[str]().union(*FILES.values())
# https://docs.railway.com/config-as-code/reference
RAILWAY = {
    "build": {"builder", "buildCommand", "watchPatterns", "dockerfilePath"},
    "deploy": {
        *("startCommand", "preDeployCommand", "healthcheckPath", "healthcheckTimeout"),
        *("restartPolicyType", "restartPolicyMaxRetries", "drainingSeconds"),
    },
}
# Vercel publishes its settings as a type; Railway nothing that could be installed.
VERCEL = """\
import type { VercelConfig } from "@vercel/config/v1/types";
export const settings: VercelConfig = %s;
"""


def _render(template: Path, folder: Path, **answers: object) -> Path:
    return render(template, folder, answers)


@pytest.mark.parametrize("deployment", FILES)
def test_only_the_target_s_files(
    template: Path, tmp_path: Path, deployment: str
) -> None:
    """A project that is deployed nowhere gets none."""
    server = _render(template, tmp_path, auth_deployment=deployment)
    found = {path.name for path in server.iterdir()}
    assert found & ALL_FILES == FILES[deployment]
    text = "".join(p.read_text() for p in server.rglob("*.ts"))
    assert ("@vercel/functions" in text) == (deployment == "vercel")
    assert ("tldts" in text) == (deployment != "local")
    dependencies = json.loads((server / "package.json").read_text())["dependencies"]
    assert ("@vercel/functions" in dependencies) == (deployment == "vercel")
    assert ("tldts" in dependencies) == (deployment != "local")


@pytest.mark.parametrize("manager", MANAGERS)
def test_docker(template: Path, tmp_path: Path, manager: str) -> None:
    """Every package manager: a lean image, not root, health and no secret in it."""
    server = _render(
        template,
        tmp_path,
        auth_deployment="docker",
        auth_node_package_manager=manager,
        auth_methods=["email_password", "google"],
    )
    for dockerfile in (server / "Dockerfile", server / "api.Dockerfile"):
        _check([BIN / "hadolint", "--failure-threshold", "style", dockerfile])
        text = dockerfile.read_text()
        last = text.rpartition("\nFROM ")[2]
        assert re.search(r"(?m)^USER [1-9]\d*$", last)
        assert "HEALTHCHECK" in last
        assert "SECRET" not in text
    dockerfile = (server / "Dockerfile").read_text()
    assert dockerfile.count("FROM node:24-slim") == 2
    assert f"COPY package.json {MANAGERS[manager]} ./" in dockerfile
    copied = set(re.findall(r"(?m)^COPY ((?!--).*) \S+$", dockerfile))
    names = {name for line in copied for name in line.split()}
    ignored = (server / ".dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == names
    # FastAPI's takes the whole backend, so `.env.production` must be left out too.
    assert "**/.env*" in (server / "api.Dockerfile.dockerignore").read_text()


def test_the_example_of_fastapi_s_image(template: Path, tmp_path: Path) -> None:
    """SETUP.md's Dockerfile is as clean as those rendered, for every manager."""
    answers = {"auth_deployment": "docker", "auth_new_project": False}
    server = _render(
        template,
        tmp_path,
        **answers,
        auth_package_manager="pip",
        auth_methods=["github"],
    )
    page = (server / "SETUP.md").read_text()
    (example,) = re.findall(r"(?ms)^```dockerfile\n(.*?)^```$", page)
    for manager in PACKAGE_MANAGERS:
        written = example.replace(install_in_image("pip"), install_in_image(manager))
        dockerfile = tmp_path / f"{manager}.Dockerfile"
        dockerfile.write_text(written)
        assert (manager == "pip") == (written == example)
        _check([BIN / "hadolint", "--failure-threshold", "style", dockerfile])


@pytest.mark.parametrize(
    ("provider", "migrations", "new"),
    [
        ("embedded", "alembic", True),
        ("embedded", "alembic", False),
        ("embedded", "none", False),
        ("neon", "none", True),
        ("neon", "alembic", False),
        ("docker", "sql", False),
    ],
)
def test_compose(
    template: Path,
    tmp_path: Path,
    provider: str,
    migrations: str,
    new: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """The migration ends well before a server starts; nothing faces the network."""
    server = _render(
        template,
        tmp_path,
        auth_deployment="docker",
        auth_database_provider=provider,
        auth_database_layer="sqlmodel_async",
        auth_migration_system=migrations,
        auth_new_project=new,
        auth_methods=["email_password", "github"],
        auth_session_validation="cached",
    )
    file = server / "compose.yaml"
    schema = ("--builtin-schema", "vendor.compose-spec")
    _check([BIN / "check-jsonschema", *schema, file])
    services: dict[str, Any] = YAML(typ="safe").load(file)["services"]
    hosted = provider == "neon"
    assert set(services) == (
        {"migrate", "auth"}
        | (set() if hosted else {"postgres"})
        | ({"api"} if new else set())
    )
    done = {"migrate": {"condition": "service_completed_successfully"}}
    for name in services.keys() & {"auth", "api"}:
        assert services[name]["depends_on"] == done
    assert services["migrate"]["restart"] == "no"
    if not hosted:
        healthy = {"postgres": {"condition": "service_healthy"}}
        assert services["migrate"]["depends_on"] == healthy
        # A backend that is not among them looks sessions up, and may migrate.
        assert bool(services["postgres"].get("ports")) == (not new)
        # Where a PostgreSQL of the developer's own may listen.
        assert ":5432:5432" not in str(services["postgres"].get("ports"))
    assert services["migrate"]["command"] == {
        ("alembic", True): ["alembic", "upgrade", "head"],
    }.get((migrations, new), ["node", "dist/migrate.js"])
    for service in services.values():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:")
        for variable, value in service["environment"].items():
            if re.search("SECRET|PASSWORD|KEY|URL$", variable):
                assert "${" in value, variable
        if isinstance(build := service.get("build"), dict):
            context = (server / build["context"]).resolve()
            assert (context / build["dockerfile"]).is_file()
    if new:
        read = set(services["api"]["environment"])
        assert {"DATABASE_URL", "BETTER_AUTH_SECRET", "CORS_ORIGINS"} <= read
        # Only another's database may lie behind a pooler.
        assert ("DIRECT_DATABASE_URL" in read) == hosted
    assert _variables(server) <= set(services["auth"]["environment"]) | {
        *("NODE_ENV", "PORT", "LISTEN_HOST")
    }


def test_compose_with_tokens(template: Path, tmp_path: Path) -> None:
    """FastAPI reads the keys by a name that its container knows."""
    answers = {"auth_deployment": "docker", "auth_session_validation": "jwt"}
    server = _render(template, tmp_path, **answers)
    services = YAML(typ="safe").load(server / "compose.yaml")["services"]
    keys = urlsplit(services["api"]["environment"]["JWKS_URL"])
    assert keys.hostname in services
    (port,) = services[keys.hostname]["ports"]
    assert port.endswith(f":{keys.port}")
    assert keys.path == "/api/auth/jwks"


@pytest.mark.parametrize("migrations", ["alembic", "none"])
def test_railway(template: Path, tmp_path: Path, migrations: str) -> None:
    """Built, migrated, then started; only settings that Railway knows."""
    server = _render(
        template, tmp_path, auth_deployment="railway", auth_migration_system=migrations
    )
    settings = json.loads((server / "railway.json").read_text())
    assert settings.pop("$schema") == "https://railway.com/railway.schema.json"
    assert settings.keys() == RAILWAY.keys()
    for part, known in RAILWAY.items():
        assert settings[part].keys() <= known
    assert settings["build"] == {
        "builder": "RAILPACK",
        "buildCommand": "npm run build",
    }
    assert settings["deploy"]["preDeployCommand"] == ["node dist/migrate.js"]
    assert settings["deploy"]["healthcheckPath"] == "/healthz"
    assert settings["deploy"]["restartPolicyType"] == "ON_FAILURE"


@pytest.mark.parametrize("migrations", ["alembic", "none"])
def test_vercel(template: Path, tmp_path: Path, migrations: str) -> None:
    """No `builds`, no catch-all route: the compiled application is found as it is."""
    server = _render(
        template, tmp_path, auth_deployment="vercel", auth_migration_system=migrations
    )
    settings = json.loads((server / "vercel.json").read_text())
    assert settings.pop("$schema") == "https://openapi.vercel.sh/vercel.json"
    assert _vercel_refuses(settings, tmp_path) == ""
    assert settings["framework"] == "express"
    command = "npm run build && node dist/migrate.js"
    assert settings["buildCommand"] == command
    compiled = json.loads((server / "tsconfig.build.json").read_text())
    assert settings["outputDirectory"] == compiled["compilerOptions"]["outDir"]
    assert "export default app" in (server / "src/app.ts").read_text()
    assert "waitUntil(" in (server / "src/background.ts").read_text()
    assert "max: 5" in (server / "src/database.ts").read_text()


@pytest.mark.parametrize(
    "wrong",
    [{"outputDir": "dist"}, {"framework": "expres"}, {"buildCommand": ["npm"]}],
    ids=["a name", "a choice", "a type"],
)
def test_vercel_s_own_types_refuse(tmp_path: Path, wrong: dict[str, object]) -> None:
    """What the test above relies on: one wrong setting is an error."""
    assert "error TS2" in _vercel_refuses(wrong, tmp_path)


@pytest.mark.parametrize("manager", ["npm", "yarn", "yarn-berry"])
def test_an_image_s_content_runs(
    template: Path, tmp_path: Path, new_database: Callable[[], str], manager: str
) -> None:
    """The Dockerfile's own steps by hand: production packages migrate and serve."""
    server = _render(
        template,
        tmp_path / "project",
        auth_deployment="docker",
        auth_migration_system="none",
        auth_email_provider="smtp",
        auth_node_package_manager=manager.removesuffix("-berry"),
    )
    if manager != "npm":
        own = environment_with("uv", manager, tmp_path / "developer")
        _check(["yarn", "install"], cwd=server, env=own)
    # The image's own Yarn is 1, and it installs others where its PATH looks first.
    env = environment_with("uv", manager.removesuffix("-berry"), tmp_path / "image")
    env["npm_config_prefix"] = str(tmp_path / "global")
    env["PATH"] = f"{tmp_path / 'global/bin'}{os.pathsep}{env['PATH']}"
    stages = {name: tmp_path / name for name in ("build", "dependencies", "final")}
    text = (server / "Dockerfile").read_text().replace("\\\n", "")
    *prepare, install, compile_, install_production = re.findall(
        r"(?m)^RUN (.*)$", text
    )
    ignored = shutil.ignore_patterns("node_modules", "dist")
    for stage in ("build", "dependencies"):
        shutil.copytree(server, stages[stage], ignore=ignored)
    for command, stage in (
        *((command, "build") for command in (*prepare, install, compile_)),
        (install_production, "dependencies"),
    ):
        _check(["sh", "-ec", command], cwd=stages[stage], env=env)
    image = stages["final"]
    image.mkdir()
    shutil.copy(server / "package.json", image)
    shutil.copytree(stages["build"] / "dist", image / "dist")
    (stages["dependencies"] / "node_modules").rename(image / "node_modules")
    assert not (image / "node_modules" / "typescript").exists()
    url = new_database()
    env = environment(url, 0)
    migrated = run_script(image, "migrate", env=env)
    assert migrated.returncode == 0, migrated.stderr
    with running_server(image, url) as running:
        assert running.client().get("/readyz").status_code == 200
        # The health check as Docker runs it.
        (line,) = re.findall(
            r"(?m)^  CMD (\[.*\])$", (server / "Dockerfile").read_text()
        )
        port = running.url.rpartition(":")[2]
        _check(json.loads(line), cwd=image, env={**env, "PORT": port})
    assert subprocess.run(json.loads(line), env=env, check=False).returncode == 1


def _vercel_refuses(settings: dict[str, Any], folder: Path) -> str:
    """Return what Vercel's own types say against settings; empty where nothing."""
    checked = folder / "types"
    checked.mkdir()
    (checked / "node_modules").symlink_to(node_modules(Path(__file__).parent))
    (checked / "package.json").write_text('{"type": "module"}')
    (checked / "vercel.ts").write_text(VERCEL % json.dumps(settings))
    options = "--noEmit --strict --skipLibCheck --module nodenext --types"
    done = subprocess.run(
        [node_modules() / ".bin/tsc", *options.split(), "", "vercel.ts"],
        cwd=checked,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def _variables(server: Path) -> set[str]:
    """Return the names that the server's environment check knows."""
    text = (server / "src/config/env.ts").read_text()
    return set(re.findall(r"(?m)^    ([A-Z_]+): ", text))


def _check(
    command: list[Any], cwd: Path | None = None, env: dict[str, str] | None = None
) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
