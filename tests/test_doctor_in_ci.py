"""The doctor's results for pipelines: their formats, what is ignored, exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.model import CheckResult, Evidence, Finding, Status
from copier_better_auth.report.result_formats import render_as
from sarif_pydantic import Sarif
from support.copier_cli import COPIER
from support.repositories import flat
from support.template import ROOT, commit_all
from support.terminal import BASH

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

COMMAND = COPIER.with_name("copier-better-auth")
# What ends an annotation, and what a terminal obeys, in a name of the project's own.
HOSTILE = "a,b%3A::error::\x1b[2Jc.ts"


@pytest.fixture
def project(copies: Copies, tmp_path: Path) -> Path:
    """A small application with the template in it, and one fault that has a place."""
    copies.into(tmp_path, of=flat)
    health = tmp_path / "auth-server/src/health.ts"
    text = health.read_text()
    assert '"/healthz"' in text
    health.write_text(text.replace('"/healthz"', '"/healthz/:part?"'))
    return tmp_path


def doctor(
    project: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [COMMAND, "doctor", *options, project],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def found(project: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    done = doctor(project, "--format", "json", *options)
    return done.returncode, json.loads(done.stdout)["results"]


def test_a_result_says_where_it_is_and_where_it_is_explained(project: Path) -> None:
    """File and line of the worst problem; a page that is in the project."""
    code, (result,) = found(project, "--check", "BA002")
    assert code == 1
    assert result["file"] == "auth-server/src/health.ts"
    line = (project / result["file"]).read_text().splitlines()[result["line"] - 1]
    assert ":part?" in line
    page, _, anchor = result["documentation"].partition("#")
    titles = re.findall(r"(?m)^#+ (.+)$", (project / page).read_text())
    assert anchor in {re.sub(r"\W+", "-", title.lower()) for title in titles}
    finding, *_ = result["findings"]
    assert finding["places"][0]["line"] == result["line"]
    assert finding["status"] == "fail"


def test_the_page_is_on_the_web_where_the_template_is(project: Path) -> None:
    """An address that a browser opens, without anybody's password in it."""
    answers = project / ".copier-answers.better-auth.yml"
    text = answers.read_text()
    source = "https://me:secret@github.com/somebody/copier-better-auth.git"
    answers.write_text(re.sub(r"(?m)^_src_path: .*$", f"_src_path: {source}", text))
    _, (result,) = found(project, "--check", "BA002")
    page = "docs/reference/diagnostics/ba002.md"
    assert result["documentation"] == (
        f"https://github.com/somebody/copier-better-auth/blob/HEAD/{page}"
    )
    sarif = doctor(project, "--check", "BA002", "--format", "sarif").stdout
    assert result["documentation"] in sarif
    assert "secret@" not in sarif


