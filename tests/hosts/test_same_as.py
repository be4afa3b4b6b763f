"""The ids of cdk-nag that rules name are those of the installed packs."""

from __future__ import annotations

import functools
import re
import tarfile
from pathlib import Path

import cdk_nag
import pytest

from cdk_guardrails.rules.base import Rule
from cdk_guardrails.rules.registry import all_rules

PACKS = {
    "AwsSolutions": "aws-solutions",
    "HIPAA.Security": "hipaa-security",
    "NIST.800.53.R4": "nist-800-53-r4",
    "NIST.800.53.R5": "nist-800-53-r5",
    "PCI.DSS.321": "pci-dss-321",
    "Serverless": "serverless",
}
NAMING = [rule for rule in all_rules().values() if rule.same_as.cdk_nag]


@functools.cache
def words_of(pack: str) -> frozenset[str]:
    """The names in the source of one of cdk-nag's packs: a rule has its own or its function's."""
    [tarball] = (Path(cdk_nag.__file__).parent / "_jsii").glob("*.tgz")
    with tarfile.open(tarball) as archive:
        source = archive.extractfile(f"package/lib/packs/{PACKS[pack]}.js")
        assert source is not None
        return frozenset(re.findall(r"\w+", source.read().decode()))


@pytest.mark.parametrize("rule", NAMING, ids=[rule.id for rule in NAMING])
def test_a_pack_has_the_rule(rule: Rule) -> None:
    for id_ in rule.same_as.cdk_nag:
        pack, _, name = id_.rpartition("-")
        assert name in words_of(pack), id_


def test_what_no_pack_has_is_seen() -> None:
    assert "S99" not in words_of("AwsSolutions")
    assert "S1" in words_of("AwsSolutions")
