"""Whether the answers fit one another, the repository, and an earlier run there.

Asked once, after the last question and before the first write; each function raises
an ``AnswerError`` of one line that says what to type, and changes nothing.
"""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..answers import rules
from ..discovery.suggestions import suggestions
from ..errors import AnswerError
from ..fastapi_code.auth_package import is_auth_package
from ..fastapi_code.modules import module_path
from ..rendering.owned_files import renamed_folders, unsafe_entries
from ..repository.nested import within_nested
from .old_packages import refuse_pydantic_1
from .old_python import refuse_old_python
from .people_in_reach import refuse_people_out_of_reach
from .preflight import inside_of

if TYPE_CHECKING:
    from pathlib import Path

    from ..answers import Answers
    from ..model import Facts
    from ..repository import Repository
    from ..workspace.paths import Tree

# A module can also be given names in ways that no reading of its text shows.
_OPAQUE = re.compile(r"import \*|\b(globals|__getattr__)\b")


def refuse_renamed_folders(
    root: Path, before: Answers, now: Answers, facts: Facts, update: str
) -> None:
    """Refuse to render into folders that are gone, and are there under other names."""
    if renamed := renamed_folders(root, before, now, facts):
        gone = next(iter(renamed))
        given = " ".join(f"-d {name}={value}" for name, value in renamed.items())
        message = (
            f"{gone}: {getattr(now, gone)} is not here any more; "
            f"if it was renamed: {update} {given}"
        )
        raise AnswerError(message)


def refuse_second_copy(
    before: Answers, now: Answers, commits: tuple[object, object], update: str
) -> None:
    """Refuse what a copy would change of an earlier one; ``update`` does that."""
    for question in rules.RULES:
        old, new = (getattr(answers, question) for answers in (before, now))
        if old != new and question not in rules.MAY_CHANGE:
            message = (
                f"{question}: the copy that is here was made with {_spelt(old)}; "
                f"to change that: {update} -d {question}={_spelt(new)}"
            )
            raise AnswerError(message)
    made, given = commits
    if made not in {None, given}:
        message = (
            f"the copy that is here was made with {made} of the template; "
            f"to move it to {given}: {update}"
        )
        raise AnswerError(message)


def refuse_misfits(
    repository: Repository, before: Answers | None, now: Answers, facts: Facts
) -> None:
    """Refuse folders in each other's way, and an application that is not there.

    What an earlier run was given, ``before``, is not held against a later one.
    """
    _refuse_overlaps(now)
    _refuse_nested(repository, now)
    changed = [
        question
        for question in type(now).model_fields
        if before is None or getattr(before, question) != getattr(now, question)
    ]
    if {"auth_existing_users", "auth_existing_users_table"} & {*changed}:
        refuse_people_out_of_reach(now)
    if "auth_package_dir" in changed or "auth_import_root" in changed:
        _refuse_package_out_of_reach(now)
    if before is None:
        _refuse_projects_that_cannot_have_it(repository, now, facts)
    if now.auth_new_project:
        if "auth_app" in changed:
            _refuse_new_factory(now)
    else:
        _refuse_other_host(repository, {*changed}, now, facts)
    if "auth_server_dir" in changed:
        _refuse_taken_server(repository, now, facts)
    if "auth_package_dir" in changed:
        _refuse_taken_package(repository, now, facts)


def _refuse_other_host(
    repository: Repository, changed: set[str], now: Answers, facts: Facts
) -> None:
    """Refuse what the user's application and its database cannot be."""
    if "auth_backend_dir" in changed:
        _refuse_missing_backend(repository, now, facts)
    if {"auth_app", "auth_import_root"} & changed:
        _refuse_missing_application(repository, now, facts)
    if "auth_database_symbol" in changed:
        _refuse_missing_symbol(repository, now)
    if "auth_database_layer" in changed:
        _refuse_another_schema(now, facts)


def refuse_links(tree: Tree, now: Answers, *, is_first: bool) -> None:
    """Refuse folders to render into that are links, or hold links that lead out.

    Copier follows them, out of the repository or into git's own folder. ``is_first``
    says that no earlier run was here: then no folder of ours is a link for a reason.
    """
    questions = ["auth_server_dir", "auth_package_dir"]
    if now.auth_new_project:
        questions.append("auth_backend_dir")
    for question in questions:
        folder = PurePosixPath(getattr(now, question))
        for path in (*reversed(folder.parents), folder):
            if path.name and tree.is_link(str(path)):
                message = f"{question}: {path} is a link; give the folder itself"
                raise AnswerError(message)
        is_new = is_first and question != "auth_backend_dir"
        for entry in unsafe_entries(tree, str(folder), is_new=is_new):
            message = (
                f"{question}: {entry} is a link, or no regular file, where files are "
                "to be written; remove it"
            )
            raise AnswerError(message)


