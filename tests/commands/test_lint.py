"""cdk-guardrails lint: what it prints and where, its exit codes, what may go wrong around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import linting
from cdk_guardrails.cli import main
from cdk_guardrails.commands.lint import LintFormat
from cdk_guardrails.report import json_format
from cdk_guardrails.report.model import Report
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.source.project import Project

HARD = "source-hardcoded-value"
SECRET = 'import aws_cdk as cdk\n\npassword = cdk.SecretValue.unsafe_plain_text("TempPass123!")\n'
REGION = 'import aws_cdk as cdk\n\nqueue = "arn:aws:sqs:us-east-1:111122223333:orders"\n'
CLEAN = "a = 1\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**texts: str) -> None:
    for name, text in texts.items():
        Path(f"{name}.py").write_text(text, encoding="utf-8")


def lint(*arguments: str, rules: str = HARD) -> int:
    return main(["lint", *arguments, "--select", rules])


class Said:
    """What was printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.out, self.err = capsys.readouterr()

    @property
    def findings(self) -> list[dict[str, Any]]:
        data = json.loads(self.out)
        assert list(data) == ["findings"]
        return list(data["findings"])


class TestFormats:
    def test_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(b=REGION, a=SECRET + '\napi_key = "Ab1Cd2Ef3Gh4Ij5Kl6"\n')
        assert lint(".") == 1
        said = Said(capsys)
        assert said.out == (
            "a.py:3:46: error source-hardcoded-value[secret]: SecretValue holds a literal where a secret belongs: "
            "whoever may read the code knows it\n"
            '    cdk.SecretValue.secrets_manager("name-of-the-secret", json_field="password")\n'
            "a.py:5:11: error source-hardcoded-value[secret]: api_key holds a literal where a secret belongs: "
            "whoever may read the code knows it\n"
            '    cdk.SecretValue.secrets_manager("name-of-the-secret", json_field="password")\n'
            "b.py:3:9: warning source-hardcoded-value[arn]: an ARN with the Region us-east-1 and the account "
            "111122223333 is written out\n"
            '    cdk.Stack.of(scope).format_arn(service="sqs", resource="orders")\n'
        )
        assert said.err == "cdk-guardrails: files 2, errors 2, warnings 1, suppressed 0\n"

    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=REGION)
        assert lint("app.py", "--format", "json") == 0
        assert Said(capsys).findings == [
            {
                "rule": "source-hardcoded-value",
                "severity": "warning",
                "message": "an ARN with the Region us-east-1 and the account 111122223333 is written out",
                "path": "app.py",
                "line": 3,
                "column": 9,
                "suggestion": 'cdk.Stack.of(scope).format_arn(service="sqs", resource="orders")',
            }
        ]

    def test_lines_are_sorted_as_numbers(self, capsys: pytest.CaptureFixture[str]) -> None:
        lines = ["import aws_cdk", *(f'a{n} = "arn:aws:sqs:us-east-1::q"' for n in range(11))]
        write(app="\n".join(lines) + "\n")
        lint(".", "--format", "json")
        assert [finding["line"] for finding in Said(capsys).findings] == list(range(2, 13))

    def test_clean(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=CLEAN)
        assert lint(".") == 0
        assert Said(capsys).out == ""
        assert lint(".", "--format", "json") == 0
        assert Said(capsys).findings == []

    def test_own_findings_have_all_fields(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app="a = (\n", b="a = 1  # guardrails: ignore[source-hardcoded-value] so\n")
        assert lint(".", "--format", "json") == 1
        unread, unused = Said(capsys).findings
        assert (unread["rule"], unread["path"], unread["line"], unread["column"]) == ("source-unread", "app.py", 1, 1)
        assert (unused["rule"], unused["severity"]) == ("unused-suppression", "warning")
        assert unused["suggestion"] == "Remove it."

    def test_the_value_of_a_secret_is_nowhere(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=SECRET)
        for format_ in (format_.value for format_ in LintFormat):
            lint(".", "--format", format_)
            said = Said(capsys)
            assert "TempPass123!" not in said.out + said.err

    def test_names_of_files_say_nothing_to_the_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a\x1b[31m\nb.py").write_text(REGION)
        lint(".")
        said = Said(capsys)
        assert said.out.startswith("a\\x1b[31m\\nb.py:3:9: warning")
        assert len(said.out.splitlines()) == 2


class TestExitCodes:
    @pytest.mark.parametrize(
        ("text", "fail_on", "code"),
        [
            (CLEAN, "warning", 0),
            (REGION, "error", 0),
            (REGION, "warning", 1),
            (REGION, "never", 0),
            (SECRET, "error", 1),
            (SECRET, "warning", 1),
            (SECRET, "never", 0),
            ("a = (", "error", 1),
        ],
    )
    def test_findings_at_the_threshold(self, text: str, fail_on: str, code: int) -> None:
        write(app=text)
        assert lint(".", "--fail-on", fail_on) == code

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["gone"], "error: gone: there is no such file or folder"),
            (["a.txt"], "error: a.txt: expected a Python file (.py) or a folder"),
            ([".", "--select", "source-one-fil"], "Did you mean 'source-one-file'?"),
            ([".", "--ignore", "source-one-file,source-hardcoded"], "Did you mean 'source-hardcoded-value'?"),
            ([".", "--select", "s3-versioning"], "there is no source rule 's3-versioning'"),
            ([".", "--environment", "prdo"], "there is no environment 'prdo'"),
        ],
    )
    def test_usage_in_one_line(self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=SECRET)
        Path("a.txt").touch()
        assert main(["lint", *arguments]) == 2
        said = Said(capsys)
        assert said.out == ""
        assert message in said.err
        assert said.err.count("\n") == 1

    @pytest.mark.parametrize(
        "arguments", [["lint"], ["lint", ".", "--format", "xml"], ["lint", ".", "--fail-on", "all"]]
    )
    def test_arguments_that_are_not_right(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(arguments) == 2
        assert Said(capsys).out == ""

    @pytest.mark.parametrize(
        ("file", "text", "message"),
        [
            ("guardrails.toml", "rules = 1", "rules: expected a table"),
            ("guardrails.toml", "[rules", "expected TOML"),
            ("guardrails.toml", "[rules.source-one-file]\nmax_line = 3", "Did you mean 'max_lines'?"),
            ("pyproject.toml", "[tool.cdk-guardrails]\nlint_sources = true", "Did you mean 'lint_source'?"),
            ("cdk.json", "{", "cdk.json: expected JSON"),
            ("cdk.json", '{"context": {"cdk-guardrails": {"tag": 1}}}', "Did you mean 'tags'?"),
        ],
    )
    def test_settings_that_are_not_right(
        self, file: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(app=SECRET)
        Path(file).write_text(text)
        assert lint(".") == 2
        said = Said(capsys)
        assert message in said.err
        assert (said.out, said.err.count("\n")) == ("", 1)

    @pytest.mark.parametrize("fail_on", ["error", "never"])
    def test_a_rule_that_crashes(
        self, fail_on: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def crash(*_: object) -> None:
            raise ValueError(SECRET.split('"')[1])

        monkeypatch.setattr(source_rules()[HARD], "check", crash)
        write(app=SECRET)
        assert lint(".", "--fail-on", fail_on) == 3
        said = Said(capsys)
        assert said.out.startswith("app.py:1:1: error rule-crashed[source-hardcoded-value]: the rule source-hardcoded-")
        assert "rules crashed 1" in said.err
        assert "Traceback" in said.err
        assert "TempPass123!" not in said.out + said.err

    def test_a_fault_of_ours(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        def crash(*_: object, **__: object) -> None:
            raise ValueError(SECRET)

        monkeypatch.setattr("cdk_guardrails.linting.lint", crash)
        write(app=SECRET)
        assert lint(".") == 3
        said = Said(capsys)
        assert "a fault of ours, not of your code: ValueError" in said.err
        assert "TempPass123!" not in said.out + said.err

    def test_ctrl_c(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("cdk_guardrails.linting.lint", stop)
        assert lint(".") == 130
        assert Said(capsys).err == "cdk-guardrails: interrupted\n"


class TestSettings:
    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("guardrails.toml", f'rules = {{ {HARD} = "warning" }}'),
            ("pyproject.toml", f'[tool.cdk-guardrails]\nrules = {{ {HARD} = "warning" }}'),
            ("cdk.json", f'{{"context": {{"cdk-guardrails": {{"rules": {{"{HARD}": "warning"}}}}}}}}'),
        ],
    )
    def test_files_hold(self, file: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=SECRET)
        Path(file).write_text(text)
        assert lint(".") == 0
        assert ": warning source-hardcoded-value" in Said(capsys).out

    @pytest.mark.parametrize("text", ["[]", '{"app": "python3 app.py"}', '{"context": 3}'])
    def test_a_cdk_json_that_is_silent_on_us(self, text: str) -> None:
        write(app=CLEAN)
        Path("cdk.json").write_text(text)
        assert lint(".") == 0

    def test_of_one_environment(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=SECRET)
        Path("guardrails.toml").write_text(f'[environments.dev.rules]\n{HARD} = "warning"')
        assert lint(".", "--environment", "dev") == 0
        assert lint(".", "--environment", "prod") == 1

    def test_select_and_ignore(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=SECRET)
        assert main(["lint", ".", "--select", f"source-one-file, {HARD}", "--ignore", HARD]) == 0
        assert main(["lint", ".", "--select", "source-one-file", "--select", HARD]) == 1
        assert main(["lint", ".", "--ignore", HARD, "--ignore", ",".join(set(source_rules()) - {HARD})]) == 0

    def test_what_the_baseline_knows_is_held_back(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=SECRET)
        settings = Settings(environment="prod")
        outcome = linting.lint(Project([Path("app.py")]), settings, rules=[source_rules()[HARD]])
        json_format.write(Report.build([outcome], settings), "report.json")
        Path("guardrails.toml").write_text('baseline = "known.json"')
        assert main(["baseline", "report.json"]) == 0
        capsys.readouterr()
        assert lint(".") == 0
        assert Said(capsys).err == "cdk-guardrails: files 1, errors 0, warnings 0, suppressed 1\n"
        write(new=SECRET)
        assert lint(".") == 1

    def test_select_is_stronger_than_off(self) -> None:
        write(app=SECRET)
        Path("guardrails.toml").write_text(f'[rules]\n{HARD} = "off"')
        assert main(["lint", ".", "--ignore", ",".join(set(source_rules()) - {HARD})]) == 0
        assert lint(".") == 1


@pytest.fixture
def python(root: Path) -> Any:
    """Runs the command in a process in which no Node.js can be started."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        variables = {**os.environ, "PYTHONPATH": str(root), "JSII_NODE": "no-such-node", **environment}
        command = [sys.executable, "-m", "cdk_guardrails", *arguments]
        return subprocess.run(command, env=variables, capture_output=True, check=False)

    return run


class TestProcess:
    def test_it_runs_as_a_module(self, python: Any) -> None:
        write(app=SECRET)
        done = python("lint", ".", "--select", HARD)
        assert done.returncode == 1
        assert done.stdout.startswith(b"app.py:3:46: error")

    def test_the_cdk_is_not_loaded(self, root: Path) -> None:
        write(app=SECRET)
        code = (
            "import sys; from cdk_guardrails.cli import main; main(['lint', '.']);"
            "print(sorted({'aws_cdk', 'constructs', 'cdk_nag', 'jsii', 'yaml', 'tree_sitter'} & set(sys.modules)))"
        )
        environment = {**os.environ, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
    def test_terminals_of_other_encodings(self, python: Any, encoding: str) -> None:
        Path("grüße\u4e16.py").write_text("import aws_cdk\nä = 'arn:aws:sqs:us-east-1::q'\n", encoding="utf-8")
        for format_ in (format_.value for format_ in LintFormat):
            done = python("lint", ".", "--select", HARD, "--format", format_, PYTHONIOENCODING=encoding)
            assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
            text = done.stdout.decode(encoding)
            path = json.loads(text)["findings"][0]["path"] if format_ == "json" else text.partition(":")[0]
            shown = "grüße\u4e16.py".encode(encoding, "backslashreplace").decode(encoding)
            assert path == ("grüße\u4e16.py" if format_ == "json" else shown)

    def test_a_reader_that_goes_away(self, root: Path) -> None:
        write(app="import aws_cdk\n" + "a = 'arn:aws:sqs:us-east-1::q'\n" * 5000)
        command = [sys.executable, "-m", "cdk_guardrails", "lint", ".", "--select", HARD]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read().decode()
        assert process.returncode == 0
        assert said == "cdk-guardrails: files 1, errors 0, warnings 5000, suppressed 0\n"
