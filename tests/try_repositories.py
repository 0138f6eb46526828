"""Try the template on clones of real repositories, each in a copy of its own.

    python tests/try_repositories.py CLONE...

A CLONE is a git work tree or a bare repository. On each: a copy with the defaults; the
edited files still parse, what they import still resolves, nothing but planned files has
changed and no line is lost; a second copy changes nothing; an undo restores the exact
tree. Prints a line a repository; exit 1 if any of it did not hold. Where discovery is
ambiguous the refusal is the right answer, and the first candidate is tried then.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from copier_better_auth.answers import ANSWERS_FILE, load_answers
from copier_better_auth.repository import Repository
from copier_better_auth.repository.modules import resolved_import
from copier_better_auth.repository.syntax import parse

sys.path.insert(0, str(Path(__file__).parent))
from support.copier_cli import COPIER, copy
from support.template import commit_all, git, make_template

AMBIGUOUS = re.compile(r"-d auth_backend_dir=(\S+) -d auth_app=(\S+)")


def main(clones: list[str]) -> int:
    """Try each, and say how it went."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder) / "template")
        for number, clone in enumerate(clones):
            name = Path(clone).resolve()
            project = Path(folder) / str(number)
            label = name.parent.name if name.name == "repo" else name.name
            command = ["git", "clone", "--quiet", clone, str(project)]
            if subprocess.run(command, check=False, capture_output=True).returncode:
                print(f"skip {label}: cannot be checked out whole")
                continue
            problems, said = tried(template, project)
            failed += bool(problems)
            print(f"{'FAIL' if problems else 'ok':<5}{label}: {said}")
            for problem in problems:
                print(f"     {problem}")
    return 1 if failed else 0


def tried(template: Path, project: Path) -> tuple[list[str], str]:
    """Return what did not hold, and a word on what was done."""
    commit_all(project, "as it was")
    before = git(project, "ls-files", "--stage")
    options: list[str] = []
    result = copy(template, project)
    if ambiguous := AMBIGUOUS.search(result.stderr):
        options = ["-d", f"auth_backend_dir={ambiguous[1]}"]
        options += ["-d", f"auth_app={ambiguous[2]}"]
        result = copy(template, project, *options)
    if result.returncode:
        return [result.stderr.strip()[-300:]], "not copied"
    problems = [*unparsed(project), *unresolved(project), *lost_lines(project)]
    edited = git(project, "diff", "--name-only").split()
    by_hand = len(re.findall(r"(?m)^By hand", result.stdout))
    first = git(project, "stash", "create") or "nothing"
    commit_all(project, "copied")
    again = copy(template, project, *options)
    if again.returncode or git(project, "status", "--porcelain"):
        problems.append(f"a second copy changes something: {again.stderr[-200:]}")
    git(project, "reset", "--quiet", "--soft", "HEAD~1")
    git(project, "reset", "--quiet")
    command = [str(COPIER.with_name("copier-better-auth")), "undo", "--yes"]
    undone = subprocess.run(
        command, cwd=project, check=False, capture_output=True, text=True
    )
    git(project, "add", "--all")
    if undone.returncode or git(project, "ls-files", "--stage") != before:
        problems.append(f"undo left something: {undone.stderr} ({first.strip()})")
    asked = "ambiguous, first candidate; " if options else ""
    return problems, f"{asked}edited {', '.join(edited)}; {by_hand} by hand"


def unparsed(project: Path) -> list[str]:
    """Name the edited modules that parsed before and do not now."""
    found: list[str] = []
    for name in git(project, "diff", "--name-only", "--", "*.py").split():
        was = parse(git(project, "show", f"HEAD:{name}").encode()).has_errors
        if parse((project / name).read_bytes()).has_errors and not was:
            found.append(f"{name} does not parse")
    return found


def unresolved(project: Path) -> list[str]:
    """Name the imports of edited modules that lead nowhere and led somewhere before."""
    answers = load_answers(project / ANSWERS_FILE)
    root, repository = answers.auth_import_root, Repository(project)
    tops = {name.partition("/")[0] for name in repository.files}
    found: list[str] = []
    for name in git(project, "diff", "--name-only", "--", "*.py").split():
        before = git(project, "show", f"HEAD:{name}")
        for one in parse((project / name).read_bytes()).imports:
            if resolved_import(repository, root, name, one):
                continue
            ours = one.module.startswith(answers.package_module)
            if ours or (one.module not in before and one.module in tops):
                found.append(f"{name} imports {one.module}.{one.name} from nowhere")
    return found


def lost_lines(project: Path) -> list[str]:
    """Name the files that lost a line beyond those in which something was inserted."""
    found: list[str] = []
    for name in git(project, "diff", "--name-only").split():
        old = git(project, "show", f"HEAD:{name}")
        new = iter((project / name).read_bytes().decode("utf-8", "replace"))
        if not all(character in new for character in old.replace("\r\n", "\n")):
            found.append(f"{name} lost text")
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
