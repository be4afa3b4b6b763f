"""Rules that say that others need not look again are right: the outcome is the same when all look again."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import EXAMPLE_TAGS, load

STACKS = sorted((Path(__file__).parents[1] / "report_lines" / "stacks").glob("*.yaml"))
EXAMPLES = {rule.id: rule.bad.template for rule in all_rules().values()} | {
    file.stem: file.read_text() for file in STACKS
}


def outcome(data: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    app = App()
    Template(data, app=app)
    settings = Settings(environment="prod", tags=EXAMPLE_TAGS, unsafe_fixes=True)
    done = engine.run(app, list(all_rules().values()), settings, Suppressions(settings.today), fix=True)
    return data, sorted(done.findings)


@pytest.mark.parametrize("name", EXAMPLES)
def test_looking_again_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load(EXAMPLES[name])
    quick = outcome(copy.deepcopy(data))
    for rule in all_rules().values():
        monkeypatch.setattr(rule, "ripples", True, raising=False)
    assert outcome(data) == quick


def test_there_are_rules_that_do_not_ripple() -> None:
    assert any(not rule.ripples for rule in all_rules().values())
