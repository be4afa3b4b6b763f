"""One construct tree's run: which aspect covers what, what was fixed, and the check of the finished templates.

The CDK hosts (aspects.py, checks.py) talk to a Session; it knows templates and settings, and nothing of jsii.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from cdk_guardrails.assembly import environment_of, origins_of, read_templates
from cdk_guardrails.baseline import Baselines
from cdk_guardrails.engine import Covers, Crash, Fix, Outcome, run, still_open
from cdk_guardrails.judging import judge, suppressions_of
from cdk_guardrails.own_findings import about_suppressions, own
from cdk_guardrails.rules.base import Concern, Finding, FixSafety, Rule
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppression, Suppressions
from cdk_guardrails.template import App, Template


@dataclass(eq=False)
class Coverage:
    """One aspect on one scope: the construct path below which its settings hold for its concerns."""

    path: str
    settings: Settings
    concerns: frozenset[Concern]
    notes: list[Finding] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    failed: list[tuple[Finding, str]] = field(default_factory=list)
    acted: bool = False
    settled: bool = True

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules of its concerns."""
        return [rule for rule in all_rules().values() if rule.concern in self.concerns]

    @cached_property
    def fixing_rules(self) -> list[Rule]:
        """Those that have a fix: the others would find in vain what the finished templates show again."""
        return [rule for rule in self.rules if rule.fix_safety is not FixSafety.NONE]

    def begin(self) -> None:
        """Forgets what an earlier synthesis noted."""
        self.notes, self.crashes, self.failed, self.acted, self.settled = [], [], [], False, True

    def contains(self, path: str) -> bool:
        """Whether the construct at ``path`` is the scope or lies below it."""
        return not self.path or path == self.path or path.startswith(f"{self.path}/")


