"""The file, line and column at which a finding is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.report.spots import Spot, Spots
from tests.report.made import NOWHERE, place


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "repo" / "infra")
    return tmp_path / "repo"


def of(**given: str) -> Spot:
    return Spots().of(place(**{**vars(NOWHERE), **given}))


@pytest.mark.parametrize(
    ("given", "spot"),
    [
        ({"source": "app.py:7"}, Spot("infra/app.py", 7, 0, True)),
        ({"source": "./x/../app.py:7:9"}, Spot("infra/app.py", 7, 9, True)),
        ({"source": "../shared/app.py:7"}, Spot("shared/app.py", 7, 0, True)),
        ({"template": "t.yaml"}, Spot("infra/t.yaml", 1, 0, False)),
        ({"template": "cdk.out/App.template.json"}, Spot("infra/cdk.out/App.template.json", 1, 0, False)),
        ({"template": "Prod/App"}, Spot("infra/cdk.json", 1, 0, False)),
        ({"template": "-"}, Spot("stdin", 1, 0, False)),
        ({"template": "-", "source": "-:4"}, Spot("stdin", 4, 0, True)),
        ({}, Spot("infra/cdk.json", 1, 0, False)),
    ],
)
def test_seen_from_the_repository(given: dict[str, str], spot: Spot, repository: Path) -> None:
    assert of(**given) == spot


def test_a_file_outside_is_absolute(repository: Path) -> None:
    outside = repository.parent / "lib" / "app.py"
    assert of(source=f"{outside}:2") == Spot(outside.as_posix(), 2, 0, True)
    assert of(source=f"{repository}/a.py:2") == Spot("a.py", 2, 0, True)


def test_a_work_tree_has_a_file_called_git(repository: Path) -> None:
    (repository / "infra" / ".git").write_text("gitdir: elsewhere")
    assert of(source="app.py:7").file == "app.py"


def test_without_a_repository_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert of(source="app.py:7").file == "app.py"
