"""Python names that follow from the answers, for templates and for edits."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath


def package_module(import_root: str, package_dir: str) -> str:
    """Return the dotted path that a package folder is imported by: ``app.auth``.

    ``import_root`` is the folder that is on ``sys.path``; both are relative to the
    repository. A folder outside of it keeps its whole path.
    """
    package = PurePosixPath(package_dir)
    if package.is_relative_to(import_root):
        package = package.relative_to(import_root)
    return ".".join(package.parts)


def requirement(source: str) -> str:
    """Return what ``uvx --with`` takes for a template's source as a person typed it."""
    for short, host in (("gh:", "github.com"), ("gl:", "gitlab.com")):
        if source.startswith(short):
            return f"git+https://{host}/{source.removeprefix(short)}"
    if source.startswith("git@"):
        host, _, path = source.removeprefix("git@").partition(":")
        return f"git+ssh://git@{host}/{path}"
    return f"git+{source}" if "://" in source and source[:4] != "git+" else source


def app_folder(import_root: str, app: str) -> str:
    """Return the folder that holds the application's module: ``backend/app``."""
    parents = app.partition(":")[0].split(".")[:-1]
    return str(PurePosixPath(import_root, *parents))


def uvicorn_dir(import_root: str, backend_dir: str) -> str:
    """Return what ``uvicorn --app-dir`` takes from the backend: ``src``, ``..``, ""."""
    inner = posixpath.relpath(import_root, backend_dir)
    return "" if inner == "." else inner


def watched_dir(
    import_root: str, backend_dir: str, package_dir: str, app: str, *, new_project: bool
) -> str:
    """Return what ``uvicorn --reload-dir`` takes, or "" for the backend's folder.

    Without watchfiles, uvicorn looks at each ``*.py`` below it four times a second,
    those of a virtual environment too. So it is the folder that all imports are from,
    or a new project's one package; elsewhere there may be other packages beside it.
    """
    source = uvicorn_dir(import_root, backend_dir)
    package, dot, _ = app.partition(":")[0].partition(".")
    watched = source or (package if dot and new_project else "")
    whole = PurePosixPath(package_dir).is_relative_to(f"{backend_dir}/{watched}")
    return watched if whole else ""


def app_file_name(app: str) -> str:
    """Return the name of the application's module without its ending: ``main``."""
    return app.partition(":")[0].rpartition(".")[2]


def package_prefix(app: str) -> str:
    """Return what absolute imports of the app's siblings begin with: ``app.``."""
    package, dot, _ = app.partition(":")[0].rpartition(".")
    return package + dot


def place(folder: str) -> str:
    """Say in Markdown where a file is: a folder, or the root, which has no name."""
    return "the repository's root" if folder == "." else f"`{folder}/`"


def to_root(folder: str) -> str:
    """Return the way from a folder up to the repository's root: ``../../``.

    Joined to a path it never fails: above a file system's root is that root again.
    """
    return "../" * len(PurePosixPath(folder).parts)
