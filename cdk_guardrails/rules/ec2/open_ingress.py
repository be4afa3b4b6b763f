"""ec2-open-ingress."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, known

INLINE: Final = "SecurityGroupIngress"

NAMES: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
"""Protocols that may be given by number: https://www.iana.org/assignments/protocol-numbers"""

HAVE_PORTS: Final = ("tcp", "udp")

HAVE_TYPES: Final = ("icmp", "icmpv6")

LAST_PORT: Final = 65535


class OpenIngress(Rule):
    """Security groups let in everybody on the ports of public web servers only.

    Checks the rules of security groups, inline or resources of their own, for 0.0.0.0/0 and ::/0 on ports of TCP or UDP
    other than *allowed_ports*, on other protocols, or on all. ICMP is not judged: it has no ports, and IPv6 does not
    work without it. There is no fix: who should be let in instead, only a person knows.
    """

    id = "ec2-open-ingress"
    why = "Whatever listens on an open port is scanned and attacked within minutes: logins, databases, admin pages."
    resource_types = ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress")
    concern = Concern.PUBLIC_ACCESS
    options = (
        Option(
            "allowed_ports",
            ("80", "443"),
            "Ports, or ranges of ports (8000-8010), of TCP and UDP that may be open to everybody: "
            "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18.",
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
            "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
        ),
        cdk_nag=(
            "AwsSolutions-EC23",
            "HIPAA.Security-EC2RestrictedCommonPorts",
            "HIPAA.Security-EC2RestrictedSSH",
            "NIST.800.53.R4-EC2RestrictedCommonPorts",
            "NIST.800.53.R4-EC2RestrictedSSH",
            "NIST.800.53.R5-EC2RestrictedCommonPorts",
            "NIST.800.53.R5-EC2RestrictedSSH",
            "PCI.DSS.321-EC2RestrictedCommonPorts",
            "PCI.DSS.321-EC2RestrictedSSH",
        ),
        checkov=("CKV_AWS_24", "CKV_AWS_25"),
        security_hub=("EC2.13", "EC2.14", "EC2.18", "EC2.19"),
    )
    bad = Example("""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: bastion
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
""")
    good = Example("""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: load balancer
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each rule and address range, with what is open as the detail: ``tcp:22``, ``all``."""
        for path, rule in _rules(resource):
            for name in ("CidrIp", "CidrIpv6"):
                if _is_everybody(rule.get(name)) and (what := _open(rule, settings["allowed_ports"])):
                    says = f"{_said(what)} open to everybody: {name} is {rule[name]}"
                    yield self.finding(resource, says, (*path, name), remedy=_REMEDY, detail=what)


_REMEDY: Final = "security_group.add_ingress_rule(ec2.Peer.ipv4(...), ec2.Port.tcp(...))"


def _rules(resource: Resource) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """The ingress rules that can be read, each with its property path."""
    if resource.type != "AWS::EC2::SecurityGroup":
        yield (), resource.properties
        return
    is_list = isinstance(resource.raw(INLINE), list)
    for index, rule in enumerate(resource.items(INLINE)):
        if isinstance(rule, dict) and not is_intrinsic(rule):
            yield (INLINE, index) if is_list else (INLINE,), rule


def _is_everybody(cidr: Any) -> bool:
    """A network of which no bit is fixed, however its address is written."""
    cidr = known(cidr)
    return isinstance(cidr, str) and cidr.strip().endswith("/0")


def _open(rule: Mapping[str, Any], allowed: Sequence[str]) -> str:
    """What the rule opens beyond ``allowed``: ``tcp:22``, ``tcp:0-1024``, ``tcp``, ``protocol 50``, ``all`` or ""."""
    protocol = known(rule.get("IpProtocol"))
    if protocol is None or protocol is UNKNOWN:
        return ""
    protocol = NAMES.get(str(protocol), str(protocol).lower())
    if protocol in HAVE_TYPES:
        return ""
    if protocol not in HAVE_PORTS:
        return "all" if protocol == "-1" else f"protocol {protocol}"
    ports = _ports(rule)
    if ports is None or set(ports) <= _allowed(allowed):
        return ""
    if len(ports) > LAST_PORT:
        return protocol
    return f"{protocol}:{ports[0]}" if len(ports) == 1 else f"{protocol}:{ports[0]}-{ports[-1]}"


def _ports(rule: Mapping[str, Any]) -> range | None:
    """The ports from FromPort to ToPort, all when neither is given; None when they are unknown."""
    first, last = known(rule.get("FromPort")), known(rule.get("ToPort"))
    if first in (None, -1, "-1") and last in (None, -1, "-1"):
        return range(LAST_PORT + 1)
    numbers = [_number(value) for value in (first, first if last is None else last)]
    if None in numbers:
        return None
    start, end = (number for number in numbers if number is not None)
    return range(start, end + 1) if 0 <= start <= end <= LAST_PORT else None


def _number(value: Any) -> int | None:
    return int(value) if re.fullmatch("[0-9]{1,5}", str(value)) else None


def _allowed(entries: Sequence[str]) -> set[int]:
    """The ports of the option; an entry that is neither a port nor a range allows none."""
    found: set[int] = set()
    for entry in entries:
        if match := re.fullmatch(r"\s*([0-9]{1,5})\s*(?:-\s*([0-9]{1,5})\s*)?", entry):
            found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return found


def _said(what: str) -> str:
    protocol, _, ports = what.partition(":")
    if what == "all":
        return "all ports of all protocols are"
    if not ports:
        return f"all ports of {protocol} are" if protocol in HAVE_PORTS else f"IP {protocol} is"
    return f"{protocol} port{'s' if '-' in ports else ''} {ports} {'are' if '-' in ports else 'is'}"
