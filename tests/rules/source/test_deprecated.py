"""source-deprecated."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.base import Example
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-deprecated"]
HEAD = """\
import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront, aws_dynamodb as dynamodb, aws_ec2 as ec2, aws_lambda as lambda_
from constructs import Construct
"""


def said(code: str, head: str = HEAD) -> list[str]:
    outcome = run_example(RULE, Example(""), {"app.py": f"{head}{code}\n"})
    assert outcome.crashes == []
    return [f"{item.origin.source.partition(':')[2]} {item.message} | {item.remedy}" for item in outcome.findings]


def test_what_it_says() -> None:
    code = f"{HEAD}dynamodb.Table(x, 'T', partition_key=key, point_in_time_recovery=True)\n"
    [finding] = run_example(RULE, Example(code)).findings
    assert finding.message == (
        "the keyword point_in_time_recovery of aws_dynamodb.Table is deprecated: "
        "use point_in_time_recovery_specification instead"
    )
    assert finding.remedy == "Use point_in_time_recovery_specification."
    assert (finding.id, finding.severity.value, finding.origin.source) == (RULE.id, "warning", "app.py:4:43")


DISTRIBUTION = (
    "aws_cloudfront.CloudFrontWebDistribution is deprecated: use aws_cloudfront.Distribution instead "
    "| Use aws_cloudfront.Distribution."
)
NAT = (
    "aws_ec2.SubnetType.PRIVATE_WITH_NAT is deprecated: use aws_ec2.SubnetType.PRIVATE_WITH_EGRESS "
    "| Use aws_ec2.SubnetType.PRIVATE_WITH_EGRESS."
)
CIDR = "the keyword cidr of aws_ec2.Vpc is deprecated: use ip_addresses instead | Use ip_addresses."
METRIC = (
    "aws_dynamodb.Table.metric_throttled_requests is deprecated: do not use this function "
    "| Use metric_throttled_requests_for_operation."
)

OVERRIDDEN = "class T(dynamodb.Table):\n    def metric_throttled_requests(self): pass"


class TestFound:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            # keywords, keys
            ("ec2.Vpc(x, 'V', cidr='10.0.0.0/16')", f"4:17 {CIDR}"),
            ("ec2.Vpc(\n    x,\n    'V',\n    cidr='10.0.0.0/16',\n)", f"7:5 {CIDR}"),
            ("class Net(ec2.Vpc): pass\nNet(x, 'V', cidr='10.0.0.0/16')", f"5:13 {CIDR}"),
            (
                "ec2.Vpc(x, 'V', **{'cidr': '10.0.0.0/16'})",
                "4:20 the property cidr of aws_ec2.VpcProps is deprecated: use ip_addresses instead | Use ip_addr",
            ),
            (
                "lambda_.Function(x, 'F', log_retention=1)",
                "4:26 the keyword log_retention of aws_lambda.Function is deprecated: use log_group instead | Use log_",
            ),
            # members
            ("ec2.SubnetType.PRIVATE_WITH_NAT", f"4:16 {NAT}"),
            ("kind = ec2.SubnetType\nkind.PRIVATE_WITH_NAT", f"5:6 {NAT}"),
            (
                "lambda_.Runtime.PYTHON_3_8",
                "4:17 aws_lambda.Runtime.PYTHON_3_8 is deprecated: legacy runtime no longer supported by AWS Lambda ",
            ),
            ("dynamodb.Table(x, 'T', partition_key=k).metric_throttled_requests()", f"4:41 {METRIC}"),
            ("def f(t: dynamodb.Table): t.metric_throttled_requests()", f"4:29 {METRIC}"),
            ("def f(t: 'dynamodb.Table | None'): t.metric_throttled_requests()", f"4:38 {METRIC}"),
            ("(dynamodb.Table(x, 'T', partition_key=k)\n    .metric_throttled_requests())", f"5:6 {METRIC}"),
            (
                "cdk.SecretValue.plain_text(read())",
                "4:17 SecretValue.plain_text is deprecated: use SecretValue.unsafe_plain_text() instead | Use SecretV",
            ),
            # classes
            ("cloudfront.CloudFrontWebDistribution(x, 'D')", f"4:12 {DISTRIBUTION}"),
            ("class A(cloudfront.CloudFrontWebDistribution): pass", f"4:20 {DISTRIBUTION}"),
            ("def f(a: cloudfront.CloudFrontWebDistribution): pass", f"4:21 {DISTRIBUTION}"),
            ("def f(a: 'cloudfront.CloudFrontWebDistribution'): pass", f"4:10 {DISTRIBUTION}"),
            ("from aws_cdk.aws_cloudfront import CloudFrontWebDistribution", f"4:36 {DISTRIBUTION}"),
            ("from aws_cdk.aws_cloudfront import CloudFrontWebDistribution as W\nW(x, 'D')", f"5:1 {DISTRIBUTION}"),
        ],
    )
    def test_once(self, code: str, expected: str) -> None:
        [found] = said(code)
        assert found.startswith(expected)

    def test_each_use(self) -> None:
        code = "ec2.SubnetType.PRIVATE_WITH_NAT; ec2.SubnetType.PRIVATE_WITH_NAT\nec2.Vpc(x, 'V', cidr='1', max_azs=2)"
        assert [each.partition(" ")[0] for each in said(code)] == ["4:16", "4:49", "5:17"]


@pytest.mark.parametrize(
    "code",
    [
        # what replaces it
        "dynamodb.Table(x, 'T', partition_key=key, point_in_time_recovery_specification=spec)",
        "ec2.Vpc(x, 'V', ip_addresses=ec2.IpAddresses.cidr('10.0.0.0/16'))",
        "ec2.SubnetType.PRIVATE_WITH_EGRESS",
        "cloudfront.Distribution(x, 'D', default_behavior=b)",
        "lambda_.Runtime.PYTHON_3_13",
        "cdk.SecretValue.unsafe_plain_text(read())",
        # the same name of something else
        "ec2.CfnVPC(x, 'V', cidr_block='10.0.0.0/16')",
        "ec2.CfnVPCCidrBlock(x, 'C', vpc_id='', cidr_block='')",
        "ec2.IpAddresses.cidr('10.0.0.0/16')",
        "def ec2(**given): pass\nec2(cidr=1)",
        "class Vpc:\n    def __init__(self, cidr): pass\nVpc(cidr=1)",
        "class Net(ec2.Vpc):\n    def __init__(self, *, cidr): pass\nNet(cidr='10.0.0.0/16')",
        f"{OVERRIDDEN}\ndef f(t: T): t.metric_throttled_requests()",
        # not known
        "def f(table): table.metric_throttled_requests()",
        "load().Vpc(x, 'V', cidr='1')",
        "from shop import ec2\nec2.Vpc(x, 'V', cidr='1')",
        "ec2.Vpc(x, 'V', **load())",
        "ec2.SubnetTypes.PRIVATE_WITH_NAT",
        # no use
        "'ec2.SubnetType.PRIVATE_WITH_NAT'  # ec2.SubnetType.PRIVATE_WITH_NAT",
        "'cidr'",
        "",
    ],
)
def test_a_near_miss(code: str) -> None:
    assert said(code) == []


@pytest.mark.parametrize(
    "code",
    [
        "ec2" + ".SubnetType" * 400,
        "ec2.SubnetType.PRIVATE_WITH_NAT." + ".".join(["a"] * 400),
        "def f(a: '" + "list[" * 60 + "ec2.Vpc" + "]" * 60 + "'): a[0].cidr",
        "def f(a: 'ec2.Vpc \\0'): a.cidr",
        "class A(A): pass\nA().x\nclass B(C): pass\nclass C(B): pass\nC().x",
        "a = b\nb = a\na.cidr",
        "ec2 = ec2\nec2.Vpc(x, 'V', cidr=1)",
        "[ec2.Vpc for ec2 in ec2]",
    ],
)
def test_odd_code_is_no_trouble(code: str) -> None:
    assert len(said(code)) <= 1
