"""Which answers change the auth server, and sets of combinations of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from copier_better_auth.answers.choices import DEPLOYMENTS, EMAIL_PROVIDERS, METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


# Beside the methods. Of several values that render alike only one is named.
CHOICES: Mapping[str, Sequence[object]] = {
    "auth_email_verification": (True, False),
    "auth_email_provider": EMAIL_PROVIDERS,
    "auth_session_validation": ("database", "jwt"),
    "auth_deployment": DEPLOYMENTS,
    "auth_database_provider": ("neon", "supabase", "embedded", "other"),
    "auth_migration_system": ("alembic", "none"),
}
NODE_PACKAGE_MANAGERS = ("npm", "pnpm", "yarn", "bun")


def pairwise() -> list[dict[str, object]]:
    """Return few combinations in which every two values of two answers meet."""
    axes: dict[str, Sequence[object]] = {
        **dict.fromkeys(METHODS, (True, False)),
        **CHOICES,
        "auth_node_package_manager": NODE_PACKAGE_MANAGERS,
    }
    missing = {
        frozenset({(a, x), (b, y)})
        for a, b in itertools.combinations(axes, 2)
        for x, y in itertools.product(axes[a], axes[b])
    }
    missing -= {pair for pair in missing if _is_idle(pair)}
    rows: list[dict[str, object]] = []
    while missing:
        row = _best_row(axes, missing)
        missing -= _pairs(row)
        rows.append(_answers(row))
    return rows


def batches() -> list[dict[str, object]]:
    """Return every combination of methods and of what only some methods ask."""
    found = []
    for size in range(1, len(METHODS) + 1):
        for methods in itertools.combinations(METHODS, size):
            verified = (True, False) if "email_password" in methods else (False,)
            mails = {"email_password", "magic_link"} & set(methods)
            services = ("resend", "smtp") if mails else ("resend",)
            for verification, service in itertools.product(verified, services):
                found.append(
                    {
                        "auth_methods": list(methods),
                        "auth_email_verification": verification,
                        "auth_email_provider": service,
                    }
                )
    return found


def within(batch: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Yield every combination of the other answers with those of ``batch``."""
    others = {name: values for name, values in CHOICES.items() if name not in batch}
    managers = itertools.cycle(NODE_PACKAGE_MANAGERS)
    for values in itertools.product(*others.values()):
        answers = dict(zip(others, values, strict=True))
        manager = {"auth_node_package_manager": next(managers)}
        yield {**batch, **answers, **manager}


def _best_row(
    axes: Mapping[str, Sequence[object]], missing: set[frozenset[tuple[str, object]]]
) -> dict[str, object]:
    """Begin with a missing pair; take of each other axis what covers most."""
    pair = min((sorted(pair, key=str) for pair in missing), key=str)
    row = dict(pair)
    for name, values in axes.items():
        if name not in row:
            row[name] = max(
                values, key=lambda value: len(_pairs({**row, name: value}) & missing)
            )
    if not any(row[method] for method in METHODS):
        row[next(method for method in METHODS if method not in dict(pair))] = True
    return {name: row[name] for name in axes}


def _pairs(row: Mapping[str, object]) -> set[frozenset[tuple[str, object]]]:
    return {frozenset(pair) for pair in itertools.combinations(row.items(), 2)}


def _is_idle(pair: frozenset[tuple[str, object]]) -> bool:
    """Tell a pair that no project has: a verification without a password."""
    return pair >= {("email_password", False)} and any(
        name == "auth_email_verification" for name, _ in pair
    )


def _answers(row: Mapping[str, object]) -> dict[str, object]:
    methods = [method for method in METHODS if row[method]]
    rest = {name: value for name, value in row.items() if name not in METHODS}
    return {"auth_methods": methods, **rest}
