"""Guardrails, and one Aspect class per concern. Thin hosts: what to change is decided by the rules."""

from __future__ import annotations

import datetime
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from aws_cdk import Validations
from constructs import Construct, IConstruct

from cdk_guardrails.baseline import baseline_of
from cdk_guardrails.bridge import BatchAspect
from cdk_guardrails.checks import PACK_NAME, GuardrailsChecks, nag_pack
from cdk_guardrails.engine import Crash
from cdk_guardrails.errors import GuardrailsError, SettingsError
from cdk_guardrails.own_findings import OWN_IDS, own
from cdk_guardrails.rules.base import Concern
from cdk_guardrails.rules.registry import Ids, all_rules, source_rules
from cdk_guardrails.session import Coverage, Session, without_collection
from cdk_guardrails.settings import Mode, Settings
from cdk_guardrails.suppressions import make

CONTEXT_KEY: Final = "cdk-guardrails"
SUPPRESSION: Final = "cdk-guardrails:suppress"
"""The construct metadata under which the bridge finds what `suppress` noted."""


class Guardrails(BatchAspect):
    """Fixes what has one right answer, has the rest flagged: ``Aspects.of(app).add(Guardrails(environment="prod"))``.

    Args:
        environment: ``dev``, ``staging``, ``prod`` or one that the settings file defines. None: the strictest, and a
            warning.
        tags: tags for every taggable resource; an author's value is kept.
        rules: per rule id ``"off" | "warning" | "error"``, or a mapping with ``severity``, ``fix`` and options.
        mode: ``"fix"``, or ``"check"`` which changes nothing.
        unsafe_fixes: also apply fixes that may replace a resource, cost money or change behaviour.
        packs: cdk-nag packs by name, ``["AwsSolutions"]``.
        names: the pattern of physical names, ``"{env}-*"``.
        quiet: no summary on stderr.
        unsuppressable: ids of rules that may not be suppressed.
        ignore_suppressions: an audit run, as if nothing were suppressed.
        lint_source: judge the app's own Python too, as ``cdk-guardrails lint`` does: the modules that are loaded from
            below its folder.
        baseline: the file of known findings that do not fail the synth, as ``cdk-guardrails baseline`` writes it. Fixes
            are made all the same.
        today: the date by which suppressions expire, for tests.

    What is left None comes from cdk.json's context key ``cdk-guardrails``, ``guardrails.toml`` or pyproject.toml.

    Raises:
        SettingsError: an unknown key, a wrong type or a value that is not allowed, naming the nearest valid one.
    """

    concerns: ClassVar[frozenset[Concern]] = frozenset(Concern)

    def __init__(
        self,
        environment: str | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        rules: Mapping[str, Any] | None = None,
        mode: Mode | None = None,
        unsafe_fixes: bool | None = None,
        packs: Sequence[str] | None = None,
        names: str | None = None,
        quiet: bool | None = None,
        unsuppressable: Sequence[str] | None = None,
        ignore_suppressions: bool | None = None,
        lint_source: bool | None = None,
        baseline: str | os.PathLike[str] | None = None,
        today: datetime.date | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        self._arguments = {name: value for name, value in given.items() if value is not None}
        self._settings = self._load(_context_of_process())
        self._coverages: dict[tuple[str, str], Coverage] = {}
        all_rules()  # a rule of another package that cannot be loaded is an error here, not in the middle of a synth
        if self._settings.lint_source:
            source_rules()
        super().__init__(self._settings.mode == "fix")

    def _load(self, context: Any) -> Settings:
        settings = Settings.load(self._arguments, context, Path.cwd())
        baseline_of(settings)  # a damaged one is an error here, not in the middle of a synth
        return settings

    def apply_to(self, construct: IConstruct) -> None:
        """Applies the fixes to ``construct`` and all below it now; the check follows at synthesis as usual.

        Raises GuardrailsError when ``construct`` is no construct.
        """
        if not isinstance(construct, Construct):
            raise GuardrailsError(f"{type(self).__name__}().apply_to() needs a construct, not {construct!r}")
        super().apply_to(construct)

    @without_collection()
    def process(self, scope: IConstruct, message: str) -> str:
        """Called by the bridge: a scope begins, was visited, could not be covered, or wants its fixes."""
        data = json.loads(message)
        session = Session.of(data["app"])
        if data["event"] == "begin":
            self._begin(session, scope, data)
            return ""
        coverage = self._coverages[data["app"], data["scope"]]
        try:
            return json.dumps({"edits": self._edits(session, coverage, data)})
        except Exception as error:  # a fault of ours must not cost the user the synth, nor pass in silence
            text = f"the fixes of this scope were not applied: {type(error).__name__}: {error}"
            finding = own("rule-crashed", text, data["scope"])
            coverage.crashes.append(Crash(finding, "".join(traceback.format_exception(error))))
            return json.dumps({"edits": []})

    def _edits(self, session: Session, coverage: Coverage, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        if data["event"] == "fix":
            return session.fix(coverage, data)
        for stage in data.get("stages", ()):
            text = f"Guardrails could not be carried into this Stage: {stage['error']}"
            coverage.notes.append(own("stage-uncovered", text, stage["path"]))
        for problem in data.get("problems", ()):
            path = ".".join(str(part) for part in problem["path"])
            text = f"the fix of {path} could not be applied to the construct: {problem['error']}"
            coverage.notes.append(own("fix-not-applied", text, problem["stack"], detail=path))
        return []

    def _begin(self, session: Session, scope: IConstruct, data: Mapping[str, Any]) -> None:
        settings = self._settings
        if data.get("context") is not None and data["context"] != _context_of_process():
            settings = _explained(lambda: self._load(data["context"]))
        key = (data["app"], data["scope"])
        coverage = self._coverages.setdefault(key, Coverage(data["scope"], settings, self.concerns))
        coverage.begin()
        session.cover(coverage)
        if data["isApp"]:
            self._register(session, scope, settings)

    def _register(self, session: Session, scope: IConstruct, settings: Settings) -> None:
        """Adds our pack, and the cdk-nag packs that the settings name, once per construct tree."""
        wanted = [PACK_NAME, *settings.packs]
        for name in wanted:
            if name not in session.registered:
                session.registered.add(name)
                pack = GuardrailsChecks.of_session(session, scope) if name == PACK_NAME else nag_pack(name, scope)
                Validations.of(scope).add_plugins(pack)


def _context_of_process() -> Any:
    """The context that the CDK CLI hands to the app, as `App` reads it."""
    try:
        return json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}")).get(CONTEXT_KEY)
    except (ValueError, AttributeError):
        return None


def _explained(load: Any) -> Settings:
    """An error inside a call from JavaScript reaches the user as a jsii traceback: say it plainly before."""
    try:
        return load()  # type: ignore[no-any-return]
    except SettingsError as error:
        print(f"cdk-guardrails: {error}", file=sys.stderr)
        raise


class Tagging(Guardrails):
    """Tags on every taggable resource. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.TAGGING})


class Encryption(Guardrails):
    """Encryption at rest and in transit. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.ENCRYPTION})


