"""What an entry of these tests is: a line of a failure report, and a template in which just that has gone wrong."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cdk_guardrails import engine
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Edit, Template
from cdk_guardrails.template.edits import Path, apply, parse_path, value_at
from cdk_guardrails.testing import load

STACKS: Final = pathlib.Path(__file__).with_name("stacks")

TAGS: Final = {"Owner": "payments", "Project": "shop", "Department": "sales"}

GONE: Final = object()
"""In `Line.after`: nothing stands there."""

Stacks = Mapping[str, Any]
"""A template, or the templates of an app by the names of their stacks."""

SECTIONS: Final = ("Conditions", "Mappings", "Outputs", "Parameters")
ATTRIBUTES: Final = ("Condition", "DeletionPolicy", "DependsOn", "Metadata", "Type", "UpdateReplacePolicy")


@dataclass(frozen=True)
class Line:
    """A line of a report in one situation.

    ``fails`` fails as the report says, and has each of the findings ``finds`` (``rule-id @ LogicalId.Property``).
    After a run of all rules with ``settings`` (default: prod, with tags) those findings are gone, and ``after`` holds
    for the template (a value by its path), or they are still there, as ``outcome`` says. ``near_misses`` look like
    ``fails`` but are right: no finding of the same rules. ``issue`` tells several issues of a line apart;
    ``severity`` is that of the findings, where it matters.
    """

    line: str
    fails: Stacks
    finds: tuple[str, ...]
    outcome: Literal["fixed", "flagged"]
    near_misses: tuple[Stacks, ...]
    after: Mapping[str, Any] = field(default_factory=dict)
    issue: str = ""
    severity: Severity | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The line as tests are named by it: ``A1.1-node-options``."""
        return f"{self.line}-{self.issue}" if self.issue else self.line

    @property
    def rules(self) -> frozenset[str]:
        """The ids of the rules that find it."""
        return frozenset(found.partition(" @ ")[0].partition("[")[0] for found in self.finds)


def stack(name: str) -> dict[str, Any]:
    """The template ``stacks/<name>.yaml``."""
    return load((STACKS / f"{name}.yaml").read_text(encoding="utf-8"))


def but(template: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``template`` with other values at these paths: ``Resource``, ``Resource.Property``, ``Outputs.Name``; or `GONE`.

    What is to go must be there, and a path into a list must end at an item that is there.
    """
    changed = load(template)
    for path, value in changes.items():
        first, *rest = parse_path(path)
        is_section = first in SECTIONS
        kind = [] if is_section or not rest or rest[0] in ATTRIBUTES else ["Properties"]
        where: Path = (first, *rest) if is_section else ("Resources", first, *kind, *rest)
        apply(changed, Edit("remove", where) if value is GONE else Edit("set", where, value))
    return changed


def apps(stacks: Stacks) -> Mapping[str, Mapping[str, Any]]:
    """The templates by name; one alone is that of the stack ``Shop``."""
    return {"Shop": stacks} if "Resources" in stacks else stacks


def run(stacks: Stacks, settings: Mapping[str, Any], *, fix: bool) -> tuple[App, Outcome]:
    """A run of all rules over an app of these stacks; fixes change its templates."""
    app = App()
    for name, template in apps(stacks).items():
        Template(load(template), name=name, app=app)
    given = Settings.load({"environment": "prod", "tags": TAGS, **settings})
    outcome = engine.run(app, list(all_rules().values()), given, Suppressions(datetime.date.min), fix=fix)
    assert not outcome.crashes, "\n".join(crash.traceback for crash in outcome.crashes)
    assert outcome.settled
    return app, outcome


def shown(finding: Finding) -> str:
    """A finding as `Line.finds` has it; one of a template or an app has no place."""
    location = finding.location.removeprefix("Properties").removeprefix(".")
    place = ".".join(filter(None, (finding.logical_id, location)))
    return f"{finding.id} @ {place}" if place else finding.id


def of_rules(outcome: Outcome, rules: frozenset[str]) -> list[str]:
    """The findings of these rules, as `shown`."""
    return [shown(finding) for finding in outcome.findings if finding.rule in rules]


def alarm(metric: str, of: str, **dimensions: Any) -> dict[str, Any]:
    """An alarm on a metric of the service ``of`` (``Lambda``), as an author may have written it."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmActions": [{"Fn::ImportValue": "alarms"}],
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "EvaluationPeriods": 1,
            "MetricName": metric,
            "Namespace": f"AWS/{of}",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    }


def at(path: str, template: Template) -> Any:
    """The value at a path of the template, `GONE` when there is none."""
    parts = parse_path(path)
    parent = value_at(template.data, parts[:-1])
    is_there = parts[-1] in parent if isinstance(parent, dict) else value_at(parent, parts[-1:]) is not None
    return value_at(template.data, parts) if is_there else GONE
