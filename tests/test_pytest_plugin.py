"""The pytest plugin in pytest runs of their own, found by its entry point as in a user's environment."""

from __future__ import annotations

import os
import textwrap
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.distributions import distribution
from tests.hosts.conftest import HAS_LINES

ROOT = Path(__file__).resolve().parent.parent
SHOP = """\
    import aws_cdk as cdk
    from aws_cdk import aws_s3 as s3
    from aws_cdk.assertions import Template
    import pytest
    from cdk_guardrails import suppress
    from cdk_guardrails.testing import assert_clean, assert_flags

    RULE = "s3-versioning"

    def shop(name="Shop", versioned=False, app=None):
        stack = cdk.Stack(app or cdk.App(), name)
        s3.Bucket(stack, "Receipts", versioned=versioned)
        return stack
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose settings switch on one rule, with the plugin installed."""
    from cdk_guardrails.rules.registry import all_rules

    site = pytester.path / "site"
    distribution(site, "cdk-guardrails-under-test", pytest11={"guardrails": "cdk_guardrails.pytest_plugin"})
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(ROOT)]))
    monkeypatch.setenv("CDK_VALIDATION", "false")
    monkeypatch.delenv("CI", raising=False)  # where pytest repeats every message in its summary
    monkeypatch.delenv("JSII_HOST_STACK_TRACES", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    off = "".join(f'{id_} = "off"\n' for id_ in all_rules() if id_ != "s3-versioning")
    (pytester.path / "guardrails.toml").write_text(f"[rules]\n{off}")
    pytester.makeini("[pytest]\n")
    return pytester


@pytest.fixture
def home_of_jsii(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytester gives each test a home of its own; jsii would unpack the whole CDK into it."""
    cache = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT") or os.path.expanduser("~/.cache/aws/jsii/package-cache")
    monkeypatch.setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", cache)


def run(project: pytest.Pytester, text: str, *arguments: str) -> tuple[dict[str, str], str, int]:
    """What became of each test, all that was said, and the exit code."""
    project.makepyfile(test_shop=textwrap.dedent(SHOP) + textwrap.dedent(text))
    said = project.runpytest_subprocess("-p", "no:cacheprovider", "--junitxml=report.xml", *arguments)
    report = project.path / "report.xml"
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    outcomes = {case.get("name", ""): "+".join(child.tag for child in case) or "passed" for case in cases}
    return outcomes, said.stdout.str() + said.stderr.str(), int(said.ret)


TESTS = """
    def test_from_stack():
        Template.from_stack(shop())

    def test_the_same_template_once_more():
        Template.from_stack(shop("Other"))

    def test_clean():
        Template.from_stack(shop(versioned=True))

    def test_synth_of_an_app():
        app = cdk.App()
        shop("InApp", app=app)
        cdk.CfnParameter(shop("Two", app=app), "P")
        app.synth()

    def test_synth_of_a_stage():
        stage = cdk.Stage(cdk.App(), "Prod")
        stack = shop("InStage", app=stage)
        cdk.CfnParameter(stack, "InStage")
        stage.synth(force=True)

    def test_only_the_stack_that_is_looked_at():
        app = cdk.App()
        cdk.CfnParameter(shop("Bad", app=app), "NotAsked")
        Template.from_stack(shop("Good", versioned=True, app=app))

    def test_suppressed():
        stack = shop()
        suppress(stack, RULE, reason="scratch")
        Template.from_stack(stack)

    @pytest.fixture
    def template():
        stack = shop()
        cdk.CfnParameter(stack, "OfFixture")
        return Template.from_stack(stack)

    def test_fixture(template):
        pass

    @pytest.fixture
    def late():
        yield
        stack = shop()
        cdk.CfnParameter(stack, "AtTheEnd")
        Template.from_stack(stack)

    def test_at_the_end_of_a_fixture(late):
        pass

    def test_assertions_may_look_at_what_is_wrong():
        stack = shop()
        cdk.CfnParameter(stack, "Asserted")
        assert_flags(stack, RULE)
        cdk.App().synth()

    @pytest.mark.no_guardrails
    def test_marked():
        stack = shop()
        cdk.CfnParameter(stack, "Marked")
        Template.from_stack(stack)

    def test_that_fails_anyway():
        stack = shop()
        cdk.CfnParameter(stack, "Anyway")
        Template.from_stack(stack)
        assert 1 == 2, "its own reason"

    @pytest.mark.xfail(strict=True)
    def test_expected_to_fail():
        stack = shop()
        cdk.CfnParameter(stack, "Expected")
        Template.from_stack(stack)

    def test_without_templates():
        pass
"""
FAILED = {
    "test_from_stack": "failure",
    "test_the_same_template_once_more": "passed",
    "test_clean": "passed",
    "test_synth_of_an_app": "failure",
    "test_synth_of_a_stage": "failure",
    "test_only_the_stack_that_is_looked_at": "passed",
    "test_suppressed": "passed",
    "test_fixture": "failure",
    "test_at_the_end_of_a_fixture": "error",
    "test_assertions_may_look_at_what_is_wrong": "passed",
    "test_marked": "passed",
    "test_that_fails_anyway": "failure",
    "test_expected_to_fail": "skipped",
    "test_without_templates": "passed",
}


@pytest.mark.usefixtures("home_of_jsii")
def test_every_synthesized_template_is_judged(project: pytest.Pytester) -> None:
    outcomes, said, code = run(project, TESTS, "--guardrails", "--strict-markers", "-p", "no:xdist")
    assert outcomes == FAILED
    assert code == 1
    assert "guardrails: every synthesized template is judged as for prod" in said
    assert "guardrails: 1 error in what this test synthesized:" in said
    assert "Shop/Receipts/Resource" in said
    assert "test_shop.py:12" in said or not HAS_LINES
    assert "s3.Bucket(..., versioned=True)" in said
    assert 'suppress(construct, "s3-versioning", reason="...")' in said
    assert "@pytest.mark.no_guardrails" in said
    assert "its own reason" in said
    assert "- Captured guardrails call -" in said  # the section of the test that failed anyway


@pytest.mark.usefixtures("home_of_jsii")
def test_nothing_is_judged_unasked(project: pytest.Pytester) -> None:
    outcomes, said, _ = run(project, TESTS, "--strict-markers", "-p", "no:xdist")
    failed = {name for name, outcome in outcomes.items() if outcome != "passed"}
    assert failed == {"test_that_fails_anyway", "test_expected_to_fail"}
    assert "guardrails:" not in said


@pytest.mark.usefixtures("home_of_jsii")
def test_with_xdist_and_the_configuration_file(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nguardrails = true\nguardrails_environment = staging\n")
    outcomes, said, code = run(project, TESTS, "-n", "2", "--dist", "loadfile")
    assert outcomes == FAILED
    assert code == 1
    project.makeini("[pytest]\nguardrails = true\nguardrails_environment = dev\nguardrails_settings = app\n")
    (project.path / "app").mkdir()
    (project.path / "app" / "guardrails.toml").write_text('[rules]\noutputs = "off"\nrequired-tags = "off"\n')
    outcomes, said, _ = run(project, "def test_one():\n    Template.from_stack(shop())", "-p", "no:xdist")
    assert "is judged as for dev" in said
    assert "s3-versioning" not in said  # off in dev
    assert "s3-public-access" in said


@pytest.mark.usefixtures("home_of_jsii")
def test_a_test_that_is_run_once_more_is_judged_once_more(project: pytest.Pytester) -> None:
    again = """
    from _pytest.runner import runtestprotocol

    def pytest_runtest_protocol(item, nextitem):
        runtestprotocol(item, nextitem=nextitem, log=False)
        runtestprotocol(item, nextitem=nextitem)
        return True
    """
    project.makeconftest(textwrap.dedent(again))
    text = """
    def test_one():
        Template.from_stack(shop())
        Template.from_stack(shop())

    def test_two():
        Template.from_stack(shop())
    """
    outcomes, said, _ = run(project, text, "--guardrails", "-p", "no:xdist")
    assert outcomes == {"test_one": "failure", "test_two": "passed"}
    assert said.count("in what this test synthesized") == 1


@pytest.mark.usefixtures("home_of_jsii")
def test_the_fixture_has_the_settings_of_the_project(project: pytest.Pytester) -> None:
    text = """
    def test_clean(guardrails):
        guardrails.assert_clean(shop(versioned=True))
        guardrails.assert_clean("Resources: {Bucket: {Type: AWS::S3::Bucket}}", environment="dev")

    def test_flags(guardrails):
        found = guardrails.assert_flags(shop(), RULE, resource="Receipts59C0D3E0")
        assert len(found) == 1
        guardrails.assert_fixed(shop(), shop(versioned=True), RULE)

    def test_fails(guardrails):
        guardrails.assert_clean(shop())
    """
    outcomes, said, _ = run(project, text, "-p", "no:xdist")
    assert outcomes == {"test_clean": "passed", "test_flags": "passed", "test_fails": "failure"}
    assert "expected no finding, not these 1:" in said


def test_it_costs_nothing_unasked(project: pytest.Pytester) -> None:
    text = """
    import os, sys

    def test_nothing_is_loaded(request):
        ours = {name for name in sys.modules if name.startswith("cdk_guardrails")}
        assert ours == {"cdk_guardrails", "cdk_guardrails._version", "cdk_guardrails.pytest_plugin"}
        assert not {"aws_cdk", "jsii"} & set(sys.modules)
        assert "JSII_HOST_STACK_TRACES" not in os.environ
        assert request.config.pluginmanager.has_plugin("guardrails")
    """
    project.makepyfile(test_cost=textwrap.dedent(text))
    project.runpytest_subprocess("-p", "no:xdist", "--strict-config", "--strict-markers").assert_outcomes(passed=1)


def test_a_user_s_own_choice_of_source_lines_is_kept(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_HOST_STACK_TRACES", "0")
    project.makepyfile("import os\ndef test_kept():\n    assert os.environ['JSII_HOST_STACK_TRACES'] == '0'")
    project.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=1)


def test_settings_that_are_wrong_are_one_line(project: pytest.Pytester) -> None:
    (project.path / "guardrails.toml").write_text('[rules]\ns3-version = "off"\n')
    project.makepyfile("def test_any(): pass")
    said = project.runpytest_subprocess("--guardrails", "-p", "no:xdist")
    assert said.ret == pytest.ExitCode.USAGE_ERROR
    said.stderr.fnmatch_lines("ERROR: --guardrails: *guardrails.toml*'s3-version'. Did you mean 's3-versioning'?")
    assert "Traceback" not in said.stderr.str()


def test_without_the_cdk_it_is_quiet_until_something_is_synthesized(project: pytest.Pytester) -> None:
    project.makepyfile("import sys\ndef test_any():\n    assert True")
    project.runpytest_subprocess("-p", "no:guardrails", "-p", "no:xdist").assert_outcomes(passed=1)
    said = project.runpytest_subprocess("-p", "no:guardrails", "--guardrails", "-p", "no:xdist")
    assert said.ret == pytest.ExitCode.USAGE_ERROR
