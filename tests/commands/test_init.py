"""`cdk-guardrails init`: only what is missing is written, after it was shown, and what is there stays as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdk_guardrails import cli
from cdk_guardrails.settings import Settings
from cdk_guardrails.starter.settings_part import SETTINGS

APP = "import aws_cdk as cdk\n\napp = cdk.App()\ncdk.Stack(app, 'Shop')\napp.synth()\n"
WORKFLOW = ".github/workflows/cdk-guardrails.yml"
HOOKS = ".pre-commit-config.yaml"

PRE_COMMIT = """\
# What we run
repos:
- repo: https://github.com/astral-sh/ruff-pre-commit   # the linter
  rev: 'v0.12.0'
  hooks: [{id: ruff}]
"""

Write = Callable[..., Path]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with the plainest of apps."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def init(folder: Path, *options: str) -> int:
    return cli.main(["init", str(folder), *options])


def workflow(repo: Path) -> dict[str, Any]:
    """The one job of the workflow."""
    jobs: dict[str, dict[str, Any]] = yaml.safe_load((repo / WORKFLOW).read_text())["jobs"]
    assert list(jobs) == ["synth"]
    return jobs["synth"]


AT_THE_TOP = ", with the imports at the top, so that findings name your lines:\n\n"
BEFORE_THE_SYNTH = "\nand before the App is synthesized:\n\n"


def commands(repo: Path) -> list[str]:
    return [step["run"].strip() for step in workflow(repo)["steps"] if "run" in step]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What stderr says, without the program's name."""
    return capsys.readouterr().err.replace("cdk-guardrails: ", "")


