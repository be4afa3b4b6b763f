"""Runs rules over templates: check, fix, check again, until nothing changes. A rule that crashes is a finding."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_guardrails.errors import EditError
from cdk_guardrails.rules.base import Finding, FixSafety, Rule, Severity
from cdk_guardrails.settings import RuleSettings, Settings
from cdk_guardrails.suppressions import Suppression, Suppressions
from cdk_guardrails.template import APP, TEMPLATE, App, Edit, Resource, Template

MAX_PASSES: Final = 8
"""Passes until a run counts as never settling: fixes that add resources which need fixes settle in two or three."""

_Touched = dict[tuple[str, str], int]
"""By template and logical id: the place in the order of the last rule whose edit touched the resource."""

Covers = Callable[[Template, str, Rule], bool]
"""Whether a rule is to judge the resource with this logical id ("" for the template itself) here.

It is the same for all rules of a concern.
"""


@dataclass(frozen=True)
class Fix:
    """One line of the ledger: which rule changed what, from what, to what, and where it comes from."""

    finding: Finding
    edit: Edit
    before: Any
    safety: FixSafety


@dataclass(frozen=True)
class Crash:
    """A rule that raised: an error finding, with the traceback for the report."""

    finding: Finding
    traceback: str


@dataclass(frozen=True)
class Judged:
    """A resource that a run judged, clean or not."""

    template: str
    construct_path: str
    logical_id: str
    resource_type: str


@dataclass
class Outcome:
    """What a run did: fixes in the order applied, findings left, findings held back, crashes, fixes that failed.

    ``notes`` are lines for the summary. ``resources`` are those judged, when the run looked at what it left
    (``verify``).

    ``settled`` is False when fixes were still being made in the last of `MAX_PASSES` passes.
    """

    fixes: list[Fix] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    suppressed: list[tuple[Finding, Suppression]] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    failed: list[tuple[Finding, str]] = field(default_factory=list)
    rules_run: int = 0
    settled: bool = True
    resources: list[Judged] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def edits(self, template: str) -> list[Edit]:
        """The edits that were applied to the template of this name."""
        return [fix.edit for fix in self.fixes if fix.finding.template == template]


def run(
    app: App,
    rules: Sequence[Rule],
    settings: Settings,
    suppressions: Suppressions,
    *,
    fix: bool,
    covers: Covers = lambda template, logical_id, rule: True,
    verify: bool = True,
) -> Outcome:
    """Runs ``rules`` over every template of ``app``; with ``fix``, applies their fixes to the templates in place.

    Without ``verify``, what was fixed is not looked at again: for a host that judges the finished templates anyway.
    """
    return _Run(app, rules, settings, suppressions, fix, covers, verify).outcome()


class _Run:
    def __init__(
        self,
        app: App,
        rules: Sequence[Rule],
        settings: Settings,
        suppressions: Suppressions,
        fix: bool,
        covers: Covers,
        verify: bool,
    ) -> None:
        self.app, self.suppressions, self.fixing, self.covers, self.verify = app, suppressions, fix, covers, verify
        self.rules = [(rule, settings.for_rule(rule)) for rule in sorted(rules, key=lambda rule: (rule.order, rule.id))]
        self.left: dict[tuple[str, str, str], list[Finding]] = {}
        self.result = Outcome()
        self.number = 0
        self.is_first = True
        self._still: set[tuple[str, str]] = set()
        self._held: dict[tuple[str, str, str], tuple[Finding, Suppression]] = {}
        self._crashed: dict[tuple[str, str, str], Crash] = {}
        self._failed: dict[tuple[str, str, str], tuple[Finding, str]] = {}

    def outcome(self) -> Outcome:
        touched: _Touched | None = None
        for _ in range(MAX_PASSES if self.fixing else 1):
            touched = self._pass(touched and self._neighbourhood(touched))
            if not touched:
                break
        self.result.settled = not touched
        if touched:  # never settling: what is left shows in a round that fixes nothing
            self.fixing = False
            self._pass(None)
        elif self.verify and self.result.fixes:
            self._look_again()
        crashes = list(self._crashed.values())
        self.result.crashes = crashes
        self.result.findings = [f for found in self.left.values() for f in found] + [c.finding for c in crashes]
        self.result.suppressed = list(self._held.values())
        self.result.failed = still_open(self._failed.values(), self.result.findings)
        self.result.resources = list(self._judged()) if self.verify else []
        return self.result

    def _judged(self) -> Iterator[Judged]:
        """The resources that a rule of some concern covers: which rule of a concern is asked makes no difference."""
        asked = list({rule.concern: rule for rule, _ in self.rules}.values())
        for template in self.app.templates:
            for id_, resource in template.resources.items():
                if any(self.covers(template, id_, rule) for rule in asked):
                    yield Judged(template.name, template.origin(id_).construct_path, id_, resource.type)

    def _pass(self, due: _Touched | None) -> _Touched:
        """One round over all rules; returns what edits touched: the next round looks at their neighbourhood.

        A rule looks again only at what a rule after it has touched: in the first round, those after it have seen that.
        """
        touched: _Touched = {}
        self.is_first = due is None
        wholes = {(template.name, ""): max(due.values()) for template in self.app.templates} if due else {}
        looked_at = due and due | wholes
        for number, (rule, settings) in enumerate(self.rules):
            if settings.severity is Severity.OFF:
                continue
            self.number = number
            for template, resource in self._targets(rule):
                if looked_at is None or looked_at.get((template.name, resource.logical_id), -1) > number:
                    self._judge(rule, settings, template, resource, touched)
        return touched

    def _neighbourhood(self, touched: _Touched) -> _Touched:
        """``touched``, with what those resources refer to and what refers to them: rules look at neighbours, too."""
        found = dict(touched)
        templates = {template.name: template for template in self.app.templates}
        for (name, id_), number in touched.items():
            if (name, id_) in self._still:
                continue
            template = templates[name]
            around = [reference.logical_id for reference in template.references_from(id_)]
            around += [referrer for referrer, _ in template.references_to(id_)]
            for neighbour in around:
                found[name, neighbour] = max(number, found.get((name, neighbour), -1))
        return found

    def _touch(self, touched: _Touched, template: Template, edit: Edit, ripples: bool) -> None:
        """What is added, or is changed in a later round, is looked at by every rule, the changing one included."""
        if not ripples and not edit.adds_element:
            return
        number = self.number if self.is_first and not edit.adds_element else len(self.rules)
        key = (template.name, edit.logical_id)
        if ripples:
            self._still.discard(key)
        elif key not in touched:
            self._still.add(key)
        if number > 0:
            touched[key] = max(number, touched.get(key, -1))

    def _targets(self, rule: Rule) -> Iterator[tuple[Template, Resource]]:
        for template in self.app.templates:
            resources = template.of_type(*rule.resource_types)
            if "*" in rule.resource_types:
                resources = list(template.resources.values())
            if TEMPLATE in rule.resource_types:
                resources = [*resources, template.whole]
            for resource in resources:
                if self.covers(template, resource.logical_id, rule):
                    yield template, resource
        if APP in rule.resource_types and self.app.templates:
            first = self.app.templates[0]
            yield first, stand_in(rule, first)

    def _judge(
        self, rule: Rule, settings: RuleSettings, template: Template, resource: Resource, touched: _Touched
    ) -> None:
        self.result.rules_run += 1
        findings = self._found(rule, settings, template, resource)
        key = (template.name, resource.logical_id, rule.id)
        if findings and self.fixing and settings.fixes:
            if self._fix(rule, settings, template, resource, findings, touched):
                findings = self._found(rule, settings, template, resource) if self.verify else []
        if findings:
            self.left[key] = findings
        else:
            self.left.pop(key, None)

    def _found(self, rule: Rule, settings: RuleSettings, template: Template, resource: Resource) -> list[Finding]:
        """The findings that nobody suppressed."""
        try:
            found = list(rule.check(resource, template, settings))
        except Exception as error:  # a rule's crash must not hide the findings of the others
            self._crash(rule, template, resource, error)
            return []
        open_findings = []
        for finding in found:
            if settings.severity_override:
                finding = finding._replace(severity=settings.severity_override)
            if suppression := self.suppressions.holding(finding):
                self._held[(template.name, resource.logical_id, finding.id)] = (finding, suppression)
            else:
                open_findings.append(finding)
        return open_findings

    def _fix(
        self,
        rule: Rule,
        settings: RuleSettings,
        template: Template,
        resource: Resource,
        findings: list[Finding],
        touched: _Touched,
    ) -> bool:
        """Applies the fixes of these findings, each whole or not at all; returns whether anything changed."""
        before = len(self.result.fixes)
        for finding in findings:
            for fix in self._fixes(rule, settings, template, resource, finding):
                self.result.fixes.append(fix)
                if fix.edit.section == "Resources":
                    self._touch(touched, template, fix.edit, rule.ripples)
        return len(self.result.fixes) > before

    def _fixes(
        self, rule: Rule, settings: RuleSettings, template: Template, resource: Resource, finding: Finding
    ) -> list[Fix]:
        try:
            edits = list(rule.fix(finding, resource, template, settings))
            befores = template.apply_all(edits)
        except EditError as error:
            self._failed[(template.name, resource.logical_id, finding.id)] = (finding, str(error))
            return []
        except Exception as error:  # as for check
            self._crash(rule, template, resource, error)
            return []
        return [Fix(finding, edit, before, rule.fix_safety) for edit, before in zip(edits, befores, strict=True)]

    def _crash(self, rule: Rule, template: Template, resource: Resource, error: Exception) -> None:
        message = f"the rule {rule.id} crashed on this resource: {type(error).__name__}: {error}"
        remedy = "Report it with the traceback from guardrails-report.json."
        at = (resource.logical_id, resource.root, remedy, rule.id, Severity.ERROR)
        finding = Finding("rule-crashed", message, *at, template.name, resource.type, resource.origin)
        trace = "".join(traceback.format_exception(error))
        self._crashed[(template.name, resource.logical_id, rule.id)] = Crash(finding, trace)

    def _look_again(self) -> None:
        """A finding that a later rule's edit has put right must not be reported."""
        by_id = {rule.id: (rule, settings) for rule, settings in self.rules}
        templates = {template.name: template for template in self.app.templates}
        for key in list(self.left):
            name, logical_id, rule_id = key
            template = templates[name]
            rule, settings = by_id[rule_id]
            resource = template.resources.get(logical_id) if logical_id else stand_in(rule, template)
            self.left[key] = self._found(rule, settings, template, resource) if resource else []


def still_open(failed: Iterable[tuple[Finding, str]], findings: Sequence[Finding]) -> list[tuple[Finding, str]]:
    """The failed fixes whose finding is still there."""
    there = {(finding.template, finding.logical_id, finding.id) for finding in findings}
    return [(f, error) for f, error in failed if (f.template, f.logical_id, f.id) in there]


def stand_in(rule: Rule, template: Template) -> Resource:
    """What a rule about a whole app or template is given for a resource."""
    return Resource(template, "", {"Type": APP, "Properties": {}}) if APP in rule.resource_types else template.whole
