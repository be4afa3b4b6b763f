"""source-dict-props."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.base import Example, Finding
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-dict-props"]
HEAD = """\
import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway, aws_dynamodb as dynamodb, aws_ec2 as ec2, aws_iam as iam
from aws_cdk import aws_lambda as lambda_, aws_s3 as s3
"""


def findings(code: str) -> list[Finding]:
    outcome = run_example(RULE, Example(""), {"app.py": f"{HEAD}{code}\n"})
    assert outcome.crashes == []
    return outcome.findings


def said(code: str) -> list[str]:
    return [f"{item.severity.value} {item.message} | {item.remedy}" for item in findings(code)]


def api(options: str) -> str:
    return f"apigateway.RestApi(x, 'A', deploy_options={options})"


PYTHON = "error the dict given as deploy_options has keys that apigateway.StageOptions does not take, for which the sy"
WORKS = "a dict is given as {}; nothing checks its keys before the synth | {}"


class TestKeywords:
    def test_the_line_of_the_report(self) -> None:
        [finding] = findings(api("{'stageName': 'prod'}"))
        assert finding.message == (
            "the dict given as deploy_options has keys that apigateway.StageOptions does not take, "
            "for which the synth fails: stageName (it is stage_name)"
        )
        assert finding.remedy == "apigateway.StageOptions(stage_name=...)"
        assert (finding.id, finding.severity.value) == (RULE.id, "error")
        assert finding.origin.source == "app.py:4:43"

    @pytest.mark.parametrize(
        ("code", "wrong"),
        [
            (api("dict(stageName='p')"), "stageName (it is stage_name)"),
            (f"options = {{'StageName': 'p'}}\n{api('options')}", "StageName (it is stage_name)"),
            (api("{'stage-name': 'p'}"), "stage-name (it is stage_name)"),
            (api("{'stage_nam': 'p'}"), "stage_nam (it is stage_name)"),
            (api("{'xyz': 'p', 'stage_name': 'q'}"), "xyz"),
            (api("{'methodOptions': {'/*/*': {'throttlingRateLimit': 1}}}"), "methodOptions (it is method_options)"),
            (api("{'stageName': 'p'} if x else None"), "stageName (it is stage_name)"),
            (api("given or {'stageName': 'p'}"), "stageName (it is stage_name)"),
        ],
    )
    def test_keys_that_the_struct_does_not_take(self, code: str, wrong: str) -> None:
        [found] = said(code)
        assert found.startswith(PYTHON)
        assert found.partition(" | ")[0].endswith(f"the synth fails: {wrong}")

    @pytest.mark.parametrize(
        ("code", "wrong", "remedy"),
        [
            ("s3.Bucket(x, 'B', **{'bucketName': 'b'})", "bucketName (it is bucket_name)", "keyword bucket_name."),
            ("props = dict(bucketNme='b')\ns3.Bucket(x, 'B', **props)", "bucketNme (it is bucket_name)", "keyword buc"),
            (
                "s3.Bucket(x, 'B', **{'bucketName': 'b', 'enforceSSL': True})",
                "bucketName (it is bucket_name), enforceSSL (it is enforce_ssl)",
                "keywords bucket_name, enforce_ssl.",
            ),
        ],
    )
    def test_unpacked(self, code: str, wrong: str, remedy: str) -> None:
        [found] = said(code)
        message, _, advice = found.partition(" | ")
        start = "error the dict given as ** has keys that are no keywords of the call, for which the synth fails:"
        assert message == f"{start} {wrong}"
        assert advice.startswith(f"Use the {remedy}")


class TestForJavaScript:
    @pytest.mark.parametrize(
        ("code", "given", "struct", "wrong"),
        [
            # items of lists, values of mappings
            (
                "ec2.Vpc(x, 'V', subnet_configuration=[{'name': 'a', 'subnet_type': 1}])",
                "subnet_configuration",
                "ec2.SubnetConfiguration",
                "subnet_type (it is subnetType)",
            ),
            ("s3.Bucket(x, 'B', cors=[{'allowed_methods': m} for m in y])", "cors", "s3.CorsRule", "allowed_methods "),
            (
                "ec2.Vpc(x, 'V', vpn_connections={'a': {'Ip': 1}})",
                "vpn_connections",
                "ec2.VpnConnectionOptions",
                "Ip (",
            ),
            # of Cfn classes
            (
                "s3.CfnBucket(x, 'B', versioning_configuration={'Status': 'Enabled'})",
                "versioning_configuration",
                "s3.CfnBucket.VersioningConfigurationProperty",
                "Status (it is status)",
            ),
            (
                "b = s3.CfnBucket(x, 'B')\nb.versioning_configuration = {'Status': 'Enabled'}",
                "versioning_configuration",
                "s3.CfnBucket.VersioningConfigurationProperty",
                "Status (it is status)",
            ),
            # a key that is near another is not taken for it
            (
                "s3.Bucket(x, 'B', lifecycle_rules=[{'transition_after': 1}])",
                "lifecycle_rules",
                "s3.LifecycleRule",
                "transition_after",
            ),
        ],
    )
    def test_keys_that_are_dropped(self, code: str, given: str, struct: str, wrong: str) -> None:
        [found] = said(code)
        start = (
            f"error the dict given as {given} has keys that jsii drops, since JavaScript reads this dict as {struct}:"
        )
        assert found.startswith(f"{start} {wrong}")
        assert found.partition(" | ")[2].startswith(f"{struct}(")

    def test_a_key_that_nothing_is_near(self) -> None:
        [found] = said("s3.Bucket(x, 'B', lifecycle_rules=[{'transition_after': 1}])")
        assert found.endswith(": transition_after | s3.LifecycleRule(...)")

    def test_within_a_dict_whose_keys_are_right(self) -> None:
        outer, inner = said(api("{'method_options': {'/*/*': {'throttling_rate_limit': 1}}}"))
        assert outer == "warning " + WORKS.format("deploy_options", "apigateway.StageOptions(method_options=...)")
        assert "throttling_rate_limit (it is throttlingRateLimit)" in inner


class TestThatWork:
    @pytest.mark.parametrize(
        ("code", "given", "remedy"),
        [
            (api("{'stage_name': 'p'}"), "deploy_options", "apigateway.StageOptions(stage_name=...)"),
            ("cdk.Stack(x, 'S', env={'account': a, 'region': r})", "env", "cdk.Environment(account=..., region=...)"),
            (
                "dynamodb.Table(x, 'T', partition_key={'name': 'id', 'type': t})",
                "partition_key",
                "dynamodb.Attribute(name=..., type=...)",
            ),
            (
                "ec2.Vpc(x, 'V', subnet_configuration=[{'name': 'a', 'subnetType': 1}])",
                "subnet_configuration",
                "ec2.SubnetConfiguration(name=..., subnet_type=...)",
            ),
        ],
    )
    def test_a_warning(self, code: str, given: str, remedy: str) -> None:
        [finding] = findings(code)
        assert (finding.id, finding.severity.value) == (f"{RULE.id}[works]", "warning")
        assert f"{finding.message} | {finding.remedy}" == WORKS.format(given, remedy)

    def test_within_another_it_is_not_said_again(self) -> None:
        assert len(said(api("{'method_options': {'/*/*': {'throttlingRateLimit': 1}}}"))) == 1


@pytest.mark.parametrize(
    "code",
    [
        # the struct
        api("apigateway.StageOptions(stage_name='p')"),
        api("None"),
        "s3.Bucket(x, 'B', lifecycle_rules=[s3.LifecycleRule(id='a')])",
        "s3.Bucket(x, 'B', **{'bucket_name': 'b'})",
        "s3.Bucket(**{'scope': x, 'id': 'B', 'versioned': True})",
        # of a Cfn class, as JavaScript reads it
        "s3.CfnBucket(x, 'B', versioning_configuration={'status': 'Enabled'})",
        "b = s3.CfnBucket(x, 'B')\nb.versioning_configuration = {'status': 'Enabled'}",
        # what takes any dict
        "lambda_.Function(x, 'F', environment={'TABLE_NAME': 't'})",
        "cdk.Stack(x, 'S', tags={'Owner': 'a'})",
        "iam.PolicyDocument.from_json({'Statement': []})",
        "iam.PolicyStatement(conditions={'StringEquals': {'aws:SourceAccount': 'a'}})",
        "cdk.CfnResource(x, 'R', type='AWS::S3::Bucket', properties={'BucketName': 'b'})",
        "iam.CfnPolicy(x, 'P', policy_name='p', policy_document={'Statement': []})",
        "b = s3.CfnBucket(x, 'B')\nb.add_property_override('A', {'B': 1})",
        # nothing in it, or nothing known
        api("{}"),
        api("{key: 1}"),
        api("{**options}"),
        api("options"),
        api("load()"),
        api("dict(options)"),
        "for options in [{'stageName': 1}, None]:\n    pass",
        f"options = {{'stageName': 'p'}}\noptions = load()\n{api('options')}",
        f"def dict(**given): return load()\n{api('dict(stageName=1)')}",
        "def make(deploy_options): pass\nmake(deploy_options={'stageName': 'p'})",
        "load().RestApi(x, 'A', deploy_options={'stageName': 'p'})",
        "class Api(apigateway.RestApi):\n    def __init__(self, deploy_options): pass\nApi(deploy_options={'a': 1})",
        "config = {'deploy_options': {'stageName': 'p'}}",
        "",
    ],
)
def test_a_near_miss(code: str) -> None:
    assert said(code) == []


def test_a_value_is_never_quoted() -> None:
    secret = "Temp" + "Pass123!"
    [finding] = findings(api(f"{{'stageName': '{secret}'}}"))
    assert secret not in repr(finding)


@pytest.mark.parametrize(
    "code",
    [
        api("{'method_options': " * 300 + "1" + "}" * 300),
        api("[" * 80 + "]" * 80),
        f"a = b\nb = a\n{api('a')}",
        f"a = {{'stage_name': a}}\n{api('a')}",
        api("x if x else " * 300 + "x"),
        api("{'\\ud800': 1, '\\0': 2}"),
        api("{1: 2, None: 3, b'a': 4, ('a',): 5}"),
        "s3.Bucket(*a, **b, *c)",
        "s3.Bucket(x, 'B', *[{'a': 1}])",
        api("dict(**{'stageName': 1}, **x)"),
    ],
)
def test_odd_code_is_no_trouble(code: str) -> None:
    findings(code)


def test_a_large_table_takes_no_time() -> None:
    rows = ", ".join(f"'/a{number}/GET': {{'throttlingRateLimit': {number}}}" for number in range(4000))
    assert len(said(api(f"{{'method_options': {{{rows}}}}}"))) == 1
