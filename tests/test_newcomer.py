"""What the newcomer's costs and films are made of: words, commands, frames."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from support.drawing import Frame, Terminal, animation, still
from support.newcomer import GOALS, Figures, after_uv, next_commands
from support.recording import Recording
from support.screens import broken_words, rows

_SVG = "{http://www.w3.org/2000/svg}"


def test_a_word_that_the_edge_cuts() -> None:
    """Only where it goes on in the next row; a line that just fits is whole."""
    assert broken_words("twelve words her", 8) == ["w|ords"]
    assert broken_words("eighteen\r\n  more", 8) == []
    assert broken_words("one\r\ntwo", 8) == []
    # What was written over is not seen.
    assert broken_words("a long line\r\x1b[A\x1b[J", 8) == []


def test_what_is_typed_next_is_whole() -> None:
    """A command that goes on after a backslash is one command."""
    said = (
        "Made.\nNext:\n  (cd a && b)\n  uvx --from c \\\n      d verify\nMore: e\n  f\n"
    )
    assert next_commands(said) == ["(cd a && b)", "uvx --from c d verify"]


@pytest.mark.parametrize(
    "uv",
    [
        "",
        "\x1b[2KInstalled \x1b[1m32 packages\x1b[0m \x1b[2min 61ms\x1b[0m\r\n",
        # With the packages there already, and a line that the terminal's edge has cut.
        "\x1b[2K    Updated file:///a/b (400906bcd8\x1b[37m⠙\x1b[0m Resolving\r\x1b[2K",
    ],
)
def test_what_uv_prints_is_not_ours(uv: str) -> None:
    """Only what our own programs print is looked at for broken words."""
    assert after_uv(f"{uv}\x1b[31mProject\x1b[39m structure") == "Project structure"


@pytest.mark.parametrize("name", GOALS)
def test_a_goal_that_is_missed_is_named(name: str) -> None:
    """One more than it may be is one line, and as much is none."""
    assert Figures(**{name: GOALS[name]}).missed() == []
    (line,) = Figures(**{name: GOALS[name] + 1}).missed()
    assert line.startswith(name)


def test_a_film_shows_what_the_terminal_did() -> None:
    """Each screen once, in its order, for its time; the last one where none moves."""
    recording = Recording(20, 4)
    recording.typed("ls")
    recording.printed("\x1b[32mone\x1b[0m  \x1b[1mtwo & 三\x1b[0m\r\n", 1)
    recording.printed("$ ", 1)
    frames = recording.frames(last=2)
    assert all(a.rows != b.rows for a, b in itertools.pairwise(frames))
    assert frames[-1].seconds == pytest.approx(3)
    drawn = animation("A <film>", frames, 20, 4)
    svg = ET.fromstring(drawn)  # noqa: S314 - made here
    assert svg.attrib["aria-label"] == "A <film>"
    assert "script" not in drawn
    texts = ["".join(e.itertext()) for e in svg.iter(f"{_SVG}text")]
    assert {"one", "two &", "三"} <= set(texts)
    steps = [float(n) for n in re.findall(r"([\d.]+)%\{", drawn)]
    assert len(steps) == len(frames)
    assert steps == sorted(steps)


def test_a_picture_is_as_high_as_what_it_shows() -> None:
    """In the colours of both themes."""
    terminal = Terminal(20, 10)
    terminal.print("\x1b[31mno\x1b[0m\r\n\r\nyes")
    drawn = still("what", terminal.rows, 20)
    svg = ET.fromstring(drawn)  # noqa: S314 - made here
    (red,) = (e for e in svg.iter(f"{_SVG}text") if e.get("class") == "red")
    assert red.text == "no"
    assert "prefers-color-scheme:dark" in drawn
    assert len(terminal.rows) == 3
    assert Frame(rows=terminal.rows, seconds=1).rows[1][0].data == " "
    assert rows("a\r\nb") == ["a", "b"]
