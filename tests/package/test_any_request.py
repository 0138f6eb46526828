"""Requests of any shape that the schema allows, or forbids: no answer is a failure."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from support.postgres import free_port
from support.processes import running, wait_for
from support.sessions import COOKIE, SECRET, STRATEGIES, connect, sign_in
from support.template import ROOT
from support.tokens import serving_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemathesis import Case
    from schemathesis.schemas import APIOperation

# Of each operation, for each of the two ways to make requests.
EXAMPLES = 15


@pytest.fixture
def sample(
    packages: Mapping[str, str], auth_database: str, tmp_path: Path
) -> Iterator[tuple[str, dict[str, str]]]:
    """A running application with every strategy, and a credential for all of them."""
    folders = [
        str(Path(str(importlib.import_module(name).__file__)).parents[1])
        for name in packages.values()
    ]
    port, log = free_port(), tmp_path / "log"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "support.conforming:app"]
    with serving_keys() as keys:
        environment = {
            "PYTHONPATH": os.pathsep.join([*folders, str(ROOT / "tests")]),
            "AUTH_PACKAGES": ",".join(packages.values()),
            "DATABASE_URL": auth_database,
            "BETTER_AUTH_SECRET": SECRET,
            "BETTER_AUTH_URL": keys.url,
        }
        with running(
            [*command, "--port", str(port)], cwd=tmp_path, log=log, env=environment
        ) as process:
            wait_for(f"{url}/openapi.json", process, log)
            good = {
                "cookie": f"{COOKIE}={asyncio.run(_cookie(auth_database))}",
                "authorization": f"Bearer {keys.token()}",
            }
            yield url, good
        assert "Traceback" not in log.read_text()


async def _cookie(url: str) -> str:
    database = await connect(url)
    try:
        return (await sign_in(database)).cookie
    finally:
        await database.close()


def test_no_request_makes_it_fail(sample: tuple[str, dict[str, str]]) -> None:
    """Every operation of every strategy, with credentials good, made up and missing."""
    url, good = sample
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    for strategy in STRATEGIES:
        own = "authorization" if strategy == "jwt" else "cookie"
        seen: Counter[int] = Counter()
        for result in schema.include(path_regex=f"^/{strategy}/").get_all_operations():
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                seen += statuses(result.ok(), mode, {own: good[own]}, url)
        assert not {status for status in seen if status >= 500}, seen
        # Else everything would have been turned away before anything was read.
        assert {200, 401, 422} <= set(seen), (strategy, seen)


def statuses(
    operation: APIOperation,
    mode: GenerationMode,
    credential: dict[str, str],
    url: str,
) -> Counter[int]:
    """Send what is generated for an operation; count the answers."""
    seen: Counter[int] = Counter()
    with requests.Session() as session:
        session.trust_env = False

        @settings(
            deadline=None,
            max_examples=EXAMPLES,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_good=st.booleans())
        def send(case: Case, *, is_good: bool) -> None:
            headers = credential if is_good else {}
            answer = case.call(base_url=url, session=session, headers=headers)
            seen[answer.status_code] += 1

        send()
    return seen
