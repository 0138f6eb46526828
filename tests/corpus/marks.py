"""What one repository's facts are worth against what was read by hand.

Each fact is right, wrong (another value, or one where there is none) or missing; a set
of names is partly each. Nothing to find and nothing claimed is not counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copier_better_auth.model import Confidence, Fact, Facts, Heads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = {"existing_user_tables", "cors_origins", "alembic_versions_dir"}
# "none" says that there is nothing, as much as an empty answer does.
_NOTHING = {None, "", "none"}
_OWN = re.compile(r"own|jwt|oauth|bearer|session|token|api.?key", re.IGNORECASE)
_PRODUCTS = ("better-auth", "fastapi-users", "firebase", "supabase", "basic", "clerk")
_PRODUCTS += ("auth0", "keycloak")
# How often a fact of each confidence has to be right.
GOALS = {Confidence.CERTAIN: 0.995, Confidence.LIKELY: 0.95}


@dataclass(frozen=True, kw_only=True)
class Read:
    """One repository, as it was read by hand."""

    repo: str
    commit: str
    shape: str
    outcome: str
    facts: Mapping[str, object] = field(default_factory=dict)
    also: Mapping[str, list[object]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How right one field is; the three shares add up to 1."""

    repo: str
    name: str
    right: float
    wrong: float
    missing: float
    truth: object
    given: object
    confidence: Confidence
    asked: bool = False


def outcome(facts: Facts) -> str:
    """Return what comes of it: ``found``, ``ambiguous`` (it asks) or ``nothing``."""
    if facts.ambiguous:
        return "ambiguous"
    return "found" if facts.app_module.value else "nothing"


def marks(read: Read, facts: Facts) -> list[Mark]:
    """Compare each field that was read; the outcome alone where one must choose."""
    given = outcome(facts)
    found = [_outcome(read, given)]
    if read.outcome == "found":
        found += [
            mark
            for name, truth in read.facts.items()
            if (mark := _mark(read, facts, name, truth, asked=given == "ambiguous"))
        ]
    return found


def calibration(found: Iterable[Mark]) -> dict[Confidence, tuple[float, float]]:
    """Return, for each confidence, how many of the claimed facts were right, of all."""
    sums = dict.fromkeys((Confidence.CERTAIN, Confidence.LIKELY), (0.0, 0.0))
    for mark in found:
        if mark.confidence in sums and mark.right + mark.wrong:
            right, claimed = sums[mark.confidence]
            claimed += mark.right + mark.wrong
            sums[mark.confidence] = (right + mark.right, claimed)
    return sums


def _outcome(read: Read, given: str) -> Mark:
    missing = given != read.outcome and (given == "nothing" or read.outcome == "found")
    right = given == read.outcome
    return Mark(
        repo=read.repo,
        name="outcome",
        right=float(right),
        wrong=float(not right and not missing),
        missing=float(missing),
        truth=read.outcome,
        given=given,
        confidence=Confidence.UNKNOWN,
    )


def _mark(
    read: Read, facts: Facts, name: str, truth: object, *, asked: bool
) -> Mark | None:
    fact: Fact[object] = getattr(facts, name)
    wanted = [_plain(name, one) for one in (truth, *read.also.get(name, ()))]
    if name == "db_symbol":  # a handler may be given the engine as well
        wanted.append(_plain(name, read.facts.get("engine_symbol")))
    right, wrong, missing = _shares(name, _plain(name, fact.value), wanted)
    if not right + wrong + missing:
        return None
    return Mark(
        repo=read.repo,
        name=name,
        right=right,
        wrong=wrong,
        missing=missing,
        truth=truth,
        given=fact.value,
        confidence=fact.confidence,
        asked=asked,
    )


def _shares(
    name: str, given: object, wanted: list[object]
) -> tuple[float, float, float]:
    if isinstance(given, frozenset):
        sets = [_overlap(given, one) for one in wanted if isinstance(one, frozenset)]
        return max(sets, key=lambda shares: (shares[0], -shares[1] - shares[2]))
    nothing = given in _NOTHING
    if given in wanted or (nothing and None in wanted):
        return (0.0, 0.0, 0.0) if nothing else (1.0, 0.0, 0.0)
    if name == "existing_auth" and not nothing and wanted[0]:
        return (1.0, 0.0, 0.0) if _same_sign_in(given, wanted[0]) else (0.0, 1.0, 0.0)
    return (0.0, 0.0, 1.0) if nothing and given is None else (0.0, 1.0, 0.0)


def _overlap(
    given: frozenset[object], wanted: frozenset[object]
) -> tuple[float, float, float]:
    union = len(given | wanted)
    if not union:
        return 0.0, 0.0, 0.0
    both, more = len(given & wanted), len(given - wanted)
    return both / union, more / union, (union - both - more) / union


def _same_sign_in(given: object, truth: object) -> bool:
    named = [product for product in _PRODUCTS if product in str(given).lower()]
    if truth == "own":
        return not named and _OWN.search(str(given)) is not None
    return str(truth) in named


def _plain(name: str, value: object) -> object:
    """Return a value in one spelling, so that equal ones are equal."""
    if name in NAMES:
        return frozenset(_names(value))
    if name == "heads":
        return _heads(value)
    if value is None or isinstance(value, bool):
        return value
    text = str(value).replace("%%", "%").replace(" ", "")
    if name == "db_driver":
        return text.removesuffix("-binary").partition("(")[0]
    return text.removesuffix(".metadata")


def _heads(value: object) -> object:
    if isinstance(value, Heads):
        return (value.count, frozenset(value.ids)) if value.count else None
    if isinstance(value, dict):
        return (value["count"], frozenset(map(str, value["ids"])))
    return None


def _names(value: object) -> list[str]:
    """Return the parts of a set; a table without its schema, an origin without /."""
    items = value if isinstance(value, list | tuple) else str(value or "").split("; ")
    plain = (str(item) for item in items if item)
    return [
        name.rstrip("/") if ":" in name or "/" in name else name.rpartition(".")[2]
        for name in plain
    ]
