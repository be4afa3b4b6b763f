"""The lines of resources, found without a tree: the same as by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdk_guardrails.template.json_lines import resource_lines
from cdk_guardrails.template.loader import loads

DATA: dict[str, Any] = {
    "Description": 'a "Resources": {"Not": 1} in a text \\',
    "Metadata": {"Resources": {"Nor": {}}, "list": [1, 2.5, None, [], {}]},
    "Resources": {"First": {"Type": "AWS::S3::Bucket", "Properties": {}}, 'q"\\\n': {}, "Läst": {"Type": "x"}},
    "Outputs": {"First": {"Value": 1}},
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t"])
def test_as_by_the_tree(indent: int | str | None, newline: str) -> None:
    text = f"\n {json.dumps(DATA, indent=indent)}\n".replace("\n", newline)
    source = loads(text, fmt="json")
    assert resource_lines(text) == {id_: source.line(("Resources", id_)) for id_ in DATA["Resources"]}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{}", {}),
        ('{"Resources" : {  }}', {}),
        ('{"Resources"\n:\n{\n"A"\n:\n{}\n,\n\n"B":1\n}\n}', {"A": 4, "B": 9}),
    ],
)
def test_odd_layouts(text: str, lines: dict[str, int]) -> None:
    assert resource_lines(text) == lines
