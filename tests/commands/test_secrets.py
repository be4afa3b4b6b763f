"""Secrets of twelve kinds, planted all over a template: no format tells one, and no error does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from cdk_guardrails.cli import main
from cdk_guardrails.report.output import FORMATS

SECRETS: Final = {
    "an AWS key": "AKIA" + "QWERTYUIOPASDFGH",
    "GitHub": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "GitLab": "glpat-" + "abcDEF123456ghiJKL78",
    "Google": "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "npm": "npm_" + "abcdefghij1234567890ABCDEFGHIJ123456",
    "OpenAI": "sk-" + "abcdefghij1234567890KLMNOPqr",
    "PEM": "MIIEowIBAAKCAQEAsecretsecret",
    "Slack": "xoxb-" + "123456789012-aBcDeFgHiJkLmNoPqRsTuVwX",
    "Stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "a URL": "Hunter2Pass9",
    "an assignment": "Corr3ctHorse",
}
AROUND: Final = {
    "PEM": "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "a URL": "postgres://admin:{}@db.example.com/x",
    "an assignment": "export DB_PASSWORD={} ",
}


def template(text: str) -> dict[str, Any]:
    """``text`` as value, key, name, default, type, reason, id of a suppression, in code and in Metadata."""
    held = {"suppress": [{"id": "lambda-tracing", "reason": text}, {"id": text, "reason": "x"}]}
    statement = {"Effect": "Allow", "Action": [text, "s3:*"], "Resource": [text, "*"], "Sid": text}
    function = {
        "Environment": {"Variables": {"DB_PASSWORD": text, "PLAIN": text, text: "x"}},
        "Code": {"ZipFile": f"# {text}\nimport foo\nprint({text!r})\n"},
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": text,
        "Tags": [{"Key": "password", "Value": text}, {"Key": text, "Value": "x"}],
    }
    resources = {
        "F": {"Type": "AWS::Lambda::Function", "Metadata": {"cdk-guardrails": held, "n": text}, "Properties": function},
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": text, "BucketEncryption": text}},
        text: {"Type": "AWS::S3::Bucket"},
        "D": {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": text, "KmsKeyId": text}},
        "P": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"PolicyName": text, "PolicyDocument": {"Statement": statement}},
        },
        "Q": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": text}},
        "E": {"Type": "AWS::EC2::Instance", "Properties": {"UserData": {"Fn::Base64": text}}},
        "T": {"Type": text, "DependsOn": text, "Condition": text},
    }
    return {
        "Description": text,
        "Metadata": {"Note": text},
        "Parameters": {"DbPassword": {"Type": "String", "Default": text, "AllowedValues": [text]}},
        "Mappings": {"M": {"a": {"Password": text}}},
        "Resources": resources,
        "Outputs": {"O": {"Value": text, "Export": {"Name": text}}},
    }


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", SECRETS)
def test_no_format_tells_one(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    secret = SECRETS[kind]
    Path("t.json").write_text(json.dumps(template(AROUND.get(kind, "{}").format(secret))))
    for format_ in FORMATS:
        assert main(["check", "t.json", "-e", "prod", "-f", format_]) == 1
        said = capsys.readouterr()
        assert "hardcoded-secret" in said.out
        assert secret not in said.out + said.err


def test_a_baseline_holds_what_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.json").write_text(json.dumps(template(SECRETS["GitHub"])))
    main(["check", "t.json", "-e", "prod", "-f", "json", "-o", "r.json"])
    assert main(["baseline", "r.json", "--baseline", "b.json"]) == 0
    assert SECRETS["GitHub"] not in Path("b.json").read_text() + str(capsys.readouterr())
    main(["check", "t.json", "-e", "prod", "-f", "json", "--baseline", "b.json"])
    left = {finding["rule"].partition("[")[0] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert left == {"invalid-suppression"}


@pytest.mark.parametrize("kind", ["GitHub", "a URL", "an assignment"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.yaml", "Resources:\n  A: !{} x\n"),
        ("t.yaml", "Resources:\n  {0}: x\n  {0}: y\n"),
        ("t.json", '{{"Resources": {{"{0}": 1, "{0}": 2}}}}'),
        ("t.yaml", "Resources:\n  A: *{}\n"),
    ],
)
def test_no_error_tells_one(kind: str, name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).write_text(text.format(AROUND.get(kind, "{}").format(SECRETS[kind])))
    for command in ("check", "fix"):
        assert main([command, name]) in (0, 1, 2)
        said = capsys.readouterr()
        assert SECRETS[kind] not in said.out + said.err


def test_settings_that_hold_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.json").write_text('{"Resources": {}}')
    Path("guardrails.toml").write_text(f'environment = "{SECRETS["GitHub"]}"\n')
    assert main(["check", "t.json"]) == 2
    assert SECRETS["GitHub"] not in capsys.readouterr().err
