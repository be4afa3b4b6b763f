"""The assertions for unit tests, on templates; on constructs they are tested in test_testing_constructs.py."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.errors import RuleError, SettingsError, TemplateError
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags, load

BAD = "Resources: {Bucket: {Type: AWS::S3::Bucket}}"
GOOD = """\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
"""
RULE = "s3-versioning"
MESSAGE = "versioning is not enabled, so overwritten and deleted objects are lost"
SAID = re.compile(
    rf"error s3-versioning: {MESSAGE} .*\bBucket\b.*VersioningConfiguration\.Status"
    r" do s3\.Bucket\(\.\.\., versioned=True\)"
)
"""What a message has to say, spaces and line ends aside: how it is laid out is the report's business."""


def said_by(assertion: Any, *arguments: Any, **settings: Any) -> str:
    with pytest.raises(AssertionError) as error:
        assertion(*arguments, **settings)
    return " ".join(str(error.value).split())


def suppressed(**entry: Any) -> dict[str, Any]:
    data = load(BAD)
    data["Resources"]["Bucket"]["Metadata"] = {"cdk-guardrails": {"suppress": [{"id": RULE, **entry}]}}
    return data


class Dim(Rule):
    """Lamps are bright.

    It is installed nowhere.
    """

    id = "lamp-bright"
    why = "It is dark."
    resource_types = ("Test::Lamp",)
    concern = Concern.OUTPUTS
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place."
    options = (Option("watt", 40, "How much is bright."),)
    bad = Example("Resources: {Lamp: {Type: Test::Lamp, Properties: {Watt: 10}}}")
    good = Example("Resources: {Lamp: {Type: Test::Lamp, Properties: {Watt: 40}}}")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.get("Watt") != settings["watt"]:
            yield self.finding(resource, f"it has no {settings['watt']} W", "Watt")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("Watt", settings["watt"])


class Broken(Dim):
    __doc__ = Dim.__doc__
    id = "lamp-broken"

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        raise ValueError("no lamp")
        yield


def test_clean() -> None:
    assert_clean(GOOD, RULE)
    assert_clean("Resources: {}", RULE)
    assert_clean("Resources: {}")
    said = said_by(assert_clean, BAD, RULE)
    assert said.startswith("expected no finding, not these 1: template 1 error")
    assert SAID.search(said)
    assert '{"suppress": [{"id": "s3-versioning", "reason": "..."}]}' in said


def test_clean_of_all_rules() -> None:
    said = said_by(assert_clean, BAD)
    assert SAID.search(said)
    assert "error s3-public-access: " in said


def test_clean_with_warnings() -> None:
    assert "warning s3-versioning: " in said_by(assert_clean, BAD, RULE, rules={RULE: "warning"})
    assert_clean(BAD, RULE, rules={RULE: "warning"}, fail_on="error")
    assert "error s3-versioning: " in said_by(assert_clean, BAD, RULE, fail_on="error")
    with pytest.raises(TypeError, match="fail_on is one of warning, error, not 'never'"):
        assert_clean(BAD, RULE, fail_on="never")  # type: ignore[arg-type]


def test_nothing_is_fixed_to_be_clean() -> None:
    data = load(BAD)
    with pytest.raises(AssertionError):
        assert_clean(data, RULE)
    assert data == load(BAD)


def test_flags() -> None:
    [finding] = assert_flags(BAD, RULE)
    assert (finding.id, finding.message) == (RULE, MESSAGE)
    for path in ("VersioningConfiguration.Status", "Properties.VersioningConfiguration.Status", None):
        assert_flags(BAD, RULE, path=path, message=MESSAGE, resource="Bucket")
        assert_flags(BAD, RULE, path=path)


