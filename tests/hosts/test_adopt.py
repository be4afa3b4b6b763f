"""docs/adopt.md: its commands are run as they stand there, in a repository that had no Guardrails."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_guardrails import cli
from cdk_guardrails.baseline import load
from cdk_guardrails.report.json_format import read
from cdk_guardrails.settings import Settings
from tests.hosts.conftest import HAS_LINES

APP = """#!/usr/bin/env python3
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

app = cdk.App()
s3.Bucket(cdk.Stack(app, "Shop"), "Orders")
app.synth()
"""


def blocks(root: Path, language: str) -> list[str]:
    """The code blocks of the page that are in ``language``, without the indentation of a list."""
    text = (root / "docs" / "adopt.md").read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
    (tmp_path / "requirements.txt").write_text("aws-cdk-lib\n")
    return tmp_path


def test_five_commands_lead_to_a_green_synth(root: Path, repository: Path, plain_env: dict[str, str]) -> None:
    install, *commands = blocks(root, "shell")[0].splitlines()
    assert install == "pip install cdk-guardrails"
    assert len(commands) == 4
    [lines] = blocks(root, "python")
    codes = []
    for command in commands:
        if command == "cdk synth --quiet":  # what the CDK CLI does with this cdk.json
            words = [sys.executable, "app.py"]
        else:
            program, *arguments = shlex.split(command)
            assert program == "cdk-guardrails"
            words = [sys.executable, "-m", "cdk_guardrails", *arguments]
        done = subprocess.run(
            words,
            cwd=repository,
            env={**plain_env, "CDK_OUTDIR": "cdk.out"},
            capture_output=True,
            text=True,
            check=False,
        )
        codes.append((command, done.returncode))
        if command.startswith("cdk-guardrails init"):
            assert all(line in done.stdout for line in lines.splitlines())
            top, attach = lines.split("\n\n")
            app = APP.replace("\n\n", f"\n{top}\n\n", 1).replace("app.synth()", f"{attach}app.synth()")
            (repository / "app.py").write_text(app)
    assert codes == list(zip(commands, (0, 1, 0, 0), strict=True)), done.stderr
    assert {entry.reason for entry in load(repository / "guardrails-baseline.json").entries} == {
        "there before Guardrails"
    }
    report = read(repository / "cdk.out")
    assert {entry.place.source for entry in report.fixes if entry.place.construct_path.startswith("Shop/Orders/")} == {
        "app.py:7" if HAS_LINES else ""
    }


def test_a_baseline_of_plain_templates(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates").mkdir()
    template = {"Resources": {"Orders": {"Type": "AWS::S3::Bucket"}}}
    (tmp_path / "templates" / "shop.json").write_text(json.dumps(template))
    monkeypatch.chdir(tmp_path)
    check, baseline = (shlex.split(command)[1:] for command in blocks(root, "shell")[1].splitlines())
    assert cli.main(check) == 1
    assert cli.main(baseline) == 0
    assert cli.main(["check", "templates", "--baseline", "guardrails-baseline.json"]) == 0
    found = {entry.identity.file for entry in load("guardrails-baseline.json").entries}
    assert found == {"templates/shop.json"}


def test_the_file_that_is_shown_is_one(root: Path, tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(blocks(root, "json")[0])
    assert [entry.identity.rule for entry in load(tmp_path / "known.json").entries] == ["s3-access-logs"]


def test_the_settings_that_are_shown_hold(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "guardrails.toml").write_text(blocks(root, "toml")[0])
    assert Settings.load({"environment": "dev"}, None, tmp_path).baseline == tmp_path / "guardrails-baseline-dev.json"
    assert Settings.load({}, None, tmp_path).baseline == tmp_path / "guardrails-baseline.json"
