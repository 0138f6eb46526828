"""A search as sites and editors have it: the sections that hold a question's words."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CODE = re.compile(r"(?ms)^```.*?^```$")
_LINK = re.compile(r"\[[^]\n]*\]\([^)\n]*\)")
_HEADING = re.compile(r"(?m)^(?=#{1,3} )")
_WORD = re.compile(r"[a-z0-9]+")
# What a heading's words count for, as in the search of most sites.
_HEADING_WEIGHS = 3


def best(question: str, pages: Iterable[str]) -> list[str]:
    """Return the headings of all sections, the one that answers best first.

    A word counts for more the fewer sections have it, and the shorter its section is
    (BM25). Links are not text: what they lead to is found by itself.
    """
    sections = [section for page in pages for section in _sections(page)]
    having = Counter(word for _, counts in sections for word in counts)
    usual = sum(counts.total() for _, counts in sections) / len(sections)

    def score(counts: Counter[str]) -> float:
        slow = 1.2 * (0.25 + 0.75 * counts.total() / usual)
        return sum(
            math.log((len(sections) + 1) / (having[word] + 0.5))
            * (counts[word] / (counts[word] + slow))
            for word in set(_WORD.findall(question.lower()))
            if counts[word]
        )

    return [heading for heading, _ in sorted(sections, key=lambda s: score(s[1]))[::-1]]


def _sections(page: str) -> Iterator[tuple[str, Counter[str]]]:
    prose = _LINK.sub("", _CODE.sub("", page))
    for section in _HEADING.split(prose):
        heading = section.partition("\n")[0].lstrip("# ")
        words = _WORD.findall(section.lower())
        yield heading, Counter(words + _HEADING_WEIGHS * _WORD.findall(heading.lower()))
