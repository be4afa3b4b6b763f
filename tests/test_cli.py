"""The program: its commands, its help, how runs end, what they import."""

from __future__ import annotations

import importlib
import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import cli
from cdk_guardrails._version import __version__
from cdk_guardrails.cli import COMMANDS, main
from cdk_guardrails.errors import GuardrailsError

HEAVY = (
    "aws_cdk", "constructs", "cdk_nag", "jsii", "rich", "tree_sitter", "jinja2", "junitparser", "ruamel", "yaml",
    "cdk_guardrails.source", "cdk_guardrails.rules.source.one_file", "cdk_guardrails.testing",
    "cdk_guardrails.docs_pages", "cdk_guardrails.lambda_code.node", "cdk_guardrails.lambda_code.python",
)  # fmt: skip
"""What a check of a JSON template without code has no use for."""

BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {}}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(root: Path) -> Any:
    """Runs Python in a process in which no Node.js can be started."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(root), "JSII_NODE": "no-such-node", **variables}
        return subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    return run


class TestUsage:
    def test_the_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr() == (f"cdk-guardrails {__version__}\n", "")

    @pytest.mark.parametrize("flag", ["--help", "-h"])
    def test_help_lists_every_command(self, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([flag]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        assert [name for name, line in COMMANDS.items() if f"  {name:<10}{line}" not in said.out] == []
        assert "Exit codes: 0 clean" in said.out

    @pytest.mark.parametrize("name", COMMANDS)
    def test_help_of_a_command(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([name, "--help"]) == 0
        said = capsys.readouterr()
        assert said.out.startswith(f"Usage: cdk-guardrails {name} ")
        assert said.err == ""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_the_example_in_a_help_can_be_typed(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        main([name, "--help"])
        said = " ".join(capsys.readouterr().out.split("Arguments:")[0].split("Options:")[0].split())
        example = said.partition("For example: ")[2]
        assert bool(example) == (name not in ("explain", "init"))
        if example:
            program, command, *arguments = shlex.split(example)
            assert (program, command) == ("cdk-guardrails", name)
            cli.command(name).make_context(name, arguments)

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_command_is_a_function_of_its_module_with_a_docstring(self, name: str) -> None:
        function = getattr(importlib.import_module(f"cdk_guardrails.commands.{name}"), name)
        assert function.__doc__

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "Missing command"),
            (["chekc", "."], "'check'"),
            (["lnit", "."], "'lint'"),
            (["check"], "Missing argument 'PATH'"),
            (["check", ".", "--fail-onn", "error"], "--fail-on"),
            (["check", ".", "--fail-on", "all"], "'all' is not one of 'error', 'warning', 'never'"),
            (["check", ".", "--format", "sarf"], "'sarf' is not one of table, json, sarif"),
            (["check", ".", "--format", "sarf"], "Did you mean 'sarif'?"),
        ],
    )
    def test_what_is_given_wrongly(
        self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert message in said.err

    def test_completion_offers_commands_and_formats(self, run: Any) -> None:
        for words, expected in (("cdk-guardrails exp", "explain"), ("cdk-guardrails check --format ta", "table")):
            variables = {"_CDK_GUARDRAILS_COMPLETE": "complete_bash", "COMP_WORDS": words}
            variables["COMP_CWORD"] = str(len(words.split()) - 1)
            done = run("-m", "cdk_guardrails", **variables)
            assert done.stdout.split() == [expected]

    def test_the_script_for_completion(self, run: Any) -> None:
        variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
        done = run("-m", "cdk_guardrails", "--show-completion", "bash", **variables)
        assert (done.returncode, "_CDK_GUARDRAILS_COMPLETE" in done.stdout) == (0, True)


class TestEndings:
    @pytest.mark.parametrize(
        ("raised", "code", "said"),
        [
            (GuardrailsError("no such thing"), 2, "cdk-guardrails: error: no such thing\n"),
            (OSError(28, "No space left on device", "out.json"), 2, "error: out.json: No space left on device\n"),
            (OSError(28, "No space left on device"), 2, "error: an output: No space left on device\n"),
            (KeyboardInterrupt(), 130, "cdk-guardrails: interrupted\n"),
        ],
    )
    def test_errors_in_one_line(
        self, raised: BaseException, code: int, said: str, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("cdk_guardrails.catalogue.page_of", _raising(raised))
        assert main(["explain", "s3-versioning"]) == code
        shown = capsys.readouterr()
        assert (shown.out, shown.err.count("\n")) == ("", 1)
        assert shown.err.endswith(said)

    def test_a_fault_of_ours_does_not_quote(self, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr("cdk_guardrails.catalogue.page_of", _raising(ValueError("TempPass123!")))
        assert main(["explain", "s3-versioning"]) == 3
        said = capsys.readouterr().err
        assert "a fault of ours, not of your code: ValueError" in said
        assert "TempPass123!" not in said

    def test_a_command_that_cannot_be_loaded(self, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setitem(sys.modules, "cdk_guardrails.commands.rules", None)
        assert main(["rules"]) == 3
        assert "a fault of ours" in capsys.readouterr().err
        assert main(["explain", "s3-versioning"]) == 0


class TestProcess:
    def test_it_runs_as_a_module(self, run: Any) -> None:
        done = run("-m", "cdk_guardrails", "--version")
        assert (done.returncode, done.stdout) == (0, f"cdk-guardrails {__version__}\n")

    def test_it_is_an_entry_point(self) -> None:
        found = [entry.value for entry in entry_points(group="console_scripts") if entry.name == "cdk-guardrails"]
        assert found in ([], ["cdk_guardrails.cli:main"]), "[] in a checkout that was installed before there was one"

    def test_a_check_imports_little(self, run: Any) -> None:
        resources = {f"Bucket{number}": BUCKET for number in range(50)}
        Path("app.json").write_text(json.dumps({"Resources": resources}))
        code = (
            "import sys; from cdk_guardrails.cli import main; code = main(['check', 'app.json']);"
            f"print(code, sorted(name for name in {HEAVY!r} if name in sys.modules))"
        )
        done = run("-c", code)
        assert done.stdout.splitlines()[-1] == "1 []"

    @pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
    def test_help_imports_less(self, arguments: list[str], run: Any) -> None:
        code = (
            f"import sys; from cdk_guardrails.cli import main; main({arguments!r});"
            f"print(sorted(name for name in {(*HEAVY, 'cdk_guardrails.rules')!r} if name in sys.modules))"
        )
        assert run("-c", code).stdout.splitlines()[-1] == "[]"


def _raising(error: BaseException) -> Any:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


def test_the_module_says_what_it_is() -> None:
    assert cli.PROGRAM == "cdk-guardrails"
