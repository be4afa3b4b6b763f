"""Formats by name, and files that are there whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.json_format import to_json, write
from cdk_guardrails.report.model import Report
from cdk_guardrails.report.output import FORMATS, render, write_text
from cdk_guardrails.settings import Settings

EMPTY = Report.build([], Settings())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders(name: str) -> None:
    assert isinstance(render(EMPTY, name), str)
    assert render(EMPTY, "json") == to_json(EMPTY)


def test_an_unknown_format_offers_the_nearest() -> None:
    with pytest.raises(GuardrailsError, match=r"no report format 'jsn': expected one of .*\. Did you mean 'json'\?"):
        render(EMPTY, "jsn")


def test_a_file_in_a_new_folder(tmp_path: Path) -> None:
    target = tmp_path / "out" / "guardrails-report.json"
    write(EMPTY, target)
    assert target.read_text(encoding="utf-8") == to_json(EMPTY)
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_others_may_read_it_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_text("x", tmp_path / "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


def test_the_old_file_stays_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "guardrails-report.json"
    write_text("old", target)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_text("new", target)
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_text("new", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_line_ends_and_lone_surrogates(tmp_path: Path) -> None:
    write_text('a\n"\ud800 é"\n', tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b'a\n"\\ud800 \xc3\xa9"\n'


def test_writing_json_needs_no_yaml_and_no_cdk(root: Path) -> None:
    code = (
        "import sys; from cdk_guardrails.report.json_format import to_json;"
        "from cdk_guardrails.report.model import Report;"
        "from cdk_guardrails.settings import Settings; to_json(Report.build([], Settings(), rules={}));"
        "print(sorted({'aws_cdk', 'jsii', 'yaml', 'detect_secrets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
