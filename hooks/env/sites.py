"""Origins and sites, as browsers tell them apart when they decide about a cookie.

A site is the scheme and the registrable domain: what is below a public suffix.
The list of them comes with the package and is never fetched; ``vercel.app`` and the
like are on it, so that below them each name is its own site.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from .origins import origin_of


class Relation(StrEnum):
    """How two origins stand to each other."""

    SAME_ORIGIN = "same-origin"
    SAME_SITE = "same-site"
    CROSS_SITE = "cross-site"


def relation(one: str, other: str) -> Relation:
    """Compare two origins as a browser does; ports do not make a site."""
    if origin_of(one) == origin_of(other):
        return Relation.SAME_ORIGIN
    # One host with two ports is the common case, and needs no list of suffixes.
    same = _host(one) == _host(other) or _site(one) == _site(other)
    return Relation.SAME_SITE if same else Relation.CROSS_SITE


def is_local(url: str) -> bool:
    """Return True if a URL is of the developer's own machine."""
    host = urlsplit(url.strip()).hostname or ""
    return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)


def is_public_suffix(domain: str) -> bool:
    """Return True if browsers refuse cookies for ``domain``: a public suffix."""
    name = domain.strip().lstrip(".").lower()
    return _suffixes().is_public(name)


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url.strip())
    return parts.scheme.lower(), parts.hostname or ""


def _site(url: str) -> tuple[str, str]:
    scheme, host = _host(url)
    return scheme, registrable_domain(host)


def registrable_domain(host: str) -> str:
    """Return the registered domain of a host; the host itself where there is none."""
    if _is_address(host):
        return host
    return _suffixes().privatesuffix(host.lower()) or host.lower()


@lru_cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
