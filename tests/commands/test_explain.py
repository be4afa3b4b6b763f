"""cdk-guardrails explain: the page of a rule, and of what the library says of itself."""

from __future__ import annotations

import io
import re

import pytest

from cdk_guardrails.catalogue import OWN_PAGES
from cdk_guardrails.cli import main
from cdk_guardrails.docs_pages import page
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.rules.registry import every_rule


@pytest.mark.parametrize(
    "id_", ["s3-versioning", "cdk-guardrails::s3-versioning", "s3-versioning[x]", " s3-versioning "]
)
def test_a_page_is_markdown_when_piped(id_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", id_]) == 0
    assert capsys.readouterr() == (page(every_rule()["s3-versioning"]), "")


def test_a_rule_about_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "source-hardcoded-value"]) == 0
    assert capsys.readouterr().out.startswith("# source-hardcoded-value\n")


@pytest.mark.parametrize("id_", OWN_IDS)
def test_own_findings(id_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", id_]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"# {id_}\n\n")
    assert shown.endswith(f"\n\nSeverity: {OWN_IDS[id_].value}. No setting turns it off.\n")
    assert "\n    " not in shown


def test_each_of_them_has_a_page() -> None:
    assert set(OWN_PAGES) == set(OWN_IDS)


@pytest.mark.parametrize(
    ("id_", "message"),
    [
        ("s3-versionin", "there is no rule 's3-versionin'. Did you mean 's3-versioning'?"),
        ("stage-uncoverd", "Did you mean 'stage-uncovered'?"),
        ("\x1b[31m", "there is no rule '\\x1b'"),
    ],
)
def test_an_unknown_id(id_: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", id_]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert message in said.err
    assert "\x1b" not in said.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("colour", [True, False])
def test_at_a_terminal_it_is_laid_out(colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    assert main(["explain", "s3-versioning"]) == 0
    shown = terminal.getvalue()
    assert "```" not in shown
    assert "What it does" in shown
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in shown.splitlines()) <= 80
    assert ("\x1b[3" in shown) == colour
