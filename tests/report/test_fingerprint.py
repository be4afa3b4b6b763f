"""What makes a finding the same one in the next run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.report.fingerprint import Identity, below_resource, fingerprint, identity
from tests.report.made import HOSTILE, NOWHERE, entry, place


def test_the_parts_in_the_clear() -> None:
    assert identity(entry(rule="r[a]")) == Identity("r[a]", "App/Logs", "", "", "Properties.VersioningConfiguration")


def test_it_is_the_same_in_every_release() -> None:
    assert fingerprint(entry()) == "cfb501f8042ccbcc"


@pytest.mark.parametrize(
    "change",
    [
        {"source": "other.py:99"},
        {"message": "said in other words"},
        {"severity": "warning"},
        {"remedy": ""},
        {"template": "Renamed"},
        {"logical_id": "New", "property_path": "Resources.New.Properties.VersioningConfiguration"},
    ],
)
def test_what_does_not_matter(change: dict[str, Any]) -> None:
    assert fingerprint(entry(**change)) == fingerprint(entry())


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "s3-versioning[a]"},
        {"rule": "s3-tls-only"},
        {"construct_path": "App/Logs/Moved"},
        {"property_path": "Resources.Logs.Properties.Other"},
        {"property_path": "Resources.Logs"},
    ],
)
def test_what_is_new_when_it_changes(change: dict[str, Any]) -> None:
    assert fingerprint(entry(**change)) != fingerprint(entry())


def test_elements_of_a_list_are_not_counted() -> None:
    first, second = (entry(property_path=f"Resources.Logs.Properties.Rules[{n}].Ports[{n}]") for n in (0, 12))
    assert fingerprint(first) == fingerprint(second)
    assert identity(first).property_path == "Properties.Rules[].Ports[]"


@pytest.mark.parametrize(
    ("template", "file"),
    [
        ("a.yaml", "a.yaml"),
        ("./a.yaml", "a.yaml"),
        ("x/../a.yaml", "a.yaml"),
        ("x\\a.yaml", "x/a.yaml"),
        ("-", "-"),
        ("{here}/x/a.yaml", "x/a.yaml"),
        ("{above}/elsewhere/a.yaml", "a.yaml"),
    ],
)
def test_the_file_of_what_has_no_construct(
    template: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    given = template.format(here=here, above=tmp_path)
    found = identity(entry(construct_path="", template=given))
    assert (found.construct_path, found.file, found.logical_id) == ("", file, "Logs")


def test_templates_in_two_folders_are_two() -> None:
    prints = {fingerprint(entry(construct_path="", template=name)) for name in ("a/template.yaml", "b/template.yaml")}
    assert len(prints) == 2


def test_what_stands_in_code_is_known_by_its_file() -> None:
    found = entry(place=NOWHERE, source="")
    lines = [entry(place=place(**{**vars(NOWHERE), "source": f"lib/app.py:{line}:4"})) for line in (1, 2)]
    assert identity(lines[0]) == Identity("s3-versioning", "", "lib/app.py", "", "")
    assert fingerprint(lines[0]) == fingerprint(lines[1]) != fingerprint(found)


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("Resources.Logs.Properties.A", "Properties.A"),
        ("Resources.Logs", ""),
        ("Resources.Logs2.Properties.A", "Resources.Logs2.Properties.A"),
        ("Outputs.X", "Outputs.X"),
        ("", ""),
    ],
)
def test_below_the_resource(path: str, below: str) -> None:
    assert below_resource(place(property_path=path)) == below
    assert below_resource(place(logical_id="", property_path=path)) == path


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_sixteen_digits_whatever_the_names(text: str) -> None:
    made = fingerprint(entry(rule=text, construct_path=text, property_path=text))
    assert len(made) == 16
    assert int(made, 16) >= 0


def test_parts_do_not_run_together() -> None:
    assert fingerprint(entry(rule="ab", construct_path="c")) != fingerprint(entry(rule="a", construct_path="bc"))