def test_sarif(project: Path) -> None:
    """Valid, and its result points to the line; nothing for what passed."""
    done = doctor(project, "--format", "sarif")
    assert done.returncode == 1
    log = json.loads(done.stdout)
    Sarif.model_validate(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    assert {result["ruleId"] for result in run["results"]} <= set(rules)
    (route,) = (r for r in run["results"] if r["ruleId"] == "BA002")
    assert route["level"] == "error"
    place = route["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "auth-server/src/health.ts"
    assert place["region"]["startLine"] > 1


def test_annotations(project: Path) -> None:
    """One line each, as GitHub reads them; nothing else."""
    done = doctor(project, "--format", "github")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    (line,) = (line for line in lines if "BA002" in line)
    assert re.match(
        r"::error file=auth-server/src/health\.ts,line=\d+,title=BA002 route-order::",
        line,
    )
    assert "%0A" in line, "the remedy is a line of its own"
    assert all(re.match("::(error|warning) ", line) for line in lines)


def test_places_are_those_of_the_repository(copies: Copies, tmp_path: Path) -> None:
    """Where the project is a folder of it, GitHub looks from the top."""
    project = copies.into(tmp_path / "services/shop", of=flat)
    if (project / ".git").exists():
        shutil.rmtree(project / ".git")
    commit_all(tmp_path)
    health = project / "auth-server/src/health.ts"
    health.write_text(health.read_text().replace('"/healthz"', '"/healthz/:part?"'))
    lines = doctor(project, "--format", "github").stdout.splitlines()
    (line,) = (line for line in lines if "BA002" in line)
    assert line.startswith("::error file=services/shop/auth-server/src/health.ts,line=")
    sarif = doctor(project, "--format", "sarif", "--check", "BA002").stdout
    (result,) = json.loads(sarif)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "services/shop/auth-server/src/health.ts"


def test_code_scanning_gets_a_place_for_each_result() -> None:
    """Also for a diagnostic that crashed, and for a name that is no UTF-8."""
    odd = Evidence(path="a\udcff b.ts", line=3, why="is odd")
    results = (
        CheckResult(code="BA001", name="esm", status=Status.CRASH, message="failed"),
        CheckResult(
            code="BA002",
            name="route-order",
            status=Status.FAIL,
            message="wrong",
            findings=(Finding(message="wrong", evidence=(odd,)),),
        ),
    )
    log = json.loads(render_as("sarif", results, "."))
    Sarif.model_validate(log)
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
    ]
    assert uris == [ANSWERS_FILE, "a%FF%20b.ts"]


def test_a_name_cannot_end_an_annotation(project: Path) -> None:
    """Nor can it give a command of its own, or speak to a terminal."""
    broken = project / "auth-server/src" / HOSTILE
    broken.write_text('import x from "./absent";\nrequire("x");\n')
    done = doctor(project, "--format", "github")
    named = [line for line in done.stdout.splitlines() if "c.ts" in line]
    assert named, done.stdout
    for line in named:
        assert "file=auth-server/src/a%2Cb%253A%3A%3Aerror%3A%3A" in line
    assert "\x1b" not in done.stdout
    junit = doctor(project, "--format", "junit").stdout
    ET.fromstring(junit)  # noqa: S314 - our own
    Sarif.model_validate_json(doctor(project, "--format", "sarif").stdout)


def test_junit(project: Path) -> None:
    """A test for each diagnostic, and the failures counted as they are."""
    suite = ET.fromstring(doctor(project, "--format", "junit").stdout)  # noqa: S314 - our own
    _, results = found(project)
    assert [case.get("name") for case in suite] == [
        f"{r['code']} {r['name']}" for r in results
    ]
    assert int(suite.get("tests", "")) == len(results)
    failing = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failing == [
        f"{r['code']} {r['name']}" for r in results if r["status"] == "fail"
    ]
    assert int(suite.get("failures", "")) == len(failing) > 0


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit"])
def test_only_problems(project: Path, form: str) -> None:
    """What passed is left out, in each format, and the exit code stays."""
    done = doctor(project, "--only-problems", "--format", form)
    assert done.returncode == 1
    assert "BA002" in done.stdout
    assert "BA001" not in done.stdout


def test_ignored_on_the_command_line(project: Path) -> None:
    """It is a skip with its reason, fails nothing, and is not repaired."""
    code, results = found(project, "--ignore", "BA002")
    (route,) = (r for r in results if r["code"] == "BA002")
    assert code == 0
    assert (route["status"], route["message"]) == ("skip", "ignored: by --ignore")


def test_ignored_for_good(project: Path) -> None:
    """With its reason in pyproject.toml; neither found nor fixed."""
    manifest = project / "auth-server/package.json"
    manifest.write_text(manifest.read_text().replace('"type": "module",', ""))
    kept = manifest.read_text()
    _ignore(project, 'BA001 = "built elsewhere"\nBA002 = "known"')
    code, results = found(project, "--fix")
    assert code == 0
    said = {r["code"]: r["message"] for r in results if r["status"] == "skip"}
    assert said["BA001"] == "ignored: built elsewhere"
    assert said["BA002"] == "ignored: known"
    assert manifest.read_text() == kept


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('BA999 = "why"', "there is no such diagnostic; one of BA001"),
        ("BA002 = true", 'BA002 needs a reason: BA002 = "why"'),
        ('BA002 = " "', 'BA002 needs a reason: BA002 = "why"'),
    ],
)
def test_a_table_that_cannot_be_meant(project: Path, table: str, said: str) -> None:
    """One line, wrong usage; nothing is ignored by mistake."""
    _ignore(project, table)
    done = doctor(project)
    assert done.returncode == 2
    assert done.stderr.startswith("pyproject.toml: [tool.copier-better-auth.ignore] ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_ignored_must_exist(project: Path) -> None:
    """A mistyped code would hide nothing, and is said."""
    done = doctor(project, "--ignore", "BA02")
    assert done.returncode == 2
    assert "--ignore BA02: there is no such diagnostic" in done.stderr


def test_a_difference_is_for_people(project: Path) -> None:
    """It has no format of its own."""
    done = doctor(project, "--diff", "--format", "sarif")
    assert done.returncode == 2
    assert "--diff is for people" in done.stderr


def _heeds_ctrl_c() -> None:
    """Undo what a shell does to a job in the background, which these tests may be."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_stopped() -> None:
    """Ctrl-C ends with the code that shells know, in one line."""
    with subprocess.Popen(
        [COMMAND, "explain", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_heeds_ctrl_c,  # noqa: PLW1509 - no thread is started before
    ) as process:
        assert process.stdin is not None
        # More than a pipe holds: it is written once the command reads.
        process.stdin.write(b"a line of a log\n" * 10_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == b"stopped\n"


def test_colours_where_they_are_forced(project: Path) -> None:
    """A CI service shows colours although it is no terminal."""
    options = ("--check", "BA001")
    forced = {"FORCE_COLOR": "1", "PYTHONIOENCODING": "utf-8", "NO_COLOR": ""}
    assert "\x1b[32m" in doctor(project, *options, **forced).stdout
    refused = {**forced, "NO_COLOR": "1"}
    assert "\x1b" not in doctor(project, *options, **refused).stdout


def _ignore(project: Path, table: str) -> None:
    manifest = project / "pyproject.toml"
    before = manifest.read_text() if manifest.exists() else ""
    manifest.write_text(f"{before}\n[tool.copier-better-auth.ignore]\n{table}\n")


def test_what_the_guide_shows_is_there(project: Path) -> None:
    """Its inputs are the action's, its hook is one, and its table ignores."""
    guide = (ROOT / "docs/how-to/ci.md").read_text()
    blocks = re.findall(r"(?ms)^```(?:yaml|toml)\n(.*?)^```$", guide)
    step, table, hooks = blocks
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert yaml.safe_load(step)[0]["with"].keys() == action["inputs"].keys()
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (shown,) = yaml.safe_load(hooks)["repos"][0]["hooks"]
    assert shown["id"] in {hook["id"] for hook in offered}
    _ignore(project, table.partition("\n")[2])
    _, (result,) = found(project, "--check", "BA012")
    assert result["message"] == "ignored: the secret is the vault's"


@pytest.fixture
def sources(template: Path, tmp_path: Path) -> Path:
    """The template as a checkout of its own: what is built there leaves files."""
    folder = tmp_path / "sources"
    subprocess.run(["git", "clone", "--quiet", template, folder], check=True)  # noqa: S607
    return folder


def test_the_action_is_one() -> None:
    """GitHub's own schema of an action accepts it."""
    check = [COMMAND.with_name("check-jsonschema"), ROOT / "action.yml"]
    schema = ("--builtin-schema", "vendor.github-actions")
    done = subprocess.run(
        [*check, *schema], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_step_of_the_action(project: Path, sources: Path, tmp_path: Path) -> None:
    """With GitHub's variables: annotations, a summary, the exit code, no word more."""
    (project / "auth-server/.env").unlink()
    step = yaml.safe_load((sources / "action.yml").read_text())["runs"]["steps"][0]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {
        **os.environ,
        "GITHUB_ACTION_PATH": str(sources),
        "RUNNER_TEMP": str(temporary),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "PROJECT": ".",
    }
    for ignored, code in (("", 1), ("BA002 BA011", 0)):
        done = subprocess.run(
            [BASH, "-euc", step["run"]],
            cwd=project,
            env={**environment, "IGNORED": ignored},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stderr == ""
        assert ("::error file=auth-server/src/health.ts" in done.stdout) == bool(code)
    summary = (temporary / "summary.md").read_text()
    assert "    FAIL  BA002 route-order" in summary
    assert not (project / "auth-server/.env").exists()
    # What was committed is what is judged: nothing is repaired before it is seen.
    config = project / "auth-server/src/auth/auth.config.ts"
    secret = f'secret: "{"Zk3" * 12}"'
    text = config.read_text()
    config.write_text(text.replace("secret: env.BETTER_AUTH_SECRET", secret))
    assert secret in config.read_text()
    done = subprocess.run(
        [BASH, "-euc", step["run"]],
        cwd=project,
        env={**environment, "IGNORED": "BA002"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "title=BA012 secret-hygiene::" in done.stdout
    assert "Zk3" not in done.stdout


def test_the_hook_of_pre_commit(project: Path, sources: Path) -> None:
    """As pre-commit runs it: the fault stops a commit, and is named."""
    commit_all(project)
    done = subprocess.run(
        [
            *(COMMAND.with_name("pre-commit"), "try-repo", sources),
            *("copier-better-auth-doctor", "--all-files"),
        ],
        cwd=project,
        env={**os.environ, "PRE_COMMIT_HOME": str(sources.parent / "pre-commit")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BA002 route-order" in done.stdout
    assert "BA001" not in done.stdout
