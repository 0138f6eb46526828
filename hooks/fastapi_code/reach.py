"""How a router is reached from the application, through those that include it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..syntax.python import callee, line
from .inclusion import Inclusion, Obstacle, obstacle_to, uses_of
from .shadow import own_prefix_of, prefix_of, shadow_over

if TYPE_CHECKING:
    from .backend import Backend


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a router is reached from the application; the best one counts."""

    obstacle: Obstacle | None = None
    is_open: bool = False


def way_to_application(
    backend: Backend,
    origins: set[tuple[str, str]],
    url: str,
    seen: frozenset[str] = frozenset(),
) -> Way:
    """Return whether one of the inclusions leads up to the application."""
    uses = uses_of(backend, origins)
    best = Way(is_open=uses.otherwise)
    for inclusion in uses.inclusions:
        way = _through(backend, inclusion, url, seen)
        if way.is_open:
            return way
        if best.obstacle is None or (way.obstacle and not way.obstacle.is_sure):
            best = replace(best, obstacle=way.obstacle or best.obstacle)
    return best


def _through(
    backend: Backend, inclusion: Inclusion, url: str, seen: frozenset[str]
) -> Way:
    if found := obstacle_to(backend, inclusion):
        return Way(obstacle=found)
    path, module = inclusion.path, inclusion.module
    prefix = prefix_of(backend, path, module, inclusion.prefix)
    below = None if prefix is None else prefix + url
    if below is not None and (found := shadow_over(backend, inclusion, below)):
        return Way(obstacle=found)
    made = _made_by(inclusion)
    key = f"{inclusion.path}:{inclusion.owner}"
    if not made.endswith("APIRouter") or key in seen:
        return Way(is_open=True)
    own = own_prefix_of(backend, path, module, inclusion.owner)
    whole = f"{own}{below}" if own is not None and below is not None else url
    outer = {(inclusion.path, inclusion.owner)}
    way = way_to_application(backend, outer, whole, seen | {key})
    if way.is_open or way.obstacle is not None:
        return way
    message = f"it is included in {inclusion.owner}, which nothing includes"
    return Way(
        obstacle=Obstacle(
            message=message, path=inclusion.path, line=line(inclusion.call)
        )
    )


def _made_by(inclusion: Inclusion) -> str:
    """Return what the owner is made by: ``FastAPI``, ``APIRouter``; else nothing."""
    for assigned in inclusion.module.assignments():
        if assigned.target == inclusion.owner and assigned.value.type == "call":
            return callee(assigned.value)
    return ""
