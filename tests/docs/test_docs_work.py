"""Every code block of the README and of the docs is written, loaded or run, as a reader would do it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, work_through
from tests.hosts.conftest import HAS_LINES

GENERATED = {ROOT / "docs" / "rules", ROOT / "docs" / "reference"}
"""Their examples are those of the rules, which have tests of their own."""

ELSEWHERE = {ROOT / "docs" / "adopt.md"}
"""tests/hosts/test_adopt.py runs its commands with an app that has findings: the synth between them fails."""

PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent not in GENERATED)]
WITH_CODE = [page for page in PAGES if page not in ELSEWHERE and any(blocks(page))]

each = pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A PATH that begins with the programs that the docs speak of, as they are in this checkout."""
    folder = tmp_path_factory.mktemp("bin")
    cli = ROOT / ".cdk-cli" / "node_modules" / ".bin" / "cdk"
    for name, command in {
        "python": sys.executable,
        "cdk-guardrails": f"{sys.executable} -m cdk_guardrails",
        "cdk": cli,
    }.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@each
def test_it_works(page: Path, programs: Mapping[str, str], tmp_path: Path, cdk_cli: Path) -> None:
    if page.name == "testing.md" and not HAS_LINES:
        pytest.skip("this CDK keeps no lines of Python")
    work_through(page, tmp_path, programs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_says_what_it_is(page: Path) -> None:
    """A block without a language would not be run."""
    assert [block.line for block in blocks(page) if not block.language] == []
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?:\A|\n\n)( {4}(?![-*0-9]).*)", text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```python\nraise SystemExit(3)\n```\n", "ended with 3, not 0"),
        ("<!-- exit 3 -->\n```python\nprint()\n```\n", "ended with 0, not 3"),
        ("```shell\ncdk-guardrails rules --colour\n```\n", "ended with 2"),
        ("```shell\nno-such-program\n```\n", "is not there"),
        ('```toml title="guardrails.toml"\nmoed = "fix"\n```\n', "moed"),
        ('```yaml title="a.yaml"\na: [\n```\n', "a.yaml"),
        ("```cobol\nX\n```\n", "cobol"),
    ],
)
def test_what_does_not_work_is_seen(text: str, problem: str, programs: Mapping[str, str], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(Exception, match=problem):
        work_through(page, tmp_path, programs)
