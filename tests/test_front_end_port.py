"""The origin that is offered is the one that the front end has in development."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.repository import Repository
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def package(dev: str, *dependencies: str) -> str:
    """Return a package.json with a script to start it."""
    listed = dict.fromkeys(dependencies, "^1")
    return json.dumps({"scripts": {"dev": dev}, "dependencies": listed})


CASES = {
    "next": ({"package.json": package("next dev", "next", "react")}, 3000),
    "next -p": ({"package.json": package("next dev -p 3005", "next")}, 3005),
    "next --port=": ({"package.json": package("next dev --port=3006", "next")}, 3006),
    "a variable before": (
        {"package.json": package("cross-env PORT=4000 react-scripts start", "react")},
        4000,
    ),
    "vite": ({"package.json": package("vite", "react", "vite")}, 5173),
    "sveltekit": ({"package.json": package("vite dev", "@sveltejs/kit")}, 5173),
    "angular": ({"package.json": package("ng serve", "@angular/core")}, 4200),
    "nuxt": ({"package.json": package("nuxt dev", "nuxt", "vite")}, 3000),
    "astro": ({"package.json": package("astro dev", "astro", "vite")}, 4321),
    "vite.config": (
        {
            "package.json": package("vite", "vue", "vite"),
            "vite.config.ts": "export default { server: { host: true, port: 5200 } }",
        },
        5200,
    ),
    "VITE_PORT": (
        {
            "package.json": package("vite", "vue", "vite"),
            "vite.config.ts": "export default { server: { port: +env.VITE_PORT } }",
            ".env.example": "VITE_PORT=5300\n",
        },
        5300,
    ),
    "VITE_PORT with a default": (
        {
            "package.json": package("vite", "vue", "vite"),
            "vite.config.js": "server: { port: Number(process.env.VITE_PORT) || 5400 }",
        },
        5400,
    ),
    **{
        f"vite.config: {name}": (
            {"package.json": package("vite", "vue", "vite"), "vite.config.ts": text},
            port,
        )
        for name, text, port in (
            (
                "the port of its sockets",
                "export default { server: { hmr: { port: 24678 }, port: 5174 } }",
                5174,
            ),
            (
                "the port of its preview",
                "export default { preview: { port: 4173 }, server: { port: 5175 } }",
                5175,
            ),
            (
                "the port of what it passes requests to",
                "export default { server: { proxy: { '/a': { port: 8000 } } } }",
                5173,
            ),
            (
                "a comment",
                "export default {\n  // server: { port: 3000 },\n  plugins: [] }",
                5173,
            ),
            (
                "a comment of several lines",
                "/* export default { server: { port: 3000 } } */\nexport default {}",
                5173,
            ),
            (
                "a comment within the object",
                "export default { server: { // port: 3000,\n 'port': 5176 } }",
                5176,
            ),
            (
                "a function",
                (
                    "export default defineConfig(({ mode }) => {\n"
                    "  const port = parseInt(process.env.PORT ?? '5177', 10)\n"
                    "  return { server: { host: true, port } }\n})"
                ),
                5177,
            ),
            (
                "a constant",
                "const server = { port: 5178 }\nexport default { server }",
                5178,
            ),
            (
                "a variable that may be set",
                "export default { server: { port: env.PORT ? +env.PORT : 5179 } }",
                5179,
            ),
            (
                "the options of a plugin",
                "export default { plugins: [mock({ server: { port: 9000 } })] }",
                5173,
            ),
        )
    },
    "nuxt.config": (
        {
            "package.json": package("nuxt dev", "nuxt"),
            "nuxt.config.ts": "export default defineNuxtConfig({ "
            "vite: { server: { port: 1234 } }, devServer: { port: 3300 } })",
        },
        3300,
    ),
    "astro.config": (
        {
            "package.json": package("astro dev", "astro"),
            "astro.config.mjs": "export default { server: () => ({ port: 4400 }) }",
        },
        4400,
    ),
    **{
        f"angular.json: {name}": (
            {
                "package.json": package("ng serve", "@angular/core"),
                "angular.json": json.dumps({"projects": {"shop": {targets: serve}}}),
            },
            port,
        )
        for name, targets, serve, port in (
            ("options", "architect", {"serve": {"options": {"port": 4300}}}, 4300),
            ("targets", "targets", {"serve": {"options": {"port": 4301}}}, 4301),
            (
                "its configuration by default",
                "architect",
                {
                    "serve": {
                        "options": {"port": 4302},
                        "configurations": {"local": {"port": 4303}},
                        "defaultConfiguration": "local",
                    }
                },
                4303,
            ),
            ("another target", "architect", {"e2e": {"options": {"port": 4304}}}, 4200),
        )
    },
    **{
        f"scripts: {name}": (
            {
                "package.json": json.dumps(
                    {"scripts": scripts, "dependencies": {"next": "^1"}}
                )
            },
            port,
        )
        for name, scripts, port in (
            ("production", {"start": "next start -p 8080", "dev": "next dev"}, 3000),
            ("of another kind", {"dev": "next", "serve": "serve --port 5000"}, 3000),
            ("start alone", {"start": "next dev -p 3007"}, 3007),
            (
                "the backend too",
                {"dev": 'concurrently "next dev" "uvicorn main:app --port 8000"'},
                3000,
            ),
            (
                "the backend first",
                {"dev": "python3 -m uvicorn main:app --port 8000 & next dev -p 3008"},
                3008,
            ),
            (
                "the backend in its own folder",
                {"dev": "(cd ../api && .venv/bin/fastapi dev --port 8001) | next dev"},
                3000,
            ),
            ("a number in quotes", {"dev": 'next dev --port "3009"'}, 3009),
            ("a variable or a number", {"dev": "next dev -p ${PORT:-3010}"}, 3010),
        )
    },
    "no such port": (
        {
            "package.json": package("vite", "vue", "vite"),
            "vite.config.ts": "export default { server: { port: 99999 } }",
        },
        5173,
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backend", ["backend/main.py", ""])
def test_the_port_is_the_front_ends(tmp_path: Path, case: str, backend: str) -> None:
    """For an application that is there, and for a new one next to the front end."""
    files, port = CASES[case]
    front_end = {f"frontend/{name}": text for name, text in files.items()}
    build(tmp_path, {**front_end, **({backend: APP} if backend else {})})
    repository = Repository(tmp_path)
    found = suggestions(discover(tmp_path), repository)
    assert found["auth_cors_origins"] == f"http://localhost:{port}"


def test_the_applications_own_list_is_kept(tmp_path: Path) -> None:
    """What the backend allows today is what its front end really uses."""
    allowed = (
        "app.add_middleware(CORSMiddleware, allow_origins=['http://localhost:8081'])\n"
    )
    head = "from fastapi.middleware.cors import CORSMiddleware\n"
    build(
        tmp_path,
        {
            "backend/main.py": head + APP + allowed,
            "frontend/package.json": package("vite", "vite"),
        },
    )
    found = suggestions(discover(tmp_path), Repository(tmp_path))
    assert found["auth_cors_origins"] == "http://localhost:8081"
