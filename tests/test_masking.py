"""Secrets are masked by their name and by their form; what only looks random is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.masking import MASKED, mask, mask_text

VARIABLES = ("Resources", "Function", "Properties", "Environment", "Variables")

# Put together here, so that no scanner takes this file for a leak.
ACCESS_KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
GITHUB = "ghp_" + "a1B2" * 9
GITLAB = "glpat-" + "a1B2c3D4e5F6g7H8i9J0"
SLACK = "xoxb-" + "123456789012-1234567890123-abcdefABCDEF"
STRIPE = "sk_live_" + "a1B2c3D4e5F6g7H8i9J0k1L2"
JWT = ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxIn0", "dBjftJeZ4CVPmB92K27uhbUJU1p1rXW1qYYuR4U5"))
PEM = "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE" + " KEY-----"


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            *(
                "PASSWORD",
                "DB_PASSWORD",
                "dbPassword",
                "MasterUserPassword",
                "PGPASSWORD",
                "PASSWORD_PROD",
                "password2",
            ),
            *(
                "SecretString",
                "ClientSecret",
                "STRIPE_SECRET_KEY",
                "AWS_SECRET_ACCESS_KEY",
                "SECRET_KEY_BASE",
                "APIKey",
            ),
            *("API_KEY", "apiKey", "x-api-key", "AUTH_TOKEN", "GithubToken", "OAuthToken", "GH_PAT", "PRIVATE_KEY"),
            *(
                "CREDENTIALS",
                "DB_CREDS",
                "SENTRY_DSN",
                "ConnectionString",
                "DATABASE_URL",
                "/shop/db/password",
                "DbPass",
            ),
        ],
    )
    def test_masked(self, name: str) -> None:
        assert mask("hunter2", (*VARIABLES, name)) == MASKED
        assert mask({name: "hunter2", "STAGE": "prod"}, VARIABLES) == {name: MASKED, "STAGE": "prod"}

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "SecretArn",
                "SECRET_NAME",
                "TokenUrl",
                "TOKEN_TABLE",
                "PasswordPolicy",
                "PasswordLength",
                "KmsKeyId",
                "Key",
            ),
            *(
                "PartitionKey",
                "ApiKeySourceType",
                "GenerateSecretString",
                "RequirePassword",
                "Compass",
                "PATH",
                "Pattern",
            ),
            *("AccessTokenValidity", "EncryptionKeyArn", "Keys", "MaxTokens", "BucketName", "KeyPolicy", "TokenKeyId"),
        ],
    )
    def test_readable(self, name: str) -> None:
        assert mask("hunter2", (*VARIABLES, name)) == "hunter2"

    @pytest.mark.parametrize(
        ("path", "value", "masked"),
        [
            (("Parameters", "DbPassword", "Default"), "hunter2", MASKED),
            (
                ("Resources", "Task", "Environment"),
                [{"Name": "DB_PASSWORD", "Value": "x1"}],
                [{"Name": "DB_PASSWORD", "Value": MASKED}],
            ),
            (
                ("Resources", "P", "Properties"),
                {"Name": "/a/token", "Value": "x1"},
                {"Name": "/a/token", "Value": MASKED},
            ),
            (
                ("Resources", "P", "Properties", "Tags"),
                [{"Key": "Owner", "Value": "x1"}],
                [{"Key": "Owner", "Value": "x1"}],
            ),
            (("Resources", "X", "Passwords", 0), "hunter2", "hunter2"),
            (("Resources", "X", "Secrets", 0), "hunter2", MASKED),
            ((*VARIABLES, "PASSWORD"), 12345, MASKED),
            ((*VARIABLES, "PASSWORD"), True, True),
            ((*VARIABLES, "TOKENS"), 512, 512),
            ((), "hunter2", "hunter2"),
        ],
    )
    def test_the_name_may_stand_beside_or_above(self, path: Any, value: Any, masked: Any) -> None:
        assert mask(value, path) == masked

    @pytest.mark.parametrize(
        "value",
        [
            *("", "true", "None", "HEADER"[:0], "-", "minutes"),
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-Ab12Cd",
            "{{resolve:secretsmanager:db:SecretString:password}}",
            "alias/aws/s3",
        ],
    )
    def test_what_points_at_a_secret_or_says_nothing_is_readable(self, value: str) -> None:
        assert mask(value, (*VARIABLES, "DB_SECRET")) == value


class TestFunctions:
    @pytest.mark.parametrize(
        "value",
        [
            {"Ref": "DbPassword"},
            {"Fn::GetAtt": ["Secret", "Token"]},
            {"Fn::ImportValue": "shared-password"},
            {"Fn::Sub": "${DbPassword}"},
            {"Fn::Sub": "{{resolve:ssm-secure:/a/${Stage}}}"},
            {
                "Fn::Join": [
                    "",
                    ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password:AWSCURRENT:}}"],
                ]
            },
            {"Fn::If": ["IsProd", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]},
        ],
    )
    def test_references_are_readable(self, value: Any) -> None:
        assert mask(value, (*VARIABLES, "DB_PASSWORD")) == value

    @pytest.mark.parametrize(
        ("value", "masked"),
        [
            ({"Fn::Sub": "hunter2-${Stage}"}, {"Fn::Sub": MASKED}),
            ({"Fn::Sub": ["x-${a}", {"a": {"Ref": "B"}}]}, {"Fn::Sub": [MASKED, {"a": {"Ref": "B"}}]}),
            ({"Fn::Join": ["-", ["hunter2", {"Ref": "A"}]]}, {"Fn::Join": ["-", [MASKED, {"Ref": "A"}]]}),
            ({"Fn::If": ["IsProd", "hunter2", "x1"]}, {"Fn::If": ["IsProd", MASKED, MASKED]}),
            ({"Fn::Base64": "hunter2"}, {"Fn::Base64": MASKED}),
        ],
    )
    def test_what_is_written_in_them_is_not(self, value: Any, masked: Any) -> None:
        assert mask(value, (*VARIABLES, "DB_PASSWORD")) == masked


class TestForms:
    @pytest.mark.parametrize("secret", [ACCESS_KEY_ID, GITHUB, GITLAB, SLACK, STRIPE, JWT, PEM])
    def test_masked_wherever_it_stands(self, secret: str) -> None:
        assert mask(secret, (*VARIABLES, "CONFIG")) == MASKED
        assert mask_text(f"before {secret} after") == f"before {MASKED} after"
        assert mask([{"a": f"x {secret}"}]) == [{"a": f"x {MASKED}"}]

    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            ("postgres://shop:hunter2@db:5432/x", f"postgres://shop:{MASKED}@db:5432/x"),
            ("export DB_PASSWORD=hunter2\nstart", f"export DB_PASSWORD={MASKED}\nstart"),
            ("Server=db;Password='hunter2';", f"Server=db;Password='{MASKED}';"),
            ('{"password": "hunter2"}', f'{{"password": "{MASKED}"}}'),
            (f"AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}", f"AWS_SECRET_ACCESS_KEY={MASKED}"),
            (f"-----BEGIN PRIVATE{' KEY'}-----\nabc", MASKED),
        ],
    )
    def test_inside_a_text(self, text: str, masked: str) -> None:
        assert mask(text) == masked

    @pytest.mark.parametrize(
        "text",
        [
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "shop-prod-orders-5f2b8c9d1e3a4b6c7d8e9f0a1b2c3d4e5f6a7b8c-eu-west-1",
            "cdk-hnb659fds-assets-111122223333-eu-west-1",
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/cdk-hnb659fds-container-assets-111122223333-eu-west-1",
            "5f2b8c9d1e3a4b6c7d8e9f0a1b2c3d4e5f6a7b8c5f2b8c9d1e3a4b6c7d8e9f0a.zip",
            "OrdersTableServiceRoleDefaultPolicyF68F3FF0",
            "v2:deflate64:H4sIAAAAAAAA/02OwW6DQAxEvyX3xW2CqpxJq96qRuQDImdxiQu7i7BXEYr2",
            '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","status":"$context.status"}',
            "https://example.com/a/b?c=d",
            "password: ${DB_PASSWORD}",
            "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)",
        ],
    )
    def test_names_ids_and_arns_are_readable(self, text: str) -> None:
        assert mask(text, (*VARIABLES, "CONFIG")) == text


def test_the_value_itself_does_not_change() -> None:
    value = {"DB_PASSWORD": "hunter2", "L": [{"x": GITHUB}]}
    mask(value, VARIABLES)
    assert value == {"DB_PASSWORD": "hunter2", "L": [{"x": GITHUB}]}


def test_the_library_is_loaded_only_for_what_may_be_a_secret(root: Path) -> None:
    code = (
        "import sys; from cdk_guardrails.masking import mask; mask({'PASSWORD': 'x', 'Status': 'Enabled',"
        " 'Role': 'arn:aws:iam::111122223333:role/some-role-with-a-long-name-12345',"
        " 'DependsOn': ['OrdersTableServiceRoleDefaultPolicyF68F3FF0', 'GuardrailsOrdersErrors5xxAlarm',"
        " 'ApiDeploymentB17BE62Db4f5df5063753edd96df288d4ada104c', 'application_log_level_v2=...',"
        " 'Function352E0E03BArn']});"
        "print('detect_secrets' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_the_library_too_much_is_masked_rather_than_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError("detect_secrets")

    monkeypatch.setattr("cdk_guardrails.masking._detectors", missing)
    mask_text.cache_clear()
    assert MASKED in mask("key 16C7e42F292c6912E7710c838347Ae178B4a")
    mask_text.cache_clear()
