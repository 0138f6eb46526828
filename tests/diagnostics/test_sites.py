"""The doctor and the auth server mean the same by a site, whatever list each has."""

from __future__ import annotations

import itertools
import json
import subprocess
from typing import TYPE_CHECKING

from copier_better_auth.env.sites import is_public_suffix, relation
from support.node import install_node_packages

if TYPE_CHECKING:
    from pathlib import Path

    from support.seeded import Healthy

ORIGINS = [
    *("http://localhost:3000", "http://localhost:3001", "http://127.0.0.1:3000"),
    *("http://app.localhost", "http://[::1]:3000", "http://192.168.1.7"),
    *("https://example.com", "https://app.example.com", "http://app.example.com"),
    *("https://a.b.example.com:8443", "https://EXAMPLE.com", "https://example.org"),
    *("https://shop.co.uk", "https://auth.shop.co.uk", "https://other.co.uk"),
    *("https://one.vercel.app", "https://two.vercel.app", "https://x.one.vercel.app"),
    *("https://one.up.railway.app", "https://two.up.railway.app"),
    *("https://one.netlify.app", "https://one.fly.dev", "https://one.pages.dev"),
    *("https://one.github.io", "https://two.github.io", "https://one.onrender.com"),
    *("https://city.kawasaki.jp", "https://a.b.kawasaki.jp", "https://one.com.pk"),
    *("https://auth.internal", "https://api.internal", "https://xn--bcher-kva.de"),
]
DOMAINS = ["com", "co.uk", "vercel.app", "up.railway.app", "github.io", "example.com"]
_ASK = """
import { canShareCookie, relation } from "./src/auth/sites.ts";
const { pairs, domains } = JSON.parse(process.argv.at(-1));
const relations = pairs.map(([one, other]) => relation(one, other));
const shared = domains.map((domain) => canShareCookie(domain, `https://one.${domain}`));
console.log(JSON.stringify({ relations, shared }));
"""


def test_both_agree_on_sites(healthy: Healthy, tmp_path: Path) -> None:
    """Every two of the origins; and whose domain may have a cookie."""
    server = healthy.copy_of("vercel", tmp_path) / "auth-server"
    install_node_packages(server)
    pairs = list(itertools.product(ORIGINS, repeat=2))
    node = ["node", "--import", "tsx", "--input-type=module", "--eval", _ASK]
    said = subprocess.run(
        [*node, json.dumps({"pairs": pairs, "domains": DOMAINS})],
        cwd=server,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    theirs = json.loads(said)
    ours = [relation(one, other).value for one, other in pairs]
    differ = [
        (pair, mine, other)
        for pair, mine, other in zip(pairs, ours, theirs["relations"], strict=True)
        if mine != other
    ]
    assert differ == []
    assert set(ours) == {"same-origin", "same-site", "cross-site"}
    assert [not is_public_suffix(d) for d in DOMAINS] == theirs["shared"]
