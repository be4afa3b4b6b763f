"""cdk-guardrails check: its options, exit codes, and what it prints where."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.cli import main
from cdk_guardrails.report.json_format import from_json
from cdk_guardrails.report.output import FORMATS
from cdk_guardrails.rules.registry import rule_of
from tests.assemblies import BUCKET, at, write

SELECT = ("--select", "s3-versioning", "-e", "prod")
BAD = json.dumps({"Resources": {"Logs": BUCKET}}, indent=1)
GOOD = json.dumps({"Resources": {"Logs": {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}}})
SUPPRESS = {"cdk-guardrails": {"suppress": [{"id": "s3-versioning", "reason": "logs only"}]}}
HELD = json.dumps({"Resources": {"Logs": {**BUCKET, "Metadata": SUPPRESS}}})
COUNTS = "cdk-guardrails: fixed 0, errors {}, warnings {}, suppressed {}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("bad.json", BAD), ("good.json", GOOD), ("held.json", HELD)):
        Path(name).write_text(text)


def rules_of(text: str) -> list[str]:
    return [finding.rule for finding in from_json(text).findings]


class TestResults:
    def test_findings_go_to_stdout_and_counts_to_stderr(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "bad.json", *SELECT]) == 1
        said = capsys.readouterr()
        assert "bad.json" in said.out
        assert "s3-versioning" in said.out
        assert said.err == COUNTS.format(1, 0, 0)

    def test_clean(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "good.json", *SELECT]) == 0
        assert capsys.readouterr() == ("", COUNTS.format(0, 0, 0))

    @pytest.mark.parametrize("format_", FORMATS)
    def test_formats(self, format_: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "bad.json", *SELECT, "--format", format_]) == 1
        assert "s3-versioning" in capsys.readouterr().out

    def test_json_has_the_resources_that_are_clean(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "good.json", "bad.json", *SELECT, "-f", "json"])
        report = from_json(capsys.readouterr().out)
        assert [resource.template for resource in report.resources] == ["bad.json", "good.json"]
        assert (report.environment, report.mode) == ("prod", "check")

    def test_a_file(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "bad.json", *SELECT, "-f", "json", "-o", "out/report.json"]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err) == ("", "cdk-guardrails: wrote out/report.json\n" + COUNTS.format(1, 0, 0))
        assert rules_of(Path("out/report.json").read_text()) == ["s3-versioning"]

    def test_stdin(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
        assert main(["check", "-", *SELECT, "-f", "json"]) == 1
        [finding] = from_json(capsys.readouterr().out).findings
        assert (finding.place.template, finding.place.source) == ("-", "-:3")

    def test_an_assembly(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}}})
        assert main(["check", "cdk.out", *SELECT, "-f", "json"]) == 1
        [finding] = from_json(capsys.readouterr().out).findings
        assert finding.place.construct_path == "Shop/A"

    def test_nothing_is_changed(self) -> None:
        write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}}})
        before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
        main(["check", ".", "-e", "prod"])
        assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before

    def test_names_say_nothing_to_the_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("evil.json").write_text(json.dumps({"Resources": {"\x1b[31mLogs\n::error::x": BUCKET}}))
        main(["check", "evil.json", *SELECT])
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert not any(line.startswith("::") for line in said.out.splitlines())


class TestOptions:
    @pytest.mark.parametrize(
        ("severity", "fail_on", "code"),
        [
            ("error", "error", 1), ("error", "warning", 1), ("error", "never", 0),
            ("warning", "error", 0), ("warning", "warning", 1), ("warning", "never", 0),
        ],
    )  # fmt: skip
    def test_fail_on(self, severity: str, fail_on: str, code: int) -> None:
        Path("guardrails.toml").write_text(f'rules = {{ s3-versioning = "{severity}" }}')
        assert main(["check", "bad.json", *SELECT, "--fail-on", fail_on]) == code

    def test_select_and_ignore(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "bad.json", "-e", "prod", "-f", "json"])
        every = set(rules_of(capsys.readouterr().out))
        assert {"s3-versioning", "s3-tls-only"} < every
        main(["check", "bad.json", "-e", "prod", "-f", "json", "--ignore", "s3-versioning,s3-tls-only"])
        assert set(rules_of(capsys.readouterr().out)) == every - {"s3-versioning", "s3-tls-only"}
        main(["check", "bad.json", *SELECT, "--select", "s3-tls-only", "-f", "json"])
        assert set(rules_of(capsys.readouterr().out)) == {"s3-versioning", "s3-tls-only"}

    def test_select_is_stronger_than_off(self) -> None:
        Path("guardrails.toml").write_text('rules = { s3-versioning = "off" }')
        assert main(["check", "bad.json", *SELECT]) == 1

    def test_no_suppressions(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "held.json", *SELECT]) == 0
        assert capsys.readouterr().err == COUNTS.format(0, 0, 1)
        assert main(["check", "held.json", *SELECT, "--no-suppressions"]) == 1
        assert capsys.readouterr().err == COUNTS.format(1, 0, 0)

    def test_without_an_environment_it_says_which_is_used(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "good.json", "--select", "s3-versioning"])
        assert "the strictest profile (prod) is used: --environment NAME\n" in capsys.readouterr().err
        Path("guardrails.toml").write_text('environment = "dev"')
        main(["check", "good.json", "--select", "s3-versioning"])
        assert "strictest" not in capsys.readouterr().err

    def test_a_baseline(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}}})
        main(["check", "cdk.out", *SELECT, "-f", "json", "-o", "report.json"])
        assert main(["baseline", "report.json", "--baseline", "known.json"]) == 0
        capsys.readouterr()
        assert main(["check", "cdk.out", *SELECT, "--baseline", "known.json"]) == 0
        assert capsys.readouterr().err.endswith(", suppressed 0, in the baseline 1\n")
        assert main(["check", "cdk.out", *SELECT, "--baseline", "known.json", "--no-suppressions"]) == 1


class TestEndings:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["gone.json"], "error: gone.json: cannot be read: No such file or directory"),
            (
                ["bad.json", "--select", "s3-versionin"],
                "there is no rule 's3-versionin'. Did you mean 's3-versioning'?",
            ),
            (["bad.json", "--environment", "prdo"], "there is no environment 'prdo'"),
            (["bad.json", "--baseline", "gone.json"], "gone.json"),
            (["cut.json"], "error: cut.json:1: expected JSON"),
            (["empty"], "error: empty: expected a template, a folder with templates"),
            (["cut"], "manifest.json: expected JSON"),
        ],
    )
    def test_usage_in_one_line(self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("cut.json").write_text(BAD[:-5].replace("\n", ""))
        Path("empty").mkdir()
        write(Path("cut"), {})
        Path("cut/manifest.json").write_text('{"artifacts": {')
        assert main(["check", *arguments]) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        assert message in said.err

    @pytest.mark.parametrize("fail_on", ["error", "never"])
    def test_a_rule_that_crashes(
        self, fail_on: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def crash(*_: object) -> None:
            raise ValueError("no luck")

        monkeypatch.setattr(rule_of("s3-versioning"), "check", crash)
        assert main(["check", "good.json", *SELECT, "--fail-on", fail_on]) == 3
        said = capsys.readouterr()
        assert "rule-crashed[s3-versioning]" in said.out
        assert "Traceback" in said.err
        assert "rules crashed 1" in said.err

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_may_not_be_written_to(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("out").mkdir(mode=0o500)
        assert main(["check", "bad.json", *SELECT, "-o", "out/report.txt"]) == 2
        assert "Permission denied" in capsys.readouterr().err

    def test_a_disk_that_is_full(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        def full(self: Path, data: bytes) -> int:
            self.touch()
            raise OSError(28, "No space left on device", str(self))

        Path("report.txt").write_text("old")
        monkeypatch.setattr(Path, "write_bytes", full)
        assert main(["check", "bad.json", *SELECT, "-o", "report.txt"]) == 2
        said = capsys.readouterr()
        assert "No space left on device" in said.err
        assert said.err.count("\n") == 1
        assert Path("report.txt").read_text() == "old"
        assert sorted(path.name for path in Path().iterdir()) == ["bad.json", "good.json", "held.json", "report.txt"]

    def test_secrets_are_nowhere(self, capsys: pytest.CaptureFixture[str]) -> None:
        variables = {"Variables": {"DB_PASSWORD": "TempPass123!"}}
        function: dict[str, Any] = {"Type": "AWS::Lambda::Function", "Properties": {"Environment": variables}}
        Path("secret.json").write_text(json.dumps({"Resources": {"F": function}}))
        for format_ in FORMATS:
            assert main(["check", "secret.json", "-e", "prod", "-f", format_]) == 1
            said = capsys.readouterr()
            assert "hardcoded-secret" in said.out
            assert "TempPass123!" not in said.out + said.err
