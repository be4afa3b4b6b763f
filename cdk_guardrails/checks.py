"""GuardrailsChecks, the cdk-nag pack: judges the finished templates and hands the findings to CDK's own validation."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import cdk_nag
from aws_cdk import (
    IPolicyValidationContext,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)
from cdk_nag import NagPack
from constructs import IConstruct

from cdk_guardrails._version import __version__
from cdk_guardrails.baseline import baseline_of
from cdk_guardrails.bridge import BatchAspect
from cdk_guardrails.engine import Outcome
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.own_findings import own
from cdk_guardrails.report.json_format import REPORT_FILE, to_json, write
from cdk_guardrails.report.model import Report
from cdk_guardrails.report.table import render, summary
from cdk_guardrails.rules.base import Concern, Finding, Severity
from cdk_guardrails.rules.registry import all_rules, every_rule
from cdk_guardrails.session import Coverage, Session, without_collection
from cdk_guardrails.settings import Settings

PACK_NAME: Final = "cdk-guardrails"
"""The name of the plugin, and so the namespace of its rule ids: ``cdk-guardrails::s3-versioning``."""


class GuardrailsChecks(NagPack):
    """Flags what is wrong in the synthesized templates: ``Validations.of(app).add_plugins(GuardrailsChecks(app))``.

    `Guardrails` adds it by itself. Used alone it changes nothing, and judges the whole app by the given arguments (as
    for `Guardrails`). Errors fail the synth; warnings are shown.

    Raises:
        SettingsError: as for `Guardrails`.
    """

    def __init__(self, scope: IConstruct | None = None, **arguments: Any) -> None:
        super().__init__(scope)
        self._scope = scope
        self._session: Session | None = None
        given = {**arguments, "mode": "check"}
        self._settings = Settings.load(given, None, Path.cwd())
        baseline_of(self._settings)  # a damaged one is an error here, not in the middle of a synth

    @classmethod
    def of_session(cls, session: Session, scope: IConstruct) -> GuardrailsChecks:
        """The pack that `Guardrails` registers: it judges what the aspects of ``session`` cover."""
        pack = cls(scope)
        pack._session = session
        return pack

    @property
    def name(self) -> str:
        """The plugin's name in CDK's report."""
        return PACK_NAME

    @property
    def version(self) -> str:
        """The library's version."""
        return __version__

    @property
    def rule_ids(self) -> list[str]:
        """The ids of the rules: those about Python only where it is linted."""
        settings = [coverage.settings for coverage in self._session.coverages] if self._session else [self._settings]
        rules = every_rule() if any(each.lint_source for each in settings) else all_rules()
        return [f"{PACK_NAME}::{id_}" for id_ in rules]

    def _check_resource(self, node: Any) -> None:
        """Never called: the templates are judged, not the constructs."""

    @without_collection()
    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Called by the CDK when the templates are written."""
        # The first releases of aws-cdk-lib that we support tell the app to plugins in JavaScript only.
        scope = self._scope or getattr(context, "app_construct", None)
        if scope is None:
            raise GuardrailsError("this aws-cdk-lib does not tell its plugins the app: use GuardrailsChecks(app)")
        described = json.loads(BatchAspect.describe(scope))
        session = self._session or self._alone(described["app"])
        if session is None:
            return PolicyValidationPluginReport(success=True, violations=[])
        try:
            outcome = session.check(described)
        except Exception as error:  # a fault of ours is an error of its own, with what is needed to report it
            text = f"the templates could not be checked: {type(error).__name__}: {error}"
            print("".join(traceback.format_exception(error)), file=sys.stderr)
            outcome = Outcome(findings=[own("rule-crashed", text, "")])
        try:
            self._report(session, outcome, described, scope)
        except Exception as error:  # a full disk, say: the findings must reach the user all the same
            text = f"{REPORT_FILE} could not be written: {type(error).__name__}: {error}"
            outcome.findings.append(own("report-not-written", text, ""))
            if not described["validationRaises"]:
                said = "\n".join(
                    f"{finding.severity.value}: {finding.id}: {_said(finding)}" for finding in outcome.findings
                )
                BatchAspect.finish_later(scope, "", "", said, True)
        violations = list(_violations(outcome, session))
        if described["validationRaises"]:  # before, CDK did not tell acknowledgements of one construct from another's
            violations += _suppressed(outcome, session.files)
        success = not any(finding.severity is Severity.ERROR for finding in outcome.findings)
        return PolicyValidationPluginReport(success=success, violations=violations)

    def _alone(self, app_id: str) -> Session | None:
        """A session for a pack that a user added; None when Guardrails have registered one for the same app."""
        session = Session.of(app_id)
        if PACK_NAME in session.registered:
            return None
        alone = Session()
        alone.cover(Coverage("", self._settings, frozenset(Concern)))
        return alone

    def _report(self, session: Session, outcome: Outcome, described: Mapping[str, Any], scope: IConstruct) -> None:
        settings = session.coverages[0].settings if session.coverages else self._settings
        report = Report.build([outcome], settings)
        path = Path(described["outdir"]) / REPORT_FILE
        if described["validationRaises"]:
            write(report, path)
        else:
            # The CLI of today does not read what such a CDK reports, so we say it ourselves.
            said = f"{render(report)}The report is in {path}"
            BatchAspect.finish_later(scope, str(path), to_json(report), said, report.summary.errors > 0)
            print(said, file=sys.stderr)
        if not settings.quiet:
            print(summary(report, path), file=sys.stderr)
            for note in outcome.notes:
                print(f"cdk-guardrails: {note}", file=sys.stderr)


def nag_pack(name: str, scope: IConstruct) -> NagPack:
    """One of cdk-nag's own packs by the name in the settings, ``AwsSolutions``."""
    pack: NagPack = getattr(cdk_nag, f"{name}Checks")(scope)
    return pack


