"""Policy documents in three values, and values rendered as text."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.policies import (
    allows,
    as_list,
    denies,
    every,
    is_action,
    is_all_or,
    is_everyone,
    parsed,
    possible_statements,
    rendered,
    some,
    statements,
)
from cdk_guardrails.template import UNKNOWN

NO_VALUE = {"Ref": "AWS::NoValue"}


def test_three_values() -> None:
    assert every([True, True]) is every([]) is True
    assert every([True, None, False]) is False
    assert every([True, None]) is None
    assert some([False, None, True]) is True
    assert some([False, False]) is some([]) is False
    assert some([False, None]) is None


def test_one_or_a_list() -> None:
    assert as_list("a") == as_list(["a", NO_VALUE]) == ["a"]
    assert as_list(None) == as_list(NO_VALUE) == []
    assert as_list({"Ref": "P"}) == [{"Ref": "P"}]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"Statement": [{"A": 1}, {"Ref": "P"}]}, [{"A": 1}, {"Ref": "P"}]),
        ({"Statement": {"A": 1}}, [{"A": 1}]),
        ('{"Statement": {"A": 1}}', [{"A": 1}]),
        ({"Ref": "P"}, [UNKNOWN]),
        ("no JSON", [UNKNOWN]),
        *((document, []) for document in (None, {}, [], 7, NO_VALUE, "7", {"Statement": None})),
    ],
)
def test_statements(document: Any, found: list[Any]) -> None:
    assert statements(document) == found


def test_parsed() -> None:
    assert parsed({"Fn::Sub": "x"}) is parsed("{{resolve:ssm:/policy}}") is UNKNOWN
    assert parsed("[]") == []


def test_possible_statements() -> None:
    a, b, c = {"A": 1}, {"B": 1}, {"C": 1}
    nested = {"Fn::If": ["Y", [b, {"Ref": "P"}], {"Fn::If": ["Z", c, NO_VALUE]}]}
    assert list(possible_statements({"Statement": [a, nested, "text"]})) == [a, b, c]
    assert list(possible_statements({"Statement": {"Fn::If": "text"}})) == []


@pytest.mark.parametrize(
    ("principal", "answer"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ["a", "*"]}, True),
        ({"*": "*"}, True),
        ({"AWS": [{"Ref": "P"}, "*"]}, True),
        ({"AWS": {"Fn::Sub": "*"}}, True),
        ({"AWS": {"Ref": "P"}}, None),
        ({"Ref": "P"}, None),
        ({"AWS": {"Fn::If": ["C", "*", "a"]}}, None),
        ({"AWS": {"Ref": "AWS::AccountId"}}, False),
        ({"AWS": {"Fn::GetAtt": ["R", "Arn"]}}, False),
        ({"AWS": {"Fn::Sub": "arn:aws:iam::${A}:root"}}, False),
        ({"AWS": {"Fn::ImportValue": "Arn"}}, False),
        ({"Service": "*"}, False),
        ({"Service": "s3.amazonaws.com"}, False),
        *((principal, False) for principal in ("a", None, {}, [], 7)),
    ],
)
def test_everyone(principal: Any, answer: bool | None) -> None:
    assert is_everyone(principal) is answer


@pytest.mark.parametrize(
    ("patterns", "answer"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        (["sqs:*", "s3:Get*"], True),
        ("s3:GetObjec?", True),
        ("*", True),
        ([{"Ref": "P"}, "*"], True),
        ([{"Ref": "P"}, "sqs:*"], None),
        ("s3:Get[O]bject", False),
        *((patterns, False) for patterns in ("s3:Put*", "s3:GetObjectAcl", [], None, 7)),
    ],
)
def test_actions(patterns: Any, answer: bool | None) -> None:
    assert is_action(patterns, "s3:GetObject") is answer


ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        (ALLOW, True),
        (ALLOW | {"Resource": ["arn", "*"]}, True),
        (ALLOW | {"Condition": NO_VALUE}, True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
        (ALLOW | {"Condition": {"Bool": {}}}, None),
        (ALLOW | {"Effect": {"Ref": "P"}}, None),
        (ALLOW | {"Resource": {"Fn::If": ["C", "*", "arn"]}}, None),
        ({"Effect": "Allow", "NotAction": {"Ref": "P"}, "Resource": "*"}, None),
        (UNKNOWN, None),
        ({"Ref": "P"}, None),
        (ALLOW | {"Resource": {"Ref": "P"}}, False),
        (ALLOW | {"Action": "sqs:*", "Condition": {"Bool": {}}}, False),
        ({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn"}, False),
        *((statement, False) for statement in ("text", 7, None, {}, ALLOW | {"Effect": "Deny"})),
    ],
)
def test_allows(statement: Any, answer: bool | None) -> None:
    assert allows(statement, "s3:GetObject") is answer


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ({"Effect": "Deny", "Action": "s3:*", "Resource": "arn", "Condition": {"Bool": {}}}, True),
        ({"Effect": "Deny", "NotAction": "iam:*"}, True),
        (UNKNOWN, None),
        ({"Fn::If": ["C", {}, {}]}, None),
        ({"Effect": "Deny", "NotAction": "s3:*"}, False),
        (ALLOW, False),
        ("text", False),
    ],
)
def test_denies(statement: Any, answer: bool | None) -> None:
    assert denies(statement, "s3:GetObject") is answer


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        ("*", True),
        ({"Fn::GetAtt": ["Key", "Arn"]}, True),
        (["arn:aws:s3:::b", {"Fn::Sub": "${Key.Arn}"}], True),
        ({"Fn::GetAtt": ["Other", "Arn"]}, False),
        ("arn:aws:kms:eu-west-1:111122223333:key/1", False),
        ({"Fn::If": ["C", "*", "a"]}, None),
    ],
)
def test_allows_on_one_resource(resource: Any, answer: bool | None) -> None:
    statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource}
    assert allows(statement, "kms:Decrypt", is_all_or({"Fn::GetAtt": ["Key", "Arn"]})) is answer
    assert allows({**statement, "Condition": {"Bool": {}}}, "kms:Decrypt", is_all_or("x")) is not True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ({"Ref": "A"}, "${A}"),
        ({"Fn::GetAtt": ["A", "B.C"]}, "${A.B.C}"),
        ({"Fn::GetAtt": "A.B.C"}, "${A.B.C}"),
        ({"Fn::Sub": "${A}-x"}, "${A}-x"),
        ({"Fn::Sub": ["${A}-${L}", {"L": {"Ref": "B"}}]}, "${A}-${B}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "B"}, NO_VALUE]]}, "a-${B}"),
        ({"Fn::Join": ["", [{"Fn::Join": ["/", ["a", "b"]]}, "*"]]}, "a/b*"),
        ({"Fn::ImportValue": "x"}, '${!{"Fn::ImportValue": "x"}}'),
        ({"Fn::If": ["C", "a", "b"]}, None),
        ({"Fn::Sub": ["${L}", {"L": {"Fn::If": ["C", "a", "b"]}}]}, None),
        ({"Fn::Sub": ["${L}", {"Ref": "Map"}]}, "${L}"),
        ({"Fn::Sub": 7}, None),
        ({"Fn::Join": ["", {"Ref": "Parts"}]}, None),
        ({"Fn::Join": [{"Ref": "D"}, []]}, None),
        ({"Fn::Join": ["", [7]]}, None),
        ({"Ref": 7}, None),
        ({"Fn::GetAtt": []}, None),
        *((value, None) for value in (None, 7, [], {}, {"A": 1})),
    ],
)
def test_rendered(value: Any, text: str | None) -> None:
    assert rendered(value) == text
