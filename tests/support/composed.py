"""The services of a compose file, run as processes in their order, without Docker.

Each gets a folder with what its image would hold, its own command, and the variables
that the real compose gives it. Names of services lead to this machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from support.debian import program
from support.postgres import free_port
from support.processes import running, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_URL = re.compile(r"(postgresql(?:\+\w+)?)://[^@/]*@[\w-]+(?::\d+)?/\w+")
_STAGE = re.compile(r"(?m)^FROM .*$")
_COPY = re.compile(r"(?m)^COPY (?:--from=(\S+) )?(.+) (\S+)$")
_INNER = {"auth": "3001", "api": "8000"}


def configured(folder: Path, profile: str = "none") -> Mapping[str, Any]:
    """Return the services as the real compose reads them, in an empty environment."""
    compose = program("docker-compose", "docker-compose")
    done = subprocess.run(
        [compose, "--profile", profile, "config"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(YAML(typ="safe").load(done.stdout)["services"])


@dataclass(kw_only=True)
class Composed:
    """Services whose images are folders and whose database is the test's."""

    services: Mapping[str, Any]
    images: Path
    database: str
    auth: str = "auth"
    api: str = "api"
    ports: Mapping[str, int] = field(
        default_factory=lambda: {name: free_port() for name in _INNER}
    )

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        """Start each service after those that it waits for, as compose does."""
        with contextlib.ExitStack() as stack:
            for name in self._in_order():
                service = self.services[name]
                if "build" not in service:
                    assert "postgres" in service["image"]
                elif service.get("restart") == "no":
                    done = self.run(name)
                    assert done.returncode == 0, done.stdout + done.stderr
                else:
                    self._serve(stack, name)
            yield

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a service's command to its end, or another one in its image."""
        return subprocess.run(
            command or self._command(name),
            cwd=self._image(name),
            env=self._environment(name),
            capture_output=True,
            text=True,
            check=False,
        )

    def _serve(self, stack: contextlib.ExitStack, name: str) -> None:
        port = self.ports["auth" if name == self.auth else "api"]
        log = self.images / f"{name}.log"
        command, folder = self._command(name), self._image(name)
        environment = self._environment(name)
        process = stack.enter_context(
            running(command, cwd=folder, log=log, env=environment)
        )
        path = "/readyz" if name == self.auth else "/openapi.json"
        wait_for(f"http://127.0.0.1:{port}{path}", process, log)

    def _in_order(self) -> list[str]:
        ordered: list[str] = []
        while len(ordered) < len(self.services):
            ordered.append(
                next(
                    name
                    for name, service in self.services.items()
                    if name not in ordered
                    and set(service.get("depends_on", ())) <= set(ordered)
                )
            )
        return ordered

    def _command(self, name: str) -> list[str]:
        command = self.services[name].get("command")
        if command is None:
            command = YAML(typ="safe").load(
                re.findall(r"(?m)^CMD (\[.*\])$", self._dockerfile(name).read_text())[
                    -1
                ]
            )
        parts = shlex.split(command) if isinstance(command, str) else command
        here = {"0.0.0.0": "127.0.0.1", _INNER["api"]: str(self.ports["api"])}  # noqa: S104 - replaced
        return [here.get(part, part) for part in parts]

    def _environment(self, name: str) -> dict[str, str]:
        given = {k: v or "" for k, v in self.services[name]["environment"].items()}
        own = {"PORT": str(self.ports["auth"]), "LISTEN_HOST": "127.0.0.1"}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        set_by_image = re.findall(r"\b(NODE_ENV)=(\w+)", self._final_stage(name))
        moved = {k: self._here(v) for k, v in given.items()}
        return {"PATH": path, **dict(set_by_image), **moved, **own}

    def _here(self, value: str) -> str:
        """Return an address with the test's database, or a service's port here."""
        url = self.database.partition("://")[2]
        value = _URL.sub(lambda found: f"{found[1]}://{url}", value)
        inside = f"//{self.auth}:{_INNER['auth']}"
        return value.replace(inside, f"//127.0.0.1:{self.ports['auth']}")

    def _dockerfile(self, name: str) -> Path:
        build = self.services[name]["build"]
        return Path(build["context"], build.get("dockerfile", "Dockerfile"))

    def _final_stage(self, name: str) -> str:
        text = self._dockerfile(name).read_text().replace("\\\n", "")
        return _STAGE.split(text)[-1]

    def _image(self, name: str) -> Path:
        """Return the working folder with what is copied there, and nothing else."""
        build = self.services[name]["build"]
        context, dockerfile = Path(build["context"]), self._dockerfile(name)
        image = self.images / re.sub(r"\W+", "-", str(dockerfile))
        stage = self._final_stage(name)
        (workdir,) = re.findall(r"(?m)^WORKDIR /(\S+?)/?$", stage)
        folder = image / workdir
        if not folder.exists():
            folder.mkdir(parents=True)
            for stage_name, sources, target in _COPY.findall(stage):
                if "/" not in stage_name:
                    _copy(context, dockerfile, sources, folder / target)
        return folder


def _copy(context: Path, dockerfile: Path, sources: str, target: Path) -> None:
    """Copy as COPY does; what an earlier stage built is next to its sources here."""
    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    rules = own if own.exists() else context / ".dockerignore"
    lines = rules.read_text().splitlines() if rules.exists() else []
    for pattern in sources.split():
        if pattern.startswith("/"):  # /app/dist of the stage that compiled it
            (target.parent / target.name).symlink_to(context / Path(pattern).name)
            continue
        every = (
            [context] if pattern in {".", "./"} else context.glob(pattern.rstrip("/"))
        )
        for found in every:
            if found.is_file():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, target)
                continue
            for path in found.rglob("*"):
                inner = path.relative_to(context)
                if path.is_file() and not _is_ignored(inner, lines):
                    place = target / path.relative_to(found)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, place)


def _is_ignored(path: Path, lines: list[str]) -> bool:
    """Return True if the last line that fits the path or a folder of it says so."""
    ignored = False
    places = [str(place) for place in (path, *path.parents)]
    for line in filter(None, lines):
        glob = re.escape(line.removeprefix("!"))
        glob = glob.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(glob, place) for place in places):
            ignored = not line.startswith("!")
    return ignored
