"""The settings under which git is run: without colours and without programs.

They are given as variables, which come last and so are stronger than any file, and
reach the git of every process below.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SETTINGS = {
    # Programs that a repository, or a folder of hooks, would have started.
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "maintenance.auto": "false",
    # What is seen as changed.
    "core.untrackedCache": "false",
    "diff.ignoreSubmodules": "all",
    "submodule.recurse": "false",
    # What is printed.
    "color.diff": "false",
    "color.status": "false",
    "color.ui": "false",
    "core.bigFileThreshold": "512m",
    "core.quotePath": "true",
    "diff.dstPrefix": "b/",
    "diff.mnemonicPrefix": "false",
    "diff.noprefix": "false",
    "diff.relative": "false",
    "diff.srcPrefix": "a/",
    "diff.suppressBlankEmpty": "false",
    "status.branch": "false",
    "status.relativePaths": "false",
    "status.renames": "false",
    "status.short": "false",
    "status.showStash": "false",
    "status.showUntrackedFiles": "normal",
    # What is accepted.
    "apply.ignoreWhitespace": "no",
    "apply.whitespace": "nowarn",
    "commit.gpgSign": "false",
    "core.safecrlf": "false",
}
# Variables that lead to another repository, or change what is printed.
REDIRECTING = frozenset(
    {"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_ATTR_SOURCE", "GIT_COMMON_DIR"}
    | {"GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_DIFF_OPTS", "GIT_DIR"}
    | {"GIT_DEFAULT_HASH", "GIT_EXTERNAL_DIFF", "GIT_GLOB_PATHSPECS"}
    | {"GIT_GRAFT_FILE", "GIT_ICASE_PATHSPECS", "GIT_INDEX_FILE"}
    | {"GIT_LITERAL_PATHSPECS", "GIT_NAMESPACE", "GIT_NOGLOB_PATHSPECS"}
    | {"GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE"}
    | {"GIT_SHALLOW_FILE", "GIT_TEMPLATE_DIR", "GIT_WORK_TREE"}
)
_COUNT = "GIT_CONFIG_COUNT"
# Who may name a program: the machine's owner, and the user who starts us.
_TRUSTED = frozenset({"system", "global", "command"})
_FILTERS = ("clean", "smudge", "process", "required")


def pinned(variables: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Return git's ``variables`` with our settings, and ``more``, after the user's."""
    found = {k: v for k, v in variables.items() if k not in REDIRECTING}
    count = int(found.get(_COUNT, "") or 0) if found.get(_COUNT, "0").isdigit() else 0
    settings = {**_SETTINGS, **more}
    for number, (name, value) in enumerate(settings.items(), count):
        found[f"GIT_CONFIG_KEY_{number}"] = name
        found[f"GIT_CONFIG_VALUE_{number}"] = value
    found[_COUNT] = str(count + len(settings))
    found["GIT_ATTR_NOSYSTEM"] = "1"
    return found


def without_programs(listed: bytes) -> dict[str, str]:
    """Return settings that take back the programs which a repository's own name.

    ``listed`` is what ``git config --list --show-scope -z`` prints. A filter that the
    user has configured for all repositories counts again; any other does nothing. In
    submodules, whose configuration is another, git does not look for changes.
    """
    trusted: dict[str, str] = {}
    own: set[str] = set()
    for scope, name, value in _entries(listed):
        kind, _, last = name.rpartition(".")
        if kind.startswith("submodule."):
            own.add(f"{kind}.ignore")
        elif kind.startswith("filter.") and last in _FILTERS:
            if scope in _TRUSTED:
                trusted[name] = value
            else:
                own.add(name)
    return {
        name: "all"
        if name.startswith("submodule.")
        else trusted.get(name, "false" if name.endswith(".required") else "")
        for name in sorted(own)
    }


def _entries(listed: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield scope, name and value of each setting."""
    words = os.fsdecode(listed).split("\0")
    for scope, setting in zip(words[::2], words[1::2], strict=False):
        name, _, value = setting.partition("\n")
        yield scope, name, value
