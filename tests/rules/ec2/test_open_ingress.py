"""ec2-open-ingress."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "ec2-open-ingress"
EVERYBODY = {"CidrIp": "0.0.0.0/0"}


def group(*rules: Any) -> dict[str, Any]:
    return {
        "Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [*rules]}}}
    }


def ingress(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": properties}}}


def tcp(first: Any, last: Any = None, **source: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": first if last is None else last, **(source or EVERYBODY)}


@pytest.mark.parametrize(
    ("rule", "detail", "said"),
    [
        (tcp(22), "tcp:22", "tcp port 22 is"),
        (tcp("22"), "tcp:22", "tcp port 22 is"),
        (tcp(80, 443), "tcp:80-443", "tcp ports 80-443 are"),
        (tcp(0, 65535), "tcp", "all ports of tcp are"),
        (tcp(443) | {"IpProtocol": 6, "ToPort": 444}, "tcp:443-444", "tcp ports 443-444 are"),
        ({"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, **EVERYBODY}, "udp:53", "udp port 53 is"),
        ({"IpProtocol": "TCP", **EVERYBODY}, "tcp", "all ports of tcp are"),
        ({"IpProtocol": "tcp", "FromPort": 22, **EVERYBODY}, "tcp:22", "tcp port 22 is"),
        ({"IpProtocol": "-1", **EVERYBODY}, "all", "all ports of all protocols are"),
        ({"IpProtocol": -1, "FromPort": 443, "ToPort": 443, **EVERYBODY}, "all", "all ports of all protocols are"),
        ({"IpProtocol": "50", **EVERYBODY}, "protocol 50", "IP protocol 50 is"),
    ],
)
def test_open_to_everybody(rule: dict[str, Any], detail: str, said: str) -> None:
    message = f"{said} open to everybody: CidrIp is 0.0.0.0/0"
    found = assert_flags(group(tcp(443), rule), RULE, path="SecurityGroupIngress[1].CidrIp", message=message)
    assert [finding.id for finding in found] == [f"{RULE}[{detail}]"]
    assert_flags(ingress(**rule), RULE, path="CidrIp", message=message)


@pytest.mark.parametrize("cidr", ["::/0", "0:0:0:0:0:0:0:0/0"])
def test_ipv6(cidr: str) -> None:
    message = f"tcp port 3389 is open to everybody: CidrIpv6 is {cidr}"
    assert_flags(group(tcp(3389, CidrIpv6=cidr)), RULE, path="SecurityGroupIngress[0].CidrIpv6", message=message)


def test_one_rule_that_is_no_list() -> None:
    data = group()
    data["Resources"]["Group"]["Properties"]["SecurityGroupIngress"] = tcp(22)
    assert_flags(data, RULE, path="SecurityGroupIngress.CidrIp")


def test_each_rule_has_its_finding() -> None:
    found = assert_flags(group(tcp(22), tcp(5432), tcp(22, CidrIpv6="::/0")), RULE)
    assert [finding.detail for finding in found] == ["tcp:22", "tcp:5432", "tcp:22"]


@pytest.mark.parametrize(
    "rule",
    [
        tcp(80),
        tcp(443),
        tcp("443", CidrIpv6="::/0"),
        tcp(443) | {"IpProtocol": "udp"},
        tcp(22, CidrIp="10.0.0.0/8"),
        tcp(22, CidrIp="203.0.113.7/32"),
        tcp(22, CidrIp={"Ref": "Office"}),
        tcp(22, SourceSecurityGroupId={"Ref": "Other"}),
        tcp(22, SourcePrefixListId="pl-1"),
        tcp({"Ref": "Port"}),
        tcp(443, {"Ref": "Last"}),
        tcp(22) | {"IpProtocol": {"Ref": "Protocol"}},
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, **EVERYBODY},
        {"IpProtocol": "icmpv6", "CidrIpv6": "::/0"},
        {"IpProtocol": "58", "CidrIpv6": "::/0"},
        {"Fn::If": ["Prod", tcp(443), tcp(22)]},
        "tcp",
        {"FromPort": 22, "ToPort": 22, **EVERYBODY},
        tcp("ssh"),
        tcp(443, 80),
    ],
)
def test_allowed_closed_or_unknown(rule: Any) -> None:
    assert_clean(group(rule), RULE)
    if isinstance(rule, dict):
        assert_clean(ingress(**rule), RULE)


def test_the_ports_are_an_option() -> None:
    options = {"allowed_ports": ["443", "8000-8010", "http"]}
    assert_clean(group(tcp(443), tcp(8000, 8010)), RULE, options=options)
    assert_flags(group(tcp(80)), f"{RULE}[tcp:80]", options=options)
    assert_flags(group(tcp(8000, 8011)), RULE, options=options)
    assert_flags(group(tcp(443)), RULE, options={"allowed_ports": []})


def test_egress_and_unknown_lists() -> None:
    properties = {"SecurityGroupEgress": [{"IpProtocol": "-1", **EVERYBODY}], "SecurityGroupIngress": {"Ref": "Rules"}}
    assert_clean({"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}}}, RULE)
