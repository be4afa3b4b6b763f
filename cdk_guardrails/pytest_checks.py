"""What the pytest plugin does when it is asked for: see pytest_plugin.py, which every pytest run loads."""

from __future__ import annotations

import dataclasses
import functools
import json
import traceback
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from cdk_guardrails import testing
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.settings.project import load_settings
from cdk_guardrails.testing.inputs import describe, is_asking, is_within, judge_construct, listed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from cdk_guardrails.rules.base import Rule

MARKER: Final = "no_guardrails"
ADVICE: Final = (
    "Mend the construct, suppress what is right as it is, or mark a test that needs it so:"
    f" @pytest.mark.{MARKER}. A template is judged once."
)


def _folder(config: pytest.Config) -> Path:
    return Path(config.rootpath, config.getini("guardrails_settings") or ".")


def _environment(config: pytest.Config) -> str | None:
    return config.getini("guardrails_environment") or None


class BoundAssertions:
    """The assertions of `cdk_guardrails.testing`, with settings that hold where a call says nothing else."""

    def __init__(self, **settings: Unpack[testing.SettingsGiven]) -> None:
        self._settings = settings

    def _with(self, given: testing.SettingsGiven) -> testing.SettingsGiven:
        return {**self._settings, **given}

    def assert_clean(
        self,
        template: Any,
        rule: str | Rule | None = None,
        *,
        fail_on: testing.FailOn = "warning",
        **settings: Unpack[testing.SettingsGiven],
    ) -> None:
        """See `cdk_guardrails.testing.assert_clean`."""
        testing.assert_clean(template, rule, fail_on=fail_on, **self._with(settings))

    def assert_flags(
        self,
        template: Any,
        rule: str | Rule,
        *,
        path: str | None = None,
        message: str | None = None,
        resource: str | None = None,
        **settings: Unpack[testing.SettingsGiven],
    ) -> list[Finding]:
        """See `cdk_guardrails.testing.assert_flags`."""
        asked = {"path": path, "message": message, "resource": resource}
        return testing.assert_flags(template, rule, **asked, **self._with(settings))

    def assert_fixed(
        self, before: Any, after: Any, rule: str | Rule, **settings: Unpack[testing.SettingsGiven]
    ) -> None:
        """See `cdk_guardrails.testing.assert_fixed`."""
        testing.assert_fixed(before, after, rule, **self._with(settings))


def bound(config: pytest.Config) -> BoundAssertions:
    """The assertions with the settings of the project that is tested."""
    given: testing.SettingsGiven = {"settings": _folder(config)}
    if environment := _environment(config):
        given["environment"] = environment
    return BoundAssertions(**given)


class Checks:
    """Judges what tests synthesize, each distinct template once, and fails the test that does it first."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            settings = load_settings(_environment(config), _folder(config))
            all_rules()
        except GuardrailsError as error:
            raise pytest.UsageError(f"--guardrails: {error}") from None
        self.settings: Settings = dataclasses.replace(settings, environment=settings.environment or "prod")
        self._seen: dict[str, str] = {}
        self._found: list[str] = []
        self._test = ""
        self._undo: list[Callable[[], None]] = []

    def pytest_report_header(self) -> str:
        """The line at the top of a run."""
        return f"guardrails: every synthesized template is judged as for {self.settings.environment}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Watches from before the first fixture. A test that is run once more begins anew."""
        if not self._undo:
            self._watch()
        self._found.clear()
        self._seen = {key: test for key, test in self._seen.items() if test != item.nodeid}
        self._test = "" if item.get_closest_marker(MARKER) else item.nodeid

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Fails a test that passed, and tells of a test that failed anyway what its templates have."""
        outcome = yield
        self._tell(item, "call", outcome)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, None]:
        """As for the call: fixtures may synthesize at their end."""
        outcome = yield
        self._test = ""
        self._tell(item, "teardown", outcome)

    def _tell(self, item: pytest.Item, when: str, outcome: Any) -> None:
        if not self._found:
            return
        text = "\n".join([*self._found, ADVICE])
        self._found.clear()
        if outcome.excinfo is None:
            outcome.force_exception(pytest.fail.Exception(f"guardrails: {text}", pytrace=False))
        else:
            item.add_report_section(when, "guardrails", text)

    def pytest_unconfigure(self) -> None:
        """Leaves the CDK's classes as they were."""
        for undo in self._undo:
            undo()
        self._undo.clear()

    def _watch(self) -> None:
        """Looks over the shoulder of the ways in which Python synthesizes. Tests use the CDK: it may be loaded."""
        from aws_cdk import App, Stage
        from aws_cdk.assertions import Template

        for class_ in (App, Stage):
            if "synth" in vars(class_):  # App need not have one of its own
                self._replace(class_, "synth", self._watched(vars(class_)["synth"]))
        from_stack = vars(Template)["from_stack"].__func__

        def watched_from_stack(template: type[Any], /, stack: Any, **options: Any) -> Any:
            result = from_stack(template, stack, **options)
            self._judge(stack)
            return result

        functools.update_wrapper(watched_from_stack, from_stack)
        self._replace(Template, "from_stack", classmethod(watched_from_stack))

    def _watched(self, synth: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(synth)
        def watched_synth(stage: Any, **options: Any) -> Any:
            result = synth(stage, **options)
            self._judge(stage)
            return result

        return watched_synth

    def _replace(self, class_: type[Any], name: str, value: Any) -> None:
        self._undo.append(functools.partial(setattr, class_, name, vars(class_)[name]))
        setattr(class_, name, value)

    def _judge(self, construct: Any) -> None:
        if not self._test or is_asking():
            return
        try:
            findings = self._errors(describe(construct), construct.node.path)
        except Exception:  # a fault of ours must not look like one of the user's code, nor pass in silence
            self._found.append(f"the templates could not be judged:\n{traceback.format_exc()}")
            return
        if findings:
            said = "1 error" if len(findings) == 1 else f"{len(findings)} errors"
            self._found.append(f"{said} in what this test synthesized:\n{listed(findings, self.settings)}")

    def _errors(self, described: Mapping[str, Any], path: str) -> list[Finding]:
        """The errors in the templates at ``path`` and below that were not judged before."""
        new = {key: stack for key, stack in _keys(described, path) if key not in self._seen}
        if not new:
            return []
        self._seen |= dict.fromkeys(new, self._test)
        outcome = judge_construct(described, path, list(all_rules().values()), self.settings)
        errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
        return [
            finding
            for finding in errors
            if finding.template in new.values() or finding.template not in _stacks(described)
        ]


def _keys(described: Mapping[str, Any], path: str) -> list[tuple[str, str]]:
    """What tells the templates apart, what is suppressed in the app included; each with the path of its stack."""
    held = json.dumps(described["suppressions"], sort_keys=True)
    stacks = {file: stack["path"] for file, stack in described["templates"].items()}
    return [
        (f"{held}\n{Path(file).read_text(encoding='utf-8')}", stack)
        for file, stack in stacks.items()
        if is_within(stack, path) and Path(file).is_file()
    ]


def _stacks(described: Mapping[str, Any]) -> set[str]:
    return {stack["path"] for stack in described["templates"].values()}
