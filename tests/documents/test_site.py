"""``make docs``: a site whose links all lead somewhere, and that fetches nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast

import pytest
from copier_better_auth.diagnostics import CHECKS
from support.once import once
from support.template import ROOT
from write_reference import DOCS, ONE_EACH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = ROOT / "build" / "site"
ZENSICAL = ROOT / ".tools" / "docs" / "bin" / "zensical"


class Page(HTMLParser):
    """What a page fetches, where its links lead, and which addresses it has."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.anchors = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort its addresses by what a browser does with them."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.add(given.get("id", ""))
        is_link = tag == "a" or given.get("rel") in {"canonical", "prev", "next"}
        if "href" in given:
            (self.links if is_link else self.fetched).add(given["href"])
        if "src" in given:
            self.fetched.add(given["src"])


@pytest.fixture(scope="module")
def pages(shared: Path) -> dict[Path, Page]:
    """The pages of the site, built by the command."""

    def build(_: Path) -> None:
        # Of the make that runs the tests.
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        done = subprocess.run(
            ["make", "docs"],  # noqa: S607 - as a developer types it
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    once(shared / "site", build)
    return {path: Page(path.read_text()) for path in SITE.rglob("*.html")}


def test_every_page_is_there(pages: dict[Path, Page]) -> None:
    """Each file of docs/ has its own address, and each diagnostic its code's."""
    written = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")}
    built = {path.parent.relative_to(SITE) for path in pages if path.name != "404.html"}
    assert {p.parent if p.name == "index" else p for p in written} == built
    for check in CHECKS:
        assert SITE / f"reference/diagnostics/{check.code.lower()}/index.html" in pages


def test_every_link_and_picture_is_there(pages: dict[Path, Page]) -> None:
    """Pictures too, and links that are written as HTML."""
    missing = [
        f"{path.relative_to(SITE)}: {link}"
        for path, page in pages.items()
        for link in page.links | page.fetched
        if not re.match(r"\w+:", link) and not _leads_somewhere(path, link, pages)
    ]
    assert missing == []


def _leads_somewhere(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    where, _, anchor = link.partition("#")
    base = SITE if where.startswith("/") else path.parent
    target = (base / where.lstrip("/")).resolve() if where else path
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return target.is_file()
    return anchor in pages[target].anchors


def test_nothing_is_fetched_from_elsewhere(pages: dict[Path, Page]) -> None:
    """No font, no script, no picture, neither by a page nor by its style."""
    fetched = {link for page in pages.values() for link in page.fetched}
    assert [link for link in fetched if re.match(r"\w+:|//", link)] == []
    for style in SITE.rglob("*.css"):
        named = re.findall(r"(?:url\(|@import )[\"']?([^\"')]+)", style.read_text())
        assert [n for n in named if not n.startswith("data:")] == []


def test_every_page_is_in_the_menu() -> None:
    """But those of single diagnostics, to which the overview leads."""
    nav = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]
    listed = [*_listed(nav)]
    pages = {p for p in DOCS.rglob("*.md") if p.parent != ONE_EACH}
    assert sorted(listed) == sorted(p.relative_to(DOCS).as_posix() for p in pages)


def _listed(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
        return
    inner = entry.values() if isinstance(entry, dict) else cast("list[object]", entry)
    for part in inner:
        yield from _listed(part)


@pytest.mark.parametrize(
    ("link", "what"),
    [
        ("no-such-page.md", "page"),
        ("../sessions.md#no-such-part", "anchor"),
        ("#no-such-part", "anchor"),
    ],
)
def test_a_link_that_leads_nowhere_fails(
    pages: dict[Path, Page], tmp_path: Path, link: str, what: str
) -> None:
    """The build names the page, the line and what is missing."""
    assert pages
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy2(ROOT / "zensical.toml", tmp_path)
    page = tmp_path / "docs/how-to/undo.md"
    page.write_text(f"{page.read_text()}\n[broken]({link})\n")
    line = page.read_text().count("\n")
    done = subprocess.run(
        [ZENSICAL, "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert f"how-to/undo.md:{line}:" in said
    assert f"{what} does not exist" in said