@pytest.mark.parametrize(
    ("template", "expected", "message"),
    [
        (GOOD, {}, "expected a finding of s3-versioning; found nothing"),
        (GOOD, {"path": "X"}, "expected a finding of s3-versioning; found nothing"),
        (BAD, {"path": "Status"}, "expected a finding of s3-versioning, at 'Status'; found template 1 error"),
        (BAD, {"resource": "Buck"}, "expected a finding of s3-versioning, in 'Buck'; found template 1 error"),
        (BAD, {"resource": ""}, "expected a finding of s3-versioning, in ''; found template 1 error"),
        (
            BAD,
            {"message": MESSAGE[:-1]},
            f"expected a finding of s3-versioning, with the message '{MESSAGE[:-1]}'; found template 1 error",
        ),
    ],
)
def test_flags_is_strict(template: str, expected: dict[str, Any], message: str) -> None:
    said = said_by(assert_flags, template, RULE, **expected)
    assert said.startswith(message)
    assert bool(SAID.search(said)) == (template is BAD)


def test_flags_that_hit_in_different_findings_do_not_add_up() -> None:
    data = {"Resources": {"A": {"Type": "AWS::S3::Bucket"}, "B": {"Type": "AWS::S3::Bucket"}}}
    assert len(assert_flags(data, RULE, resource="A")) == 2
    data["Resources"]["A"] = load(GOOD)["Resources"]["Bucket"]
    assert "in 'A'" in said_by(assert_flags, data, RULE, resource="A", message=MESSAGE)


def test_flags_with_a_detail() -> None:
    said = said_by(assert_flags, BAD, f"{RULE}[x]")
    assert said.startswith(f"expected a finding of {RULE}[x]; found template 1 error")
    assert SAID.search(said)


def test_flags_says_when_the_rule_is_off() -> None:
    said = said_by(assert_flags, BAD, RULE, environment="dev")
    assert said == "expected a finding of s3-versioning; found nothing: the rule is off in dev"


def test_fixed() -> None:
    before = load(BAD)
    assert_fixed(before, GOOD, RULE)
    assert before == load(BAD)
    assert_fixed(GOOD, GOOD, RULE)


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (BAD, "Resources.Bucket.Properties: expected None, not {'VersioningConfiguration': {'Status': 'Enabled'}}"),
        (GOOD.replace("Enabled", "1"), "Resources.Bucket.Properties.VersioningConfiguration.Status: expected 1, not"),
        (f"{GOOD}      BucketName: x\n", "Resources.Bucket.Properties.BucketName: expected 'x', not None"),
    ],
)
def test_fixed_is_exact(after: str, message: str) -> None:
    assert message in said_by(assert_fixed, BAD, after, RULE)


def test_settings() -> None:
    assert_clean(BAD, RULE, environment="dev")
    assert_flags(BAD, RULE, environment="dev", rules={RULE: "warning"})
    assert_clean(BAD, RULE, rules={RULE: "off"})
    with pytest.raises(SettingsError):
        assert_clean(BAD, RULE, enviroment="dev")  # type: ignore[call-arg]
    with pytest.raises(SettingsError, match="has no option 'x'"):
        assert_clean(BAD, RULE, options={"x": 1})
    with pytest.raises(TypeError, match="name a rule, or use 'rules'"):
        assert_clean(BAD, options={"x": 1})


def test_settings_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guardrails.toml").write_text(f'[rules]\n{RULE} = "off"\n[environments.pilot]\nprofile = "dev"\n')
    assert_clean(BAD, RULE, settings=tmp_path)
    assert_flags(BAD, RULE, settings=tmp_path, rules={RULE: "error"})
    assert_clean(BAD, RULE, settings=str(tmp_path), environment="pilot")
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"cdk-guardrails": {"rules": {RULE: "warning"}}}}))
    assert "warning s3-versioning" in said_by(assert_clean, BAD, RULE, settings=tmp_path)
    monkeypatch.chdir(tmp_path)
    assert "error s3-versioning" in said_by(assert_clean, BAD, RULE)  # no file is read unasked