def _refuse_overlaps(now: Answers) -> None:
    """Each folder of ours is its own, and neither holds the application."""
    module = PurePosixPath(now.auth_import_root, *now.app_module.split("."))
    folders = {
        question: PurePosixPath(getattr(now, question))
        for question in ("auth_server_dir", "auth_package_dir", "auth_backend_dir")
    }
    for question in ("auth_server_dir", "auth_package_dir"):
        if module.is_relative_to(folders[question]):
            message = (
                f"{question}: {folders[question]} holds the application itself "
                f"({now.auth_app}); give a new folder"
            )
            raise AnswerError(message)
    for one, other in permutations(folders, 2):
        within = folders[one].is_relative_to(folders[other])
        lies = "is" if folders[one] == folders[other] else "lies in"
        if within and (lies == "is" or other != "auth_backend_dir"):
            message = (
                f"{one}: {folders[one]} {lies} {other} ({folders[other]}); "
                "give each its own folder"
            )
            raise AnswerError(message)


def _refuse_nested(repository: Repository, now: Answers) -> None:
    """Refuse folders of another git repository: its history has none of this one."""
    for question in ("auth_backend_dir", "auth_package_dir", "auth_server_dir"):
        chosen = getattr(now, question)
        if folder := within_nested(repository, chosen):
            why = f"{question} ({chosen}) is in it"
            raise AnswerError(inside_of(folder, why))


def _refuse_package_out_of_reach(now: Answers) -> None:
    """Refuse a package that the application could not import."""
    root, package = now.auth_import_root, PurePosixPath(now.auth_package_dir)
    below = package.is_relative_to(root)
    parts = package.relative_to(root).parts if below else ()
    if not parts or not all(part.isidentifier() for part in parts):
        example = PurePosixPath(root, *now.app_module.split(".")[:-1], "auth")
        message = (
            f"auth_package_dir: {package} cannot be imported by {now.app_module}, "
            f"which is imported from {root}; for example {example}"
        )
        raise AnswerError(message)


def _refuse_projects_that_cannot_have_it(
    repository: Repository, now: Answers, facts: Facts
) -> None:
    """Refuse what runs on pydantic 1 or an old Python, and what cannot be imported.

    A new one is made next to such an application if its folder is named.
    """
    if not now.auth_new_project:
        refuse_old_python(repository, now.auth_backend_dir, facts)
        refuse_pydantic_1(repository, now, facts)
        return
    suggested = suggestions(facts, repository)["auth_backend_dir"]
    if facts.app_module.problem and now.auth_backend_dir == suggested:
        message = (
            f"auth_app: {facts.app_module.problem}; make it at the top of a module, or "
            "in a function that returns it (a new application next to it: "
            "-d auth_backend_dir=FOLDER)"
        )
        raise AnswerError(message)


def _refuse_new_factory(now: Answers) -> None:
    """Refuse to name what a new project's application cannot be: it is a variable."""
    module, _, attribute = now.auth_app.partition(":")
    if not attribute.isidentifier():
        name = re.findall(r"\w+", attribute)[-1].removeprefix("create_")
        message = (
            f"auth_app: a new project's application is a plain one, not {attribute}; "
            f"for example -d auth_app={module}:{name}"
        )
        raise AnswerError(message)


def _refuse_missing_backend(repository: Repository, now: Answers, facts: Facts) -> None:
    """Refuse to start an application that exists from a folder that does not."""
    if not (repository.root / now.auth_backend_dir).is_dir():
        message = f"auth_backend_dir: there is no folder {now.auth_backend_dir}"
        raise AnswerError(message + _found(facts))


def _refuse_missing_application(
    repository: Repository, now: Answers, facts: Facts
) -> None:
    """Refuse an application that is not there: nothing could be connected with it."""
    root = now.auth_import_root
    module = module_path(repository.root, root, now.app_module)
    if module is None:
        message = f"auth_app: there is no module {now.app_module} below {root}"
    elif not _may_bind(repository, module, now.app_attribute):
        message = f"auth_app: {module} has no {now.app_attribute}"
    else:
        return
    raise AnswerError(message + _found(facts))


