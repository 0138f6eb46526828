"""``make pictures``: what the README shows, made from the real thing.

    python tests/pictures.py FOLDER

Terminal output becomes SVG, the sign-in page PNG. Nothing is drawn by hand, so a
picture that is out of date is one command away from the truth.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from copier_better_auth.report.results import render_results
from copier_better_auth.report.style import Style
from support.chromium import launch
from support.copier_cli import COPIER
from support.drawing import Terminal, animation, still
from support.projects import running_project, set_env
from support.recording import Recording
from support.repositories import full_stack
from support.seeded import results
from support.template import commit_all, git, make_template
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from playwright.sync_api import Page

COLUMNS, LINES, LONGEST = 80, 24, 40
PHONE = {"width": 390, "height": 780}
TOOL = COPIER.with_name("copier-better-auth")
# The colours that terminals have names for, which follow the page's theme.
ENV = {**os.environ, "PROMPT_TOOLKIT_COLOR_DEPTH": "DEPTH_4_BIT"}


def terminal(file: Path, command: str, printed: str) -> None:
    """Draw what a command printed."""
    lines = printed.strip("\r\n").splitlines()
    if len(lines) > LONGEST:
        more = f"... and {len(lines) - LONGEST + 1} lines more"
        lines = [*lines[: LONGEST - 1], more]
    screen = Terminal(COLUMNS, len(lines) + 20)
    screen.print("\r\n".join(lines))
    file.write_text(still(command, screen.rows, COLUMNS))


def film(folder: Path, template: Path, project: Path) -> None:
    """From nothing to a person whom FastAPI recognises, as a newcomer sees it."""
    recording = Recording(COLUMNS, LINES)
    url = str(template).encode()

    def shown(command: str, real: str) -> None:
        recording.typed(command)
        at_a_terminal(
            real,
            project,
            ENV,
            within=240,
            columns=COLUMNS,
            lines=LINES,
            watch=lambda data: recording.saw(data.replace(url, b"git+URL")),
        )

    project.mkdir()
    git(project, "init")
    copier = f"{COPIER} copy --trust {template} ."
    shown("uvx --with git+URL copier copy --trust git+URL .", copier)
    recording.printed("", 3)
    for command in ("(cd backend && uv sync)", "(cd auth-server && npm ci)"):
        recording.typed(command)
        said = at_a_terminal(command, project, ENV, within=600, columns=COLUMNS)
        recording.printed(said, 1)
    shown("uvx --from git+URL copier-better-auth verify", f"{TOOL} verify")
    frames = recording.frames(last=6)
    title = "From an empty folder to a person who is signed in"
    (folder / "film.svg").write_text(animation(title, frames, COLUMNS, LINES))


def reports(folder: Path, template: Path, existing: Path) -> None:
    """What is said about an existing application: found, and planned."""
    commit_all(full_stack(existing))
    found = at_a_terminal(f"{TOOL} discover", existing, ENV, within=60, columns=COLUMNS)
    terminal(folder / "discovery.svg", "copier-better-auth discover", found)
    previewed = at_a_terminal(
        f"{COPIER} copy --trust --defaults -d auth_apply_edits=preview {template} .",
        existing,
        ENV,
        within=120,
        columns=COLUMNS,
    )
    plan = previewed.partition("Planned, and not applied")
    terminal(folder / "plan.svg", "copier copy", f"{plan[1]}{plan[2]}")


def diagnosis(folder: Path, project: Path) -> None:
    """The doctor's report on a mistake that many people make."""
    set_env(
        project / "auth-server",
        BETTER_AUTH_URL="https://auth.vercel.app",
        CORS_ORIGINS="https://app.vercel.app",
    )
    style = Style(glyphs=True, colours=True, width=COLUMNS)
    said = render_results(results(project), style)
    terminal(folder / "doctor.svg", "copier-better-auth doctor", said)


def photographed(folder: Path, tab: Page, name: str) -> None:
    """Take a picture of the whole page by day, and one by night."""
    for scheme, suffix in (("light", ""), ("dark", "-dark")):
        tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        tab.screenshot(path=folder / f"{name}{suffix}.png", full_page=True)


def page(folder: Path, project: Path) -> None:
    """The page before and after signing in, on a phone."""
    with running_project(project) as servers, sync_playwright() as playwright:
        browser = launch(playwright)
        tab = browser.new_page(viewport=PHONE)
        tab.goto(f"{servers.auth_url}/dev/")
        expect(tab.locator("#me")).not_to_be_empty()
        photographed(folder, tab, "page-signed-out")
        form = tab.locator("#sign-up")
        form.get_by_label("Name").fill("Ada Lovelace")
        form.get_by_label("E-mail").fill("ada@example.com")
        form.get_by_label("Password").fill("correct horse battery")
        form.get_by_role("button", name="Sign up").click()
        expect(tab.locator("#unconfirmed")).to_be_visible()
        tab.goto(servers.printed_link("ada@example.com"))
        expect(tab.locator("#me-status")).to_have_text("GET /auth/me: 200")
        photographed(folder, tab, "page-signed-in")
        browser.close()


def main() -> None:
    """Make them all."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        # Short, so that commands with it are as long as those that the film shows.
        template = make_template(Path(temporary) / "t")
        project = Path(temporary) / "shop"
        film(folder, template, project)
        commit_all(project)
        page(folder, project)
        reports(folder, template, Path(temporary) / "existing")
        diagnosis(folder, project)


if __name__ == "__main__":
    main()
