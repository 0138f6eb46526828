"""``make pictures``: what the README shows, made from the real thing.

    python tests/pictures.py FOLDER

Terminal output becomes SVG, the sign-in page PNG. Nothing is drawn by hand, so a
picture that is out of date is one command away from the truth.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parent))

from copier_better_auth.report.results import render_results
from copier_better_auth.report.style import Style
from support.chromium import launch
from support.copier_cli import COPIER, copy
from support.node import install_node_packages
from support.projects import install_python_packages, running_project, set_env
from support.repositories import full_stack
from support.seeded import results
from support.template import commit_all, make_template
from support.terminal import at_a_terminal

WIDTH, LINES = 100, 40
PHONE = {"width": 390, "height": 780}
# The fonts that it would fetch are shown nowhere that shows pictures of a repository.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def terminal(file: Path, command: str, printed: str) -> None:
    """Draw what a command printed."""
    lines = printed.rstrip().splitlines()
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"... and {len(lines) - LINES + 1} lines more"]
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi("\n".join(lines)))
    drawn = console.export_svg(
        title=command, code_format=_FORMAT, unique_id=file.stem, clear=False
    )
    file.write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n")


def reports(folder: Path, template: Path, existing: Path) -> None:
    """What is said about an existing application: found, and planned."""
    commit_all(full_stack(existing))
    found = at_a_terminal(
        f"{COPIER.with_name('copier-better-auth')} discover",
        existing,
        dict(os.environ),
        within=60,
    )
    terminal(folder / "discovery.svg", "copier-better-auth discover", found)
    previewed = at_a_terminal(
        f"{COPIER} copy --trust --defaults -d auth_apply_edits=preview {template} .",
        existing,
        dict(os.environ),
        within=120,
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
    style = Style(glyphs=True, colours=True, width=WIDTH)
    said = render_results(results(project), style)
    terminal(folder / "doctor.svg", "copier-better-auth doctor", said)


def page(folder: Path, project: Path) -> None:
    """The page before and after signing in, on a phone."""
    with running_project(project) as servers, sync_playwright() as playwright:
        browser = launch(playwright)
        tab = browser.new_page(viewport=PHONE)
        tab.goto(f"{servers.auth_url}/dev/")
        expect(tab.locator("#me")).not_to_be_empty()
        tab.screenshot(path=folder / "page-signed-out.png", full_page=True)
        form = tab.locator("#sign-up")
        form.get_by_label("Name").fill("Ada Lovelace")
        form.get_by_label("E-mail").fill("ada@example.com")
        form.get_by_label("Password").fill("correct horse battery")
        form.get_by_role("button", name="Sign up").click()
        expect(tab.locator("#unconfirmed")).to_be_visible()
        tab.goto(servers.printed_link("ada@example.com"))
        expect(tab.locator("#me-status")).to_have_text("GET /auth/me: 200")
        tab.screenshot(path=folder / "page-signed-in.png", full_page=True)
        browser.close()


def main() -> None:
    """Make them all."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        template = make_template(Path(temporary) / "copier-better-auth")
        project = Path(temporary) / "shop"
        result = copy(template, project)
        assert result.returncode == 0, result.stderr
        commit_all(project)
        install_node_packages(project / "auth-server")
        install_python_packages(project / "backend")
        page(folder, project)
        reports(folder, template, Path(temporary) / "existing")
        diagnosis(folder, project)


if __name__ == "__main__":
    main()