def _refuse_missing_symbol(repository: Repository, now: Answers) -> None:
    """Refuse what FastAPI would fail to import, where it is the project's own."""
    dotted, _, name = now.auth_database_symbol.partition(":")
    root = now.auth_import_root
    top = PurePosixPath(root, dotted.partition(".")[0])
    if not dotted or not (repository.root / top).is_dir():
        return  # of an installed package, perhaps
    module = module_path(repository.root, root, dotted)
    if module is None:
        message = f"auth_database_symbol: there is no module {dotted} below {root}"
    elif not _may_bind(repository, module, name):
        message = f"auth_database_symbol: {module} has no {name}"
    else:
        return
    message += "; an empty one lets the auth package make its own"
    raise AnswerError(message)


def _refuse_another_schema(now: Answers, facts: Facts) -> None:
    """Refuse a database whose tables the auth server would look for in vain."""
    if now.auth_database_layer == "none" or facts.table_schema.value is None:
        return
    place = facts.table_schema.evidence[0]
    message = (
        f"auth_database_layer: {place}, where the auth server would not find its own; "
        "give the auth tables their own database: "
        "-d auth_database_layer=none -d auth_database_provider=embedded"
    )
    raise AnswerError(message)


def _refuse_taken_server(repository: Repository, now: Answers, facts: Facts) -> None:
    """Refuse a file, and a Node project that is no auth server."""
    folder = now.auth_server_dir
    _refuse_file(repository.root, "auth_server_dir", folder)
    taken = (repository.root / folder / "package.json").exists()
    if taken and folder == facts.separate_better_auth.value:
        where = facts.separate_better_auth.evidence[0].path
        message = (
            f"auth_server_dir: the better-auth of {where} is part of {folder}, and "
            "cannot be extended; give a new folder, for example auth-server"
        )
        raise AnswerError(message)
    if taken and folder != facts.auth_server_dir.value:
        message = (
            f"auth_server_dir: {folder} holds its own Node project; "
            "give a new folder, for example auth-server"
        )
        raise AnswerError(message)


def _refuse_taken_package(repository: Repository, now: Answers, facts: Facts) -> None:
    """Refuse a file, a module of that name, and a package of the user's own."""
    package = now.auth_package_dir
    _refuse_file(repository.root, "auth_package_dir", package)
    folder = repository.root / package
    if folder.with_name(f"{folder.name}.py").exists():
        taken = f"{package}.py is a module of that name"
    elif any(folder.glob("*.py")) and not is_auth_package(repository, package):
        taken = f"{package} holds modules of its own"
    else:
        return
    free = suggestions(facts, repository, now.auth_backend_dir, now.auth_app)
    message = (
        f"auth_package_dir: {taken}; "
        f"give a new folder, for example {free['auth_package_dir']}"
    )
    raise AnswerError(message)


def _refuse_file(root: Path, question: str, folder: str) -> None:
    """Refuse a folder whose name, or that of one above it, is a file's."""
    parts = PurePosixPath(folder).parts
    for length in range(1, len(parts) + 1):
        path = PurePosixPath(*parts[:length])
        if (root / path).exists() and not (root / path).is_dir():
            message = f"{question}: {path} is a file; give a new folder"
            raise AnswerError(message)


def _may_bind(repository: Repository, module: str, attribute: str) -> bool:
    """Return True if a module may define a name; a huge or odd one may."""
    text = repository.text(module)
    if text is None or _OPAQUE.search(text):
        return True
    return re.search(rf"\b{re.escape(attribute.partition('.')[0])}\b", text) is not None


def _found(facts: Facts) -> str:
    """Return what to type for the applications that are there."""
    if not facts.app_module.value:
        return ""
    call = "()" if facts.factory.value else ""
    return (
        f"; found: -d auth_backend_dir={facts.backend_dir.value} "
        f"-d auth_app={facts.app_module.value}:{facts.app_attr.value}{call}"
    )


def _spelt(answer: object) -> str:
    """Write an answer as ``-d`` takes it."""
    if isinstance(answer, tuple):
        return f"'[{', '.join(map(str, answer))}]'"  # pyright: ignore[reportUnknownArgumentType]
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