@contextmanager
def without_collection() -> Iterator[None]:
    """Makes thousands of small objects, all of which stay: the garbage collector would only look at them in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Session:
    """What several aspects in one construct tree share. `of` finds or makes it."""

    _sessions: ClassVar[dict[str, Session]] = {}

    def __init__(self) -> None:
        self.coverages: list[Coverage] = []
        self.registered: set[str] = set()
        self.files: dict[str, str] = {}
        """Template files by stack path, as last checked."""
        self._fixes: dict[tuple[str, str, str], Fix] = {}
        self._closest: dict[tuple[str, Concern], Coverage | None] = {}

    @classmethod
    def of(cls, app_id: str) -> Session:
        """The session of the construct tree with this id."""
        return cls._sessions.setdefault(app_id, cls())

    @property
    def fixes(self) -> list[Fix]:
        """Every fix made in this tree, in order; a second synthesis finds nothing to fix and forgets none."""
        return list(self._fixes.values())

    def cover(self, coverage: Coverage) -> None:
        """Notes that an aspect covers a scope."""
        if coverage not in self.coverages:
            self.coverages.append(coverage)
            self._closest.clear()

    def closest(self, path: str, concern: Concern) -> Coverage | None:
        """The coverage of ``concern`` whose scope is nearest to the construct at ``path``; of equals, the first."""
        if len(self.coverages) == 1:
            [only] = self.coverages
            return only if concern in only.concerns and only.contains(path) else None
        if (path, concern) not in self._closest:
            fitting = [c for c in self.coverages if concern in c.concerns and c.contains(path)]
            self._closest[path, concern] = max(fitting, key=lambda coverage: len(coverage.path), default=None)
        return self._closest[path, concern]

    def fix(self, coverage: Coverage, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Runs the fixes on what an aspect visited and returns the edits for the replay."""
        coverage.acted = True
        for problem in message["unresolved"]:
            text = f"this construct cannot be resolved, so nothing is known of it: {problem['error']}"
            coverage.notes.append(own("unresolved-construct", text, problem["path"]))
        app, covers = self._visited(coverage, message["stacks"])
        settings = coverage.settings
        suppressions, _ = suppressions_of(app, settings, message["suppressions"])
        outcome = run(app, coverage.fixing_rules, settings, suppressions, fix=True, covers=covers, verify=False)
        coverage.crashes += outcome.crashes
        coverage.failed += outcome.failed
        coverage.settled &= outcome.settled
        if not outcome.settled:
            text = "the fixes of this scope go on for ever: one undoes what another does"
            coverage.notes.append(own("fix-not-applied", text, coverage.path, remedy="Turn off one of the rules."))
        for fix in outcome.fixes:
            key = (fix.finding.id, fix.finding.template, repr((fix.edit.path, fix.edit.value)))
            self._fixes.setdefault(key, fix)
        stacks = {stack["path"]: index for index, stack in enumerate(message["stacks"])}
        return [
            {"stack": stacks[fix.finding.template], "op": fix.edit.op, "path": fix.edit.path, "value": fix.edit.value}
            for fix in outcome.fixes
        ]

    def _visited(self, coverage: Coverage, stacks: Iterable[Mapping[str, Any]]) -> tuple[App, Covers]:
        """The templates of a snapshot, and which of their resources this coverage is to treat."""
        app = App()
        context: set[tuple[str, str]] = set()
        for stack in stacks:
            elements = stack["elements"]
            # What has no construct of its own (another package's element may render any resource) cannot be changed.
            resources = stack["data"]["Resources"]
            context |= {(stack["path"], id_) for id_ in resources if not elements.get(id_, {}).get("treat")}
            Template(stack["data"], name=stack["path"], origins=origins_of(elements), app=app, **environment_of(stack))

        def covers(template: Template, logical_id: str, rule: Rule) -> bool:
            if (template.name, logical_id) in context:
                return False
            # What a fix of this very run added has no construct yet.
            path = template.origin(logical_id).construct_path if logical_id else template.name
            return (not path) or self.closest(path, rule.concern) is coverage

        return app, covers

    def check(self, described: Mapping[str, Any]) -> Outcome:
        """Judges the finished templates: each resource by the settings of the closest coverage of a rule's concern."""
        total = Outcome(fixes=self.fixes)
        app = self._finished(described, total)
        baselines = Baselines()
        held = [self._check_coverage(coverage, app, described, baselines, total) for coverage in self.coverages]
        used: set[Suppression] = set().union(*(suppressions.used for suppressions in held))
        expired: set[Suppression] = set().union(*(suppressions.expired_used for suppressions in held))
        for coverage, suppressions in zip(self.coverages, held, strict=True):
            # One that another coverage had a use for is not useless here.
            suppressions.used |= used
            suppressions.expired_used |= expired
            total.findings += about_suppressions(suppressions, frozenset(rule.id for rule in coverage.rules))
        self._lint(described, baselines, total)
        total.findings = list(dict.fromkeys(total.findings))
        total.notes += baselines.notes(total.findings)
        failed = [item for coverage in self.coverages for item in coverage.failed]
        total.failed = still_open(failed, total.findings)
        return total

    def _lint(self, described: Mapping[str, Any], baselines: Baselines, total: Outcome) -> None:
        """Judges the app's own Python, when a coverage wants that."""
        wanted = [
            (coverage.settings, coverage.concerns) for coverage in self.coverages if coverage.settings.lint_source
        ]
        if wanted:
            from cdk_guardrails.linting import lint_loaded  # only here: few apps ask for it

            for outcome in lint_loaded(wanted, described["suppressions"]):
                for settings, _ in wanted:
                    baselines.hold(outcome, settings)
                total.findings += outcome.findings
                total.suppressed += outcome.suppressed
                total.crashes += outcome.crashes
                total.rules_run += outcome.rules_run

    def _finished(self, described: Mapping[str, Any], total: Outcome) -> App:
        """The templates as they were written. One that is missing is an error, never a pass."""
        app = App(asset_sources=described.get("assets", {}))
        total.findings += read_templates(described, app)
        self.files = {template.name: template.file for template in app.templates}
        return app

    def may_suppress(self, id_: str) -> bool:
        """Whether CDK may apply an acknowledgement to a finding that is reported: not if the settings forbid it."""
        rule = id_.partition("[")[0]
        return not any(c.settings.ignore_suppressions or rule in c.settings.unsuppressable for c in self.coverages)

    def _check_coverage(
        self, coverage: Coverage, app: App, described: Mapping[str, Any], baselines: Baselines, total: Outcome
    ) -> Suppressions:
        settings = coverage.settings

        def covers(template: Template, logical_id: str, rule: Rule) -> bool:
            path = template.origin(logical_id).construct_path if logical_id else ""
            return self.closest(path or template.name, rule.concern) is coverage

        outcome, suppressions = judge(app, coverage.rules, settings, described["suppressions"], covers=covers)
        baselines.hold(outcome, settings)
        total.findings += [*outcome.findings, *coverage.notes, *self._about(coverage, described)]
        total.findings += [crash.finding for crash in coverage.crashes]
        total.suppressed += outcome.suppressed
        total.crashes += [*outcome.crashes, *coverage.crashes]
        total.resources += outcome.resources
        total.rules_run += outcome.rules_run
        total.settled &= coverage.settled
        return suppressions

    def _about(self, coverage: Coverage, described: Mapping[str, Any]) -> Iterable[Finding]:
        """What is odd about the coverage itself."""
        if coverage.settings.environment is None and coverage.concerns == frozenset(Concern):
            yield own(
                "environment-unset",
                "no environment is given, so the strictest profile (prod) is used",
                coverage.path,
                remedy='Guardrails(environment="prod"), or `environment` in the settings file',
            )
        paths = (element["path"] for stack in described["templates"].values() for element in stack["elements"].values())
        if not any(coverage.contains(path) for path in paths):
            yield own("nothing-to-guard", "there is no CloudFormation resource in this scope", coverage.path)
        elif coverage.settings.mode == "fix" and not coverage.acted:
            text = "the visits of this scope never came to an end, so no fix was applied"
            yield own("fix-not-applied", text, coverage.path, remedy="Set @aws-cdk/core:aspectStabilization to true.")