def test_suppressions_hold() -> None:
    assert_clean(suppressed(reason="scratch"), RULE)
    assert SAID.search(said_by(assert_clean, suppressed(reason="scratch"), RULE, ignore_suppressions=True))
    said = said_by(assert_flags, suppressed(reason="scratch"), RULE)
    assert said == "expected a finding of s3-versioning; found nothing that is not suppressed (Bucket: scratch)"
    assert_fixed(suppressed(reason="scratch"), suppressed(reason="scratch"), RULE)


def test_suppressions_that_do_not_hold() -> None:
    until = suppressed(reason="scratch", until="2030-01-31")
    assert_clean(until, RULE, today=datetime.date(2030, 1, 31))
    expired = said_by(assert_clean, until, RULE, today=datetime.date(2030, 2, 1))
    assert SAID.search(expired)
    assert "error expired-suppression[s3-versioning]: " in expired
    assert "error invalid-suppression[s3-versioning]: " in said_by(assert_clean, suppressed(), RULE)
    unused = suppressed(reason="scratch")
    unused["Resources"]["Bucket"]["Properties"] = {"VersioningConfiguration": {"Status": "Enabled"}}
    assert "warning unused-suppression[s3-versioning]: " in said_by(assert_clean, unused, RULE)
    assert_clean(suppressed(), "s3-public-access", rules={"s3-public-access": "off"})  # it is about another rule


def test_a_rule_that_is_installed_nowhere() -> None:
    rule = Dim()
    assert_clean(rule.good.template, rule)
    assert_flags(rule.bad.template, rule, path="Watt", message="it has no 40 W")
    assert_flags(rule.good.template, rule, options={"watt": 60})
    assert_fixed(rule.bad.template, rule.bad.template.replace("10", "60"), rule, options={"watt": 60})
    with pytest.raises(SettingsError, match=r"options\.volt: lamp-bright has no option 'volt'"):
        assert_clean(rule.good.template, rule, options={"volt": 1})
    with pytest.raises(SettingsError, match=r"options\.watt: expected a whole number, not 'x'"):
        assert_clean(rule.good.template, rule, options={"watt": "x"})


@pytest.mark.parametrize(
    "ask",
    [
        lambda rule: assert_clean(rule.bad.template, rule),
        lambda rule: assert_flags(rule.bad.template, rule),
        lambda rule: assert_fixed(rule.bad.template, rule.good.template, rule),
    ],
)
def test_a_rule_that_crashes_fails_every_assertion(ask: Any) -> None:
    with pytest.raises(AssertionError, match=r"(?s)lamp-broken crashed on this resource: ValueError: no lamp.*Trace"):
        ask(Broken())


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(f"# mine\n{GOOD}".replace("Enabled", "Suspended"))
    said = said_by(assert_clean, file, RULE)
    assert "error s3-versioning: versioning is Suspended" in said
    assert f"{file}:3" in said
    assert_fixed(file, GOOD, RULE)
    with pytest.raises(TemplateError, match=r"gone\.json: "):
        assert_clean(tmp_path / "gone.json", RULE)


def test_secrets_are_not_shown() -> None:
    secret = "AKIAQYLPMN5HHHFPZAM2"  # no key of anybody
    data = {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": {}}}}}}
    data["Resources"]["F"]["Properties"]["Environment"]["Variables"] = {"ACCESS_KEY": secret}  # type: ignore[index]
    said = said_by(assert_clean, data)
    assert "hardcoded-secret" in said
    assert secret not in said


def test_unknown_rules_and_templates() -> None:
    with pytest.raises(RuleError, match="Did you mean 's3-versioning'"):
        assert_clean(BAD, "s3-version")
    with pytest.raises(TemplateError):
        assert_clean("text", RULE)
    for nothing in (None, 7, [BAD], object()):
        with pytest.raises(
            TypeError, match=r"expected a template .*, a construct .* or a cloud assembly, not builtins\."
        ):
            assert_clean(nothing, RULE)
        with pytest.raises(TypeError, match=r"expected a template .* or a Stack, not builtins\."):
            load(nothing)


def test_importing_it_starts_no_node() -> None:
    code = "import sys, cdk_guardrails.testing; assert not {'aws_cdk', 'jsii', 'constructs'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