class PublicAccess(Guardrails):
    """Nothing is open to everybody by accident. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.PUBLIC_ACCESS})


class DataProtection(Guardrails):
    """Versions, backups and protection from deletion. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.DATA_PROTECTION})


class RemovalPolicies(Guardrails):
    """What happens to data when a stack or resource goes. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.REMOVAL_POLICIES})


class Tracing(Guardrails):
    """X-Ray tracing, and the permissions that it needs. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.TRACING})


class Throttling(Guardrails):
    """Rate limits on APIs. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.THROTTLING})


class Logging(Guardrails):
    """Logs, how long they are kept, and metrics. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.LOGGING})


class Alarms(Guardrails):
    """Alarms on what fails or is throttled. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.ALARMS})


class Outputs(Guardrails):
    """Outputs for what other stacks and people look up. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.OUTPUTS})


class Capacity(Guardrails):
    """Sizes, limits and runtime configuration. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.CAPACITY})


class Identity(Guardrails):
    """Least privilege in IAM, and user pools. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.IDENTITY})


class DeployOrder(Guardrails):
    """Dependencies that CloudFormation cannot see. Its rules only; arguments as for `Guardrails`."""

    concerns = frozenset({Concern.DEPLOY_ORDER})


class Maintainability(Guardrails):
    """What makes an app hard to change or to deploy twice: names, literals, size, old runtimes. Its rules only;
    arguments as for `Guardrails`.
    """

    concerns = frozenset({Concern.MAINTAINABILITY})


def suppress(
    construct: IConstruct,
    rule: str,
    *,
    reason: str,
    until: datetime.date | str | None = None,
    path: str | None = None,
) -> None:
    """Holds back ``rule`` (its fix as well as its finding) on ``construct`` and everything below it.

    Args:
        construct: where it holds.
        rule: a rule's id, ``s3-versioning``, or one detail of it, ``iam-wildcard-action[s3:*]``.
        reason: why this is right here. It lands in the report.
        until: the last day on which it holds. Past it the finding is back, and says so.
        path: a glob over construct paths, used instead of ``construct``'s own path: for the CDK's own singletons, whose
            hashed paths change on upgrades.

    Raises:
        SuppressionError: there is no such rule, no reason, or ``until`` is no date.
    """
    made = make(rule, reason, until, Ids(OWN_IDS))
    entry = {"id": made.id, "reason": made.reason, "until": made.until, "glob": path or ""}
    construct.node.add_metadata(SUPPRESSION, entry)
