"""Fixes in the text of templates of all kinds: the text reads as the fixed data, and what no fix touches stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdk_guardrails import fixing
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.template.loader import load, loads
from cdk_guardrails.template.writing import same
from cdk_guardrails.testing import EXAMPLE_TAGS

SETTINGS = Settings.load({"environment": "prod", "tags": EXAMPLE_TAGS, "unsafe_fixes": True})

UNTOUCHED = "  Untouched: # \t- {a: 'b\n    'Type':   !!str   AWS::CloudFormation::WaitConditionHandle  # é \u2028\n\n"

_EXAMPLES = [rule.bad.template for rule in all_rules().values()]


class _Short(yaml.SafeDumper):
    """Writes functions as tags, short mappings in braces, and what is there twice as an anchor and aliases."""


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    [(name, argument), *more] = value.items() or [("", "")]
    if name == "Ref" and not more:
        return dumper.represent_scalar("!Ref", argument)
    if name == "Fn::Sub" and not more and isinstance(argument, str):
        return dumper.represent_scalar("!Sub", argument, style='"')
    is_flow = len(str(value)) < 60 and "'Type': 'AWS::" not in str(value)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=is_flow)


_Short.add_representer(dict, _mapping)


def as_yaml(data: dict[str, Any], text: str) -> str:
    assert "Resources:\n" in text
    return text.replace("Resources:\n", f"Resources:\n{UNTOUCHED}", 1)


def as_short_yaml(data: dict[str, Any], text: str) -> str:
    written = yaml.dump(data, Dumper=_Short, sort_keys=False, indent=4)
    return f"# all of it\n{written.replace('Resources:', 'Resources:  # what there is', 1)}# the end"


def with_windows_line_ends(data: dict[str, Any], text: str) -> str:
    return "\ufeff" + as_yaml(data, text).replace("\n", "\r\n")


def as_json(data: dict[str, Any], text: str) -> str:
    return json.dumps(data, indent="\t", ensure_ascii=False) + "\n\n"


def as_one_line(data: dict[str, Any], text: str) -> str:
    return "\ufeff" + json.dumps(data, separators=(",", ":"))


def fixed(path: Path) -> fixing.FixedText:
    result = fixing.fix([path], SETTINGS, list(all_rules().values()))
    assert not result.outcome.crashes
    [text] = result.texts
    [template] = result.templates.app.templates
    assert same(loads(text.after, fmt=load(path).format).data, template.data), "the text says what the fixes made"
    return text


@pytest.mark.parametrize(
    ("write", "suffix", "examples"),
    [
        (as_yaml, ".yaml", _EXAMPLES[::2]),
        (as_short_yaml, ".yml", _EXAMPLES[::3]),
        (with_windows_line_ends, ".template", _EXAMPLES[1::3]),
        (as_json, ".json", _EXAMPLES[2::3]),
        (as_one_line, ".template", _EXAMPLES[::3]),
    ],
    ids=["yaml", "short forms", "windows", "json", "one line"],
)
def test_every_rules_bad_example(
    tmp_path: Path, write: Callable[[dict[str, Any], str], str], suffix: str, examples: list[str]
) -> None:
    changed = 0
    for number, example in enumerate(examples):
        path = tmp_path / f"{number}{suffix}"
        path.write_bytes(write(loads(example).data, example).encode())
        result = fixed(path)
        changed += result.changed
        assert_rest_stays(result)
        path.write_bytes(result.after.encode())
        assert write is not as_yaml or not fixed(path).changed, "a second time nothing is left to fix"
    assert changed > len(examples) / 2


def test_every_template_of_a_run_gets_its_own_fixes(tmp_path: Path) -> None:
    """Rules look across the templates of a run; an edit must not land in a neighbour."""
    for number, example in enumerate(_EXAMPLES[::4]):
        (tmp_path / f"{number}.yaml").write_text(example, encoding="utf-8")
    result = fixing.fix([tmp_path], SETTINGS, list(all_rules().values()))
    data = {template.name: template.data for template in result.templates.app.templates}
    assert len(data) == len(result.texts) == len(_EXAMPLES[::4])
    for text in result.texts:
        assert same(loads(text.after, fmt="yaml").data, data[text.name])


def assert_rest_stays(text: fixing.FixedText) -> None:
    """What no fix can touch is there byte for byte: a resource, comments, the byte order mark, the line ends."""
    newline = "\r\n" if "\r\n" in text.before else "\n"
    for part in (UNTOUCHED.replace("\n", newline), "# all of it\n", "Resources:  # what there is\n", "# the end"):
        assert (part in text.after) == (part in text.before)
    assert text.after.startswith("\ufeff") == text.before.startswith("\ufeff")
    assert newline == "\n" or text.after.count("\r\n") == text.after.count("\n")