class TestAnEmptyRepository:
    def test_three_files_and_what_is_left_to_do(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = files(repo)
        assert init(repo, "--yes") == 0
        after = files(repo)
        assert sorted(after.keys() - before) == [WORKFLOW, HOOKS, "guardrails.toml"]
        assert before.items() <= after.items(), "nothing else changed"
        out, err = capsys.readouterr()
        assert err == f"cdk-guardrails: wrote guardrails.toml, {HOOKS}, {WORKFLOW}\n"
        assert out.endswith(
            f"\nAdd to app.py{AT_THE_TOP}"
            "    from cdk_guardrails import Guardrails\n"
            "\nand above `app.synth()`, which is line 5 now:\n\n"
            "    cdk.Aspects.of(app).add(Guardrails())\n\n"
            "\nRun `cdk synth`, then `cdk-guardrails baseline` for what is to be fixed later.\n"
        )

    def test_the_difference_makes_the_same_files(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repo / HOOKS).write_bytes(PRE_COMMIT.replace("\n", "\r\n").encode())
        (repo / "pyproject.toml").write_text("[project]\nname = 'shop'")
        assert init(repo, "--dry-run") == 0
        shown = capsys.readouterr().out.partition("\nAdd to")[0]
        patch = subprocess.run(
            ["git", "apply", "--verbose", "-"], cwd=repo, input=shown.encode(), capture_output=True, check=False
        )
        assert patch.returncode == 0, patch.stderr.decode()
        patched = files(repo)
        for path, text in ((HOOKS, PRE_COMMIT.replace("\n", "\r\n")), ("pyproject.toml", "[project]\nname = 'shop'")):
            (repo / path).write_bytes(text.encode())
        (repo / WORKFLOW).unlink()
        assert init(repo, "--yes") == 0
        assert files(repo) == patched

    def test_a_second_time_nothing_is_left(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert init(repo, "--yes") == 0
        before = files(repo)
        capsys.readouterr()
        assert init(repo, "--yes") == 0
        assert files(repo) == before
        out, err = capsys.readouterr()
        assert "+++" not in out
        assert err.splitlines() == [
            f"cdk-guardrails: settings: {repo / 'guardrails.toml'} is there, it stays as it is",
            f"cdk-guardrails: pre-commit hook: {repo / HOOKS} has one, it stays as it is",
            f"cdk-guardrails: GitHub Actions workflow: {repo / WORKFLOW} is there, it stays as it is",
        ]

    def test_without_a_version_control_system_its_folder_is_the_root(self, tmp_path: Path) -> None:
        (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
        # Above it is whatever holds temporary folders: only what git does not own is known here.
        assert init(tmp_path, "--yes") == 0
        assert (tmp_path / WORKFLOW).is_file()


class TestAsking:
    def test_a_dry_run_writes_nothing(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = files(repo)
        assert init(repo, "--dry-run") == 0
        assert files(repo) == before
        out, err = capsys.readouterr()
        assert err == ""
        assert [line for line in out.splitlines() if line.startswith("+++")] == [
            "+++ b/guardrails.toml",
            f"+++ b/{HOOKS}",
            f"+++ b/{WORKFLOW}",
        ]

    def test_nobody_to_ask(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = files(repo)
        assert init(repo) == 2
        assert files(repo) == before
        assert said(capsys) == (
            "error: nothing was written, since there is nobody to ask: say --yes, or --dry-run to look\n"
        )

    @pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False)])
    def test_the_answer_counts(
        self,
        repo: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        answer: str,
        written: bool,
    ) -> None:
        monkeypatch.setattr(sys, "stdin", _Terminal(answer))
        assert init(repo) == 0
        assert (repo / "guardrails.toml").exists() == written
        asked = f"cdk-guardrails: write guardrails.toml, {HOOKS}, {WORKFLOW}? [y/N] "
        ending = f"wrote guardrails.toml, {HOOKS}, {WORKFLOW}" if written else "nothing was written"
        assert capsys.readouterr().err == f"{asked}cdk-guardrails: {ending}\n"

    def test_what_changes_while_the_person_thinks_is_not_overwritten(
        self, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repo / HOOKS).write_text(PRE_COMMIT)
        monkeypatch.setattr(sys, "stdin", _Terminal("y\n", lambda: (repo / HOOKS).write_text("repos: [] # mine\n")))
        assert init(repo) == 2
        assert (repo / HOOKS).read_text() == "repos: [] # mine\n"
        assert not (repo / "guardrails.toml").exists()
        assert f"error: {repo / HOOKS}: it was changed meanwhile, so nothing was written; try again" in said(capsys)

    def test_a_full_disk_leaves_all_as_it_was(
        self, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repo / HOOKS).write_text(PRE_COMMIT)
        before, write_bytes = files(repo), Path.write_bytes

        def full(path: Path, data: Any) -> int:
            if "guardrails.toml" not in path.name:
                raise OSError(28, "No space left on device")
            return write_bytes(path, data)

        monkeypatch.setattr(Path, "write_bytes", full)
        assert init(repo, "--yes") == 2
        assert files(repo) == before
        assert said(capsys) == f"error: {repo}: cannot be written: No space left on device; nothing was changed\n"


class _Terminal:
    def __init__(self, answer: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.answer, self.meanwhile = answer, meanwhile

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        self.meanwhile()
        return self.answer


class TestSettings:
    def test_they_are_read(self, repo: Path) -> None:
        init(repo, "--yes")
        settings = Settings.load({}, None, repo)
        assert (settings.environment, settings.profile) == ("prod", "prod")
        assert (repo / "guardrails.toml").read_text() == SETTINGS.replace("@environment@", "prod")

    def test_another_environment(self, repo: Path) -> None:
        init(repo, "--yes", "--environment", "dev")
        assert Settings.load({}, None, repo).environment == "dev"

    def test_an_environment_that_is_no_name(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = files(repo)
        assert init(repo, "--yes", "--environment", 'dev"') == 2
        assert capsys.readouterr().err == (
            "cdk-guardrails: error: --environment: expected a name, such as dev, staging, prod, not 'dev\"'\n"
        )
        assert files(repo) == before

    @pytest.mark.parametrize("name", ["guardrails.toml", "pyproject.toml"])
    def test_what_stands_in_comments_is_right_too(self, repo: Path, name: str) -> None:
        if name == "pyproject.toml":
            (repo / name).write_text("[project]\nname = 'shop'\n")
        init(repo, "--yes")
        text = (repo / name).read_text()
        (repo / name).write_text(re.sub(r"(?m)^# (?=\[|[\w-]+ = )", "", text))
        settings = Settings.load({"environment": "dev"}, None, repo)
        assert settings.tags == {"Owner": "payments"}
        assert settings.rules["s3-versioning"].severity == "off"
        assert settings.rules["lambda-timeout"].options == {"max_seconds": 120}
        assert Settings.load({"environment": "qa"}, None, repo).profile == "staging"

    def test_a_pyproject_keeps_every_byte(self, repo: Path) -> None:
        own = "\ufeff# ours\r\n[project]\r\nname='shop'\r\n\r\n[tool.ruff]\r\nline-length=99".encode()
        (repo / "pyproject.toml").write_bytes(own)
        assert init(repo, "--yes") == 0
        text = (repo / "pyproject.toml").read_bytes()
        assert text.startswith(own + b"\r\n\r\n# Settings of cdk-guardrails.")
        assert text.count(b"\n") == text.count(b"\r\n")
        assert not (repo / "guardrails.toml").exists()

    @pytest.mark.parametrize("text", ["", "[tool.ruff]\n", "tool.ruff.line-length = 99\n"])
    def test_a_pyproject_of_other_tools(self, repo: Path, text: str) -> None:
        (repo / "pyproject.toml").write_text(text)
        assert init(repo, "--yes") == 0
        assert Settings.load({}, None, repo).environment == "prod"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[project\n", "expected TOML: "),
            ("tool = {ruff = {}}\n", "[tool.cdk-guardrails] cannot be added to it: make a guardrails.toml beside it"),
            (b"\xff\xfe", "expected UTF-8 text, byte 1 is something else"),
        ],
    )
    def test_a_pyproject_that_cannot_be_added_to(
        self, repo: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, message: str
    ) -> None:
        (repo / "pyproject.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        before = files(repo)
        assert init(repo, "--yes") == 2
        assert files(repo) == before
        assert said(capsys).startswith(f"error: {repo / 'pyproject.toml'}: {message}")

    def test_settings_further_up_count(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repo / "guardrails.toml").write_text('environment = "dev"\n')
        app = repo / "infra"
        app.mkdir()
        (app / "cdk.json").write_text('{"app": "python3 app.py"}')
        assert init(app, "--yes") == 0
        assert not (app / "guardrails.toml").exists()
        assert f"settings: {repo / 'guardrails.toml'} is there, it stays as it is\n" in said(capsys)


class TestThePreCommitHook:
    def test_a_new_file(self, repo: Path) -> None:
        init(repo, "--yes")
        assert (repo / HOOKS).read_text() == (
            "# Run once after cloning: pre-commit install\n"
            "repos:\n"
            "  - repo: local\n"
            "    hooks:\n"
            "      - id: cdk-guardrails-lint\n"
            "        name: cdk-guardrails lint\n"
            "        entry: cdk-guardrails lint .\n"
            "        language: system\n"
            "        types:\n"
            "          - python\n"
            "        pass_filenames: false\n"
        )

    def test_an_existing_file_keeps_every_line_and_its_style(self, repo: Path) -> None:
        (repo / HOOKS).write_text(PRE_COMMIT)
        init(repo, "--yes")
        text = (repo / HOOKS).read_text()
        assert text.startswith(PRE_COMMIT)
        assert text.removeprefix(PRE_COMMIT).splitlines()[:3] == [
            "- repo: local",
            "  hooks:",
            "  - id: cdk-guardrails-lint",
        ]
        assert [entry["repo"] for entry in yaml.safe_load(text)["repos"]][1:] == ["local"]

    @pytest.mark.parametrize("text", ["repos: []\n", "fail_fast: true\nrepos: [] # none yet\n", "", "\ufeff \n"])
    def test_without_a_hook_yet(self, repo: Path, text: str) -> None:
        (repo / HOOKS).write_text(text)
        assert init(repo, "--yes") == 0
        [entry] = yaml.safe_load((repo / HOOKS).read_text(encoding="utf-8-sig"))["repos"]
        assert entry["hooks"][0]["entry"] == "cdk-guardrails lint ."

    def test_one_that_is_there_in_any_form(self, repo: Path) -> None:
        text = (
            "repos:\n- {repo: local, hooks: [{id: g, name: g, entry: uv run cdk-guardrails lint, language: system}]}\n"
        )
        (repo / HOOKS).write_text(text)
        assert init(repo, "--yes") == 0
        assert (repo / HOOKS).read_text() == text

    def test_a_comment_is_no_hook(self, repo: Path) -> None:
        (repo / HOOKS).write_text("# cdk-guardrails some day\nrepos: []\n")
        assert init(repo, "--yes") == 0
        assert "cdk-guardrails-lint" in (repo / HOOKS).read_text()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("repos: [\n", ":2: expected YAML: while parsing a flow node"),
            ("- a\n", ": expected a mapping with a list 'repos', as pre-commit does"),
            ("repos: {}\n", ": expected a mapping with a list 'repos', as pre-commit does"),
            ("# nothing\n", ": expected a mapping with a list 'repos', as pre-commit does"),
            ("repos: []\n---\nrepos: []\n", ":2: expected one document, a second one begins here"),
        ],
    )
    def test_a_broken_file(self, repo: Path, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
        (repo / HOOKS).write_text(text)
        before = files(repo)
        assert init(repo, "--yes") == 2
        assert files(repo) == before, "not even what would have worked"
        assert said(capsys).startswith(f"error: {repo / HOOKS}{message}")


class TestTheWorkflow:
    def test_what_it_does(self, repo: Path) -> None:
        init(repo, "--yes")
        job = workflow(repo)
        assert job["permissions"] == {"contents": "read", "actions": "read", "security-events": "write"}
        steps = {step.get("name", step.get("uses", "")): step for step in job["steps"]}
        assert steps["Synthesize"]["run"] == "npx --yes aws-cdk@2 synth --quiet"
        render, upload = steps["Render the findings"], steps["Upload them to code scanning"]
        assert render["run"].startswith("cdk-guardrails report cdk.out --format sarif ")
        assert render["if"].startswith("${{ !cancelled() && "), "a synth that failed is the one that matters"
        assert upload["if"].startswith("${{ !cancelled() && ")
        assert upload["with"]["sarif_file"] == "guardrails.sarif"
        assert render["run"].endswith(" -o guardrails.sarif")

    def test_actions_are_pinned(self, repo: Path) -> None:
        init(repo, "--yes")
        uses = [step["uses"] for step in workflow(repo)["steps"] if "uses" in step]
        assert len(uses) == 4
        assert all(re.fullmatch(r"(actions|github)/[\w/-]+@v\d+", action) for action in uses)

    def test_what_it_runs_is_a_command_of_ours(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        init(repo, "--yes")
        capsys.readouterr()
        [line] = [line for line in commands(repo) if line.startswith("cdk-guardrails ")]
        assert cli.main([*line.split()[1:], "--help"]) == 0

    @pytest.mark.parametrize(
        ("file", "installed"),
        [
            (None, "python -m pip install cdk-guardrails"),
            ("requirements.txt", "python -m pip install -r requirements.txt cdk-guardrails"),
            ("pyproject.toml", "python -m pip install . cdk-guardrails"),
            (
                "uv.lock",
                (
                    "python -m pip install uv\nuv sync\nuv pip install cdk-guardrails\n"
                    'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'
                ),
            ),
            (
                "poetry.lock",
                (
                    "python -m pip install poetry\npoetry config virtualenvs.create false\n"
                    "poetry install --no-root\npython -m pip install cdk-guardrails"
                ),
            ),
            (
                "Pipfile.lock",
                "python -m pip install pipenv\npipenv install --system --deploy\npython -m pip install cdk-guardrails",
            ),
        ],
    )
    def test_how_libraries_are_installed(self, repo: Path, file: str | None, installed: str) -> None:
        if file:
            (repo / file).write_text("")
        init(repo, "--yes")
        assert commands(repo)[0] == installed

    def test_an_app_in_a_folder_of_the_repository(self, repo: Path) -> None:
        app = repo / "infra" / "shop.v2"
        app.mkdir(parents=True)
        (app / "cdk.json").write_text('{"app": "python3 app.py", "output": "build/out"}')
        assert init(app, "--yes") == 0
        assert (app / "guardrails.toml").is_file()
        job = workflow(repo)
        assert job["defaults"] == {"run": {"working-directory": "infra/shop.v2"}}
        assert commands(repo)[2].startswith("cdk-guardrails report build/out ")
        assert job["steps"][-1]["with"]["sarif_file"] == "infra/shop.v2/guardrails.sarif"
        assert "hashFiles('infra/shop.v2/build/out/guardrails-report.json')" in job["steps"][-2]["if"]
        hook = yaml.safe_load((repo / HOOKS).read_text())["repos"][0]["hooks"][0]
        assert hook["entry"] == "sh -c 'cd infra/shop.v2 && cdk-guardrails lint .'"
        assert hook["files"] == r"^infra/shop\.v2/"

    def test_any_workflow_that_runs_it_counts(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        ci = repo / ".github" / "workflows" / "ci.yaml"
        ci.parent.mkdir(parents=True)
        ci.write_text("jobs: {a: {steps: [{run: cdk-guardrails check cdk.out}]}}")
        assert init(repo, "--yes") == 0
        assert not (repo / WORKFLOW).exists()
        assert f"GitHub Actions workflow: {ci} is there, it stays as it is\n" in said(capsys)

    def test_gitlab(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repo / ".gitlab-ci.yml").write_text("")
        assert init(repo, "--yes") == 0
        assert not (repo / ".github").exists()
        assert "GitHub Actions workflow: not for a repository with .gitlab-ci.yml" in said(capsys)

    @pytest.mark.parametrize("folder", ["${{ secrets.KEY }}", "a b", "x'y", "-x"])
    def test_a_folder_whose_name_would_mean_something_else(
        self, repo: Path, capsys: pytest.CaptureFixture[str], folder: str
    ) -> None:
        app = repo / folder
        app.mkdir()
        (app / "cdk.json").write_text('{"app": "python3 app.py"}')
        assert init(app, "--yes") == 0
        assert not (repo / WORKFLOW).exists()
        assert f"write it by hand: '{folder}' is no plain path below the repository" in said(capsys)


class TestTheApp:
    @pytest.mark.parametrize(
        ("command", "file", "text", "shown"),
        [
            (
                ".venv/bin/python -u src/main.py --x",
                "src/main.py",
                "from aws_cdk import App\nshop = App()\nshop.synth()\n",
                (
                    f"Add to src/main.py{AT_THE_TOP}    from aws_cdk import Aspects\n"
                    "    from cdk_guardrails import Guardrails\n"
                    "\nand above `shop.synth()`, which is line 3 now:\n\n    Aspects.of(shop).add(Guardrails())\n"
                ),
            ),
            (
                "python -m shop.infra",
                "shop/infra/__main__.py",
                "import aws_cdk\nclass A:\n  def f(self):\n    self.app = aws_cdk.App()\n    self.app.synth()\n",
                (
                    f"Add to shop/infra/__main__.py{AT_THE_TOP}    from cdk_guardrails import Guardrails\n"
                    "\nand above `self.app.synth()`, which is line 5 now:\n\n"
                    "    aws_cdk.Aspects.of(self.app).add(Guardrails())\n"
                ),
            ),
            (
                "uv run python app.py",
                "app.py",
                "import shop\nshop.go()\n",
                (
                    f"Add to app.py{AT_THE_TOP}    from aws_cdk import Aspects\n"
                    "    from cdk_guardrails import Guardrails\n"
                    f"{BEFORE_THE_SYNTH}    Aspects.of(app).add(Guardrails())\n"
                ),
            ),
            (
                "python app.py",
                "app.py",
                "print 'old'\n",
                (
                    f"app.py is not Python that can be read here. Add to it{AT_THE_TOP}"
                    "    from cdk_guardrails import Guardrails\n"
                    f"{BEFORE_THE_SYNTH}    cdk.Aspects.of(app).add(Guardrails())\n"
                ),
            ),
            (
                "./synth.sh",
                "synth.sh",
                "",
                (
                    f"cdk.json runs `./synth.sh`. Add to the Python file that makes the App{AT_THE_TOP}"
                    "    from cdk_guardrails import Guardrails\n"
                    f"{BEFORE_THE_SYNTH}    cdk.Aspects.of(app).add(Guardrails())\n"
                ),
            ),
        ],
    )
    def test_the_lines_to_add(
        self, repo: Path, capsys: pytest.CaptureFixture[str], command: str, file: str, text: str, shown: str
    ) -> None:
        (repo / "cdk.json").write_text(f'{{"app": "{command}"}}')
        (repo / file).parent.mkdir(parents=True, exist_ok=True)
        (repo / file).write_text(text)
        assert init(repo, "--yes") == 0
        assert f"\n{shown}\n" in capsys.readouterr().out
        assert (repo / file).read_text() == text, "Python is not edited"

    def test_one_that_has_them(self, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repo / "app.py").write_text(f"from cdk_guardrails import Guardrails\n{APP}")
        assert init(repo, "--yes") == 0
        assert "Add to" not in capsys.readouterr().out

    @pytest.mark.parametrize(("text", "told"), [("aws-cdk-lib\n", True), ("cdk_guardrails>=1\n", False)])
    def test_requirements(self, repo: Path, capsys: pytest.CaptureFixture[str], text: str, told: bool) -> None:
        (repo / "requirements.txt").write_text(text)
        assert init(repo, "--yes") == 0
        assert ("Add to requirements.txt:\n\n    cdk-guardrails\n" in capsys.readouterr().out) == told

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"app": ', "expected JSON: Expecting value: line 1 column 9 (char 8)"),
            ("[]", "expected a JSON object, as the CDK does"),
        ],
    )
    def test_a_broken_cdk_json(self, repo: Path, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
        (repo / "cdk.json").write_text(text)
        assert init(repo, "--yes") == 2
        assert said(capsys) == f"error: {repo / 'cdk.json'}: {message}\n"

    def test_none_here_but_further_down(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "infra").mkdir()
        (tmp_path / "infra" / "cdk.json").write_text("{}")
        assert init(tmp_path, "--yes") == 2
        assert said(capsys) == (
            f"error: {tmp_path}: expected a folder with cdk.json, the one of a CDK app. There is one in infra.\n"
        )