def _violations(outcome: Outcome, session: Session) -> Iterable[PolicyViolation]:
    """Findings in CDK's form: those that say the same of several resources are one violation."""
    groups: dict[tuple[str, str, str, Severity], list[Finding]] = {}
    for finding in outcome.findings:
        groups.setdefault((finding.id, _said(finding), finding.remedy, finding.severity), []).append(finding)
    for (id_, message, remedy, severity), findings in groups.items():
        yield PolicyViolation(
            rule_name=f"{PACK_NAME}::{id_}",
            description=message,
            fix=remedy or None,
            severity=severity.value if session.may_suppress(id_) else "fatal",
            violating_resources=[_violating(finding, session.files) for finding in findings],
        )


def _suppressed(outcome: Outcome, files: Mapping[str, str]) -> Iterable[PolicyViolation]:
    """What was acknowledged with CDK's own `acknowledge` goes to CDK under that id, to be listed as suppressed."""
    for finding, suppression in outcome.suppressed:
        if suppression.acknowledged:
            yield PolicyViolation(
                rule_name=suppression.acknowledged,
                description=_said(finding),
                fix=finding.remedy or None,
                severity=finding.severity.value,
                violating_resources=[_violating(finding, files)],
            )


def _said(finding: Finding) -> str:
    """The message. Of what is no construct CDK shows no place, so that stands in front."""
    is_in_code = not finding.logical_id and not finding.origin.construct_path and finding.origin.source
    return f"{finding.origin.source}: {finding.message}" if is_in_code else finding.message


def _violating(finding: Finding, files: Mapping[str, str]) -> PolicyViolatingResource:
    locations = [finding.location] if finding.location else []
    if finding.logical_id:
        return PolicyViolatingResource(
            resource_logical_id=finding.logical_id, template_path=files[finding.template], locations=locations
        )
    return PolicyViolatingResource(construct_path=finding.origin.construct_path, locations=locations)
