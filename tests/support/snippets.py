"""The code of a rendered page, put where the page says and run as it is written there.

The sentence above a block says what is done with it, and no block goes without:

=================================  ==============================================
New file ``PATH``:                 the file's whole text
At the end of ``PATH``:            appended
In ``PATH``, below ``LINE``:       after that line, which is there once
In ``PATH``, instead of ``LINE``:  in its place
In ``PATH``:                       variables of an env file, each set
=================================  ==============================================

``PATH`` is from the root of the repository, or a module (``app.main``), or a name that
only one file has. A block of ``sh`` is typed at the root and one of ``sql`` is run in
the database; they need no place.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.postgres import execute
from support.projects import set_env
from support.template import git
from support.terminal import shell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PART = re.compile(
    r"(?m)^(#{2,6}) (?P<heading>.+)$|^```(?P<language>\w+)\n(?P<text>(?s:.*?))^```$"
)
_PLACE = re.compile(
    r"(?:(?P<verb>New file|At the end of|In) `(?P<path>[^`]+)`)"
    r"(?:, (?P<where>below|instead of) `(?P<anchor>[^`]+)`)?:\Z"
)
_RUN = frozenset({"sh", "sql"})


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """One block of code: its heading, its language, and what is done with it.

    ``verb`` is empty where the page names no place.
    """

    heading: str
    language: str
    text: str
    verb: str = ""
    path: str = ""
    anchor: str = ""

    @property
    def is_followed(self) -> bool:
        """Whether ``Project.follow`` knows what to do with it."""
        return bool(self.verb) or self.language in _RUN


def snippets(page: str) -> list[Snippet]:
    """Return the blocks of a page in reading order."""
    heading, end, found = "", 0, []
    for part in _PART.finditer(page):
        if part["heading"]:
            heading = part["heading"]
        else:
            said = " ".join(page[end : part.start()].split())
            found.append(_snippet(heading, part["language"], part["text"], said))
        end = part.end()
    return found


def below(page: str, heading: str) -> list[Snippet]:
    """Return the blocks below one heading; it is an error if there are none."""
    found = [snippet for snippet in snippets(page) if snippet.heading == heading]
    assert found, f"no code is below {heading!r}"
    return found


def _snippet(heading: str, language: str, text: str, said: str) -> Snippet:
    # The place is all of the last sentence, or follows a word or two in it.
    place = _PLACE.search(said)
    if place is None:
        return Snippet(heading=heading, language=language, text=text)
    verb = place["where"] or place["verb"]
    return Snippet(
        heading=heading,
        language=language,
        text=text,
        verb=verb,
        path=place["path"],
        anchor=place["anchor"] or "",
    )


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project whose owner does what a page says.

    ``addresses`` gives what the page calls a server (``http://localhost:8000``) the
    address that it has here; ``env`` is added to the environment of commands.
    """

    root: Path
    database_url: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def follow(self, snippet: Snippet) -> str:
        """Do what the page says with a block; return what a command printed."""
        text = self._here(snippet.text)
        if snippet.verb:
            self._put(snippet, text)
            return ""
        if snippet.language == "sql":
            return execute(self.database_url, text)
        assert snippet.language == "sh", f"nothing says where this goes:\n{text}"
        return self.type(text)

    def type(self, command: str) -> str:
        """Type a command at the root; return what it printed, where it went well."""
        return shell(command, self.root, {**os.environ, **self.env})

    def find(self, path: str) -> Path:
        """Return the file that a page means: by its path, its module or its name."""
        if (self.root / path).is_file():
            return self.root / path
        module = path.replace(".", "/")
        ends = (f"/{path}", f"/{module}.py", f"/{module}/__init__.py")
        listed = git(
            self.root, "ls-files", "--cached", "--others", "--exclude-standard"
        )
        found = [name for name in listed.splitlines() if f"/{name}".endswith(ends)]
        assert len(found) == 1, f"{path} could be any of {found}"
        return self.root / found[0]

    def _here(self, text: str) -> str:
        for address, here in self.addresses.items():
            text = text.replace(address, here)
        return text

    def _put(self, snippet: Snippet, text: str) -> None:
        if snippet.verb == "New file":
            file = self.root / snippet.path
            assert not file.exists(), f"{snippet.path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            return
        file = self.find(snippet.path)
        before = file.read_text()
        if snippet.verb == "At the end of":
            file.write_text(f"{before.rstrip()}\n\n{text}")
        elif snippet.verb == "In":
            lines = filter(None, text.splitlines())
            pairs = (line.partition("=") for line in lines if line[0] != "#")
            set_env(file.parent, **{name: value for name, _, value in pairs})
        else:
            lines = before.splitlines(keepends=True)
            (at,) = (n for n, li in enumerate(lines) if li.strip() == snippet.anchor)
            kept = snippet.verb == "below"
            file.write_text("".join((*lines[: at + kept], text, *lines[at + 1 :])))
