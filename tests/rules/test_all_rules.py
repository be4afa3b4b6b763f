"""What holds for every rule, with nothing written per rule."""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.core import get_rules
from cfnlint.decode.decode import decode_str
from cfnlint.rules import RulesCollection
from cfnlint.runner import run_template_by_data
from cfnlint.schema._exceptions import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cdk_guardrails import engine
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules import registry
from cdk_guardrails.rules.base import Rule, SourceRule
from cdk_guardrails.rules.registry import all_rules, source_rules
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Edit, Template
from cdk_guardrails.testing import check_rule, check_source_rule, example_settings, load

GOLDEN_IDS = pathlib.Path(__file__).with_name("golden_ids.txt")
REGION = "us-east-1"

every_rule = pytest.mark.parametrize("rule", all_rules().values(), ids=list(all_rules()))


@every_rule
def test_the_contract(rule: Rule) -> None:
    check_rule(rule)


@pytest.mark.parametrize("rule", source_rules().values(), ids=list(source_rules()))
def test_the_contract_of_source_rules(rule: SourceRule) -> None:
    check_source_rule(rule)


def test_ids_are_public_api() -> None:
    """An id is never renamed or dropped: users suppress by it. A new rule is added to the list."""
    golden = GOLDEN_IDS.read_text().split()
    assert golden == sorted(registry.every_rule()), (
        f"{GOLDEN_IDS.name} must be the sorted list of all rule ids, one a line"
    )


def test_a_rule_stands_where_its_id_says() -> None:
    """``s3-tls-only`` is ``rules/<service>/<slug>.py``: the id ends in the slug."""
    for rule in registry.every_rule().values():
        slug = type(rule).__module__.rpartition(".")[2].rstrip("_").replace("_", "-")
        assert rule.id.endswith(slug), f"{rule.id} stands in {type(rule).__module__}"


@every_rule
def test_the_fix_brings_no_cfn_lint_error(rule: Rule) -> None:
    before = load(rule.bad.template)
    after, _ = fixed(rule)
    new = cfn_lint_errors(after) - cfn_lint_errors(before)
    assert not new


@every_rule
def test_the_fix_sets_no_create_only_property(rule: Rule) -> None:
    before = load(rule.bad.template)["Resources"]
    _, outcome = fixed(rule)
    for edit in outcome.edits("template"):
        if edit.section == "Resources" and edit.logical_id in before and edit.path[2:3] == ("Properties",):
            create_only = create_only_properties(before[edit.logical_id]["Type"])
            for path in edited_paths(edit):
                assert not any(path[: len(pointer)] == pointer for pointer in create_only), f"{path} is create-only"


def test_the_schemas_name_create_only_properties() -> None:
    """The test above compares with something."""
    assert ("TableName",) in create_only_properties("AWS::DynamoDB::Table")
    edit = Edit("set", ("Resources", "T", "Properties", "A"), {"B": [{"C": 1}]})
    assert list(edited_paths(edit)) == [("A", "B", "*", "C")]


def fixed(rule: Rule) -> tuple[dict[str, Any], Outcome]:
    data = load(rule.bad.template)
    app = App()
    Template(data, app=app)
    settings = example_settings(rule, rule.bad)
    return data, engine.run(app, [rule], settings, Suppressions(settings.today), fix=True)


@functools.cache
def cfn_lint_rules() -> RulesCollection:
    return get_rules([], [], [])


def cfn_lint_errors(data: dict[str, Any]) -> set[tuple[str, str]]:
    template, errors = decode_str(json.dumps(data))
    assert not errors
    matches = run_template_by_data(template, ConfigMixIn(regions=[REGION]), cfn_lint_rules())
    return {(match.rule.id, match.message) for match in matches if match.rule.id.startswith("E")}


@functools.cache
def create_only_properties(type_: str) -> frozenset[tuple[str, ...]]:
    """The create-only property paths of a resource type, ``*`` for the items of a list."""
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, type_).schema
    except ResourceNotFoundError:  # a custom resource, or SAM
        return frozenset()
    return frozenset(tuple(pointer.split("/")[2:]) for pointer in schema.get("createOnlyProperties", ()))


def edited_paths(edit: Edit) -> Iterator[tuple[str, ...]]:
    """The property paths of all leaves that an edit sets."""
    base = tuple("*" if isinstance(part, int) else str(part) for part in edit.path[3:])
    yield from leaves(edit.value, (*base, "*") if edit.op == "append" else base)


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, (*path, "*"))
    else:
        yield path
