"""Damaged and hostile input: a documented exit code, one clear line, nothing hangs, nothing is half written."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.cli import main
from cdk_guardrails.report.output import FORMATS
from tests.assemblies import BUCKET, at, write

BAD = json.dumps({"Resources": {"Logs": BUCKET}})
ESCAPE = "\x1b]0;title\x07\x1b[2J\n::error::x ##vso[task.setvariable variable=a]b"
SELECT = ("--select", "s3-versioning", "-e", "prod")

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have names on Unix")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text(BAD)


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    main(["check", "bad.json", *SELECT, "-f", "json"])
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a command says which cannot do its work."""
    assert main(list(arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("cdk-guardrails: error: ")
    assert said.err.count("\n") == 1
    return said.err


def started(*arguments: str, closed: str = "") -> subprocess.CompletedProcess[bytes]:
    """A process of its own, with these streams closed: the letters ``i``, ``o`` and ``e``."""
    redirect = {"i": "<&-", "o": ">&-", "e": "2>&-"}
    line = " ".join(redirect[letter] for letter in closed)
    command = ["sh", "-c", f'exec "$0" "$@" {line}', sys.executable, "-m", "cdk_guardrails", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


class TestPipesAndLinks:
    @needs_pipes
    @pytest.mark.parametrize(
        "command",
        [
            ("check", "pipe.json"),
            ("fix", "pipe.json", "--write"),
            ("report", "pipe.json"),
            ("baseline", "pipe.json"),
            ("check", "bad.json", "--baseline", "pipe.json"),
        ],
    )
    def test_nothing_waits_on_a_pipe(self, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
        os.mkfifo("pipe.json")
        assert "pipe.json: " in (said := refused(capsys, *command))
        assert "expected a file, this is a pipe or a device" in said

    @pytest.mark.parametrize("command", ["check", "fix", "report", "baseline"])
    def test_links_in_a_circle(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("x.json").symlink_to("x.json")
        assert "Too many levels of symbolic links" in refused(capsys, command, "x.json")

    def test_links_in_a_circle_for_the_others(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("x").symlink_to("x")
        assert "Too many levels of symbolic links" in refused(capsys, "check", "bad.json", *SELECT, "-o", "x")
        assert "Too many levels of symbolic links" in refused(capsys, "init", "x")
        assert Path("x").is_symlink()

    @pytest.mark.parametrize("command", ["check", "fix", "report"])
    def test_the_nearest_name(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert refused(capsys, command, "bd.json").endswith(". Did you mean 'bad.json'?\n")


class TestAssemblies:
    @pytest.mark.parametrize(
        "artifact",
        [
            {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../bad.json"}},
            {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}},
            {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": "x.json"},
                "additionalMetadataFile": "../bad.json",
            },
        ],
    )
    def test_a_manifest_that_points_outside(self, artifact: Any, capsys: pytest.CaptureFixture[str]) -> None:
        Path("cdk.out").mkdir()
        Path("cdk.out/manifest.json").write_text(json.dumps({"artifacts": {"Shop": artifact}}))
        assert " is outside of cdk.out\n" in refused(capsys, "check", "cdk.out")

    @pytest.mark.parametrize("artifacts", [{}, {"Shop": None}, {"Shop": {"type": "aws:cloudformation:stack:v2"}}])
    def test_one_that_names_no_stack_does_not_pass_for_clean(
        self, artifacts: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("cdk.out").mkdir()
        Path("cdk.out/manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        assert "expected a cloud assembly with a stack" in refused(capsys, "check", "cdk.out")

    def test_a_byte_order_mark(self) -> None:
        write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}}})
        for file in Path("cdk.out").glob("*.json"):
            file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
        assert main(["check", "cdk.out", *SELECT]) == 1


def _in(list_: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda report: report[list_][0].update(values)


WRONG: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda report: report.update(findings=5), "findings: expected a list"),
    (lambda report: report.update(findings=[None]), "findings, entry 1: expected an object"),
    (lambda report: report.update(summary=[]), "summary: expected an object"),
    (lambda report: report["summary"].update(errors="x"), "summary: errors: expected a whole number"),
    (lambda report: report["summary"].update(errors=True), "summary: errors: expected a whole number"),
    (lambda report: report.update(settled="no"), "report: settled: expected true or false"),
    (lambda report: report.update(environment=["x"]), "report: environment: expected a string"),
    (_in("findings", rule=5), "findings, entry 1: rule: expected a string"),
    (_in("findings", message=None), "findings, entry 1: message: expected a string"),
    (_in("findings", property_path=3), "findings, entry 1: property_path: expected a string"),
    (_in("findings", severity="fatal"), "findings, entry 1: severity: expected one of error, warning"),
    (_in("findings", severity=[1]), "findings, entry 1: severity: expected a string"),
    (_in("findings", same_as=[]), "findings, entry 1: same_as: expected lists of ids"),
    (_in("findings", same_as={"cdk_nag": 5}), "findings, entry 1: same_as: expected lists of ids"),
    (_in("findings", same_as={"cdk_nag": [5]}), "findings, entry 1: same_as: expected lists of ids"),
    (_in("resources", template=1), "resources, entry 1: template: expected a string"),
    (lambda report: report.update(schema_version=0), "it has no 'schema_version'"),
]


class TestReports:
    @pytest.mark.parametrize(("change", "said"), WRONG)
    @pytest.mark.parametrize("command", ["report", "baseline"])
    def test_values_of_another_kind(
        self,
        command: str,
        change: Callable[[dict[str, Any]], None],
        said: str,
        report: dict[str, Any],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        made = copy.deepcopy(report)
        change(made)
        Path("r.json").write_text(json.dumps(made))
        assert said in refused(capsys, command, "r.json")
        assert not Path("guardrails-baseline.json").exists()

    def test_nested_too_deep(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("r.json").write_text("[" * 100_000)
        assert "r.json: not a cdk-guardrails report" in refused(capsys, "report", "r.json")

    def test_a_byte_order_mark(self, report: dict[str, Any]) -> None:
        Path("r.json").write_text(json.dumps(report), encoding="utf-8-sig")
        assert main(["report", "r.json"]) == 0

    @pytest.mark.parametrize("format_", FORMATS)
    def test_texts_say_nothing_to_terminals_and_ci_servers(
        self, format_: str, report: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = {
            key: ESCAPE if isinstance(value, str) and key not in ("severity", "fix") else value
            for key, value in report["findings"][0].items()
        }
        report["findings"] = [found]
        report["crashes"] = [{**found, "traceback": ESCAPE}]
        report["failed_fixes"] = [{**found, "error": ESCAPE}]
        report["suppressed"] = [{**found, "reason": ESCAPE, "until": ESCAPE, "where": ESCAPE}]
        Path("r.json").write_text(json.dumps(report))
        assert main(["report", "r.json", "--format", format_]) == 0
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert "##vso[" not in said.err
        assert not any(line.startswith("::") for line in said.err.splitlines())


class TestOutputs:
    @needs_pipes
    def test_a_pipe_is_written_to_and_stays_one(self) -> None:
        os.mkfifo("pipe")
        reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert main(["check", "bad.json", *SELECT, "-o", "pipe"]) == 1
            assert b"s3-versioning" in os.read(reader, 65536)
        finally:
            os.close(reader)
        assert Path("pipe").is_fifo()

    @needs_pipes
    def test_a_pipe_that_nobody_reads(self, capsys: pytest.CaptureFixture[str]) -> None:
        os.mkfifo("pipe")
        assert "error: pipe: " in refused(capsys, "check", "bad.json", *SELECT, "-o", "pipe")
        assert Path("pipe").is_fifo()

    def test_a_folder(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("out").mkdir()
        assert refused(capsys, "check", "bad.json", *SELECT, "-o", "out").endswith("error: out: Is a directory\n")
        assert not list(Path("out").iterdir())
        assert sorted(path.name for path in Path().iterdir()) == ["bad.json", "out"]

    def test_a_name_as_long_as_names_may_be(self) -> None:
        assert main(["check", "bad.json", *SELECT, "-o", "x" * 255]) == 1
        assert "s3-versioning" in Path("x" * 255).read_text()

    def test_what_is_read_is_not_overwritten(self, report: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
        Path("r.json").write_text(json.dumps(report))
        Path("link.json").symlink_to("r.json")
        assert "would be overwritten" in refused(capsys, "check", "bad.json", *SELECT, "-o", "bad.json")
        assert "would be overwritten" in refused(capsys, "report", "r.json", "-o", "link.json", "-f", "html")
        assert Path("bad.json").read_text() == BAD
        assert json.loads(Path("r.json").read_text()) == report

    def test_a_hyphen_is_stdout(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "bad.json", *SELECT, "-o", "-"]) == 1
        assert "s3-versioning" in capsys.readouterr().out
        assert not Path("-").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs a Unix shell")
class TestStreams:
    @pytest.mark.parametrize("closed", ["i", "o", "e", "ioe"])
    def test_closed_ones(self, closed: str) -> None:
        done = started("check", "bad.json", *SELECT, closed=closed)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
        assert (b"s3-versioning" in done.stdout) == ("o" not in closed)

    def test_stdin_that_is_closed_is_empty(self) -> None:
        done = started("check", "-", closed="i")
        assert done.returncode == 2
        assert done.stderr.endswith(b"the text is empty\n")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
    def test_a_full_disk_below_stderr_does_not_change_the_exit_code(self) -> None:
        line = f"exec {sys.executable} -m cdk_guardrails check bad.json {' '.join(SELECT)} 2>/dev/full"
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
        assert done.returncode == 1
        assert b"s3-versioning" in done.stdout

    def test_a_folder_that_is_gone(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("gone").mkdir()
        os.chdir("gone")
        Path("../gone").rmdir()
        assert refused(capsys, "rules").endswith("error: the current folder: No such file or directory\n")
