"""Report C, an app with Cognito for dev and prod: syntax, deployment, security."""

from __future__ import annotations

from typing import Any, Final

from cdk_guardrails.rules.base import Severity
from tests.report_lines.buckets import BLOCKED, deny_http, policy
from tests.report_lines.lines import GONE, Line, but, stack

USERS: Final = stack("c_users")
SHOP: Final = stack("c_data")

VERSIONED: Final = {"Files.VersioningConfiguration": {"Status": "Enabled"}}

STRICT: Final = {
    "MinimumLength": 12,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "RequireUppercase": True,
}

SECRET: Final = "{{resolve:secretsmanager:test-user:SecretString:password}}"


def with_variable(name: str, value: Any) -> dict[str, Any]:
    """The function that makes the test user with this variable and no other."""
    return but(USERS, {"TestUser.Environment.Variables": {name: value}})


def allowing(*statements: tuple[Any, Any]) -> dict[str, Any]:
    """The shop whose worker may do these actions with these resources."""
    allowed = [{"Action": action, "Effect": "Allow", "Resource": resource} for action, resource in statements]
    return but(SHOP, {"WorkerPolicy.PolicyDocument.Statement": allowed})


def of_queues(*paths: str) -> dict[str, Any]:
    """A template with a queue at each construct path."""
    resources = {
        f"Jobs{number}": {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": f"{path}/Resource"}}
        for number, path in enumerate(paths)
    }
    return {"Resources": resources}


SYNTAX: Final = (
    Line(
        "C1.2",
        SHOP,
        ("naming @ Data.TableName",),
        "flagged",
        (but(SHOP, {"Data.TableName": "dev-DataTable"}), but(SHOP, {"Data.TableName": GONE})),
    ),
    Line(
        "C1.2",
        but(SHOP, {"Data.TableName": "data-dev"}),
        ("naming[styles]",),
        "flagged",
        (
            but(SHOP, {"Data.TableName": "dev-data"}),
            but(SHOP, {"Data.TableName": "/shop/dev"}),
        ),
        issue="two-ways",
    ),
    Line(
        "C1.2",
        SHOP,
        ("naming @ Data.TableName",),
        "flagged",
        (
            but(SHOP, {"Data.TableName": "dev-data"}),
            but(SHOP, {"Data.TableName": {"Fn::Sub": "dev-data-${AWS::Region}"}}),
        ),
        issue="pattern",
        severity=Severity.ERROR,
        settings={"environment": "dev", "names": "{env}-*"},
    ),
    Line(
        "C1.3",
        USERS,
        ("hardcoded-secret[TEMP_PASSWORD] @ TestUser.Environment.Variables.TEMP_PASSWORD",),
        "flagged",
        (with_variable("TEMP_PASSWORD", SECRET), with_variable("TEMP_PASSWORD_SECRET_NAME", "shop/test-user")),
        issue="password",
    ),
    Line(
        "C1.3",
        USERS,
        ("hardcoded-region[us-east-1] @ TestUser.Environment.Variables.REGION",),
        "flagged",
        (with_variable("REGION", {"Ref": "AWS::Region"}), with_variable("REGION_NAME", "Virginia (us-east)")),
        issue="region",
    ),
    Line(
        "C1.3",
        with_variable("USERS_ARN", "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_aBcDeFgHi"),
        ("hardcoded-account[123456789012] @ TestUser.Environment.Variables.USERS_ARN",),
        "flagged",
        (with_variable("USERS_ARN", {"Fn::GetAtt": ["Users", "Arn"]}), with_variable("USERS_SINCE", "202511211200")),
        issue="account",
    ),
    Line(
        "C1.3",
        USERS,
        ("cognito-password-policy @ Users.Policies.PasswordPolicy.MinimumLength",),
        "fixed",
        (
            but(USERS, {"Users.Policies.PasswordPolicy": STRICT}),
            but(USERS, {"Users.Policies.PasswordPolicy": {**STRICT, "MinimumLength": 16}}),
        ),
        after={f"Resources.Users.Properties.Policies.PasswordPolicy.{name}": value for name, value in STRICT.items()},
        issue="password-policy",
    ),
)

DEPLOYMENT: Final = (
    Line(
        "C2.1",
        {"Dev/Shop": SHOP, "Prod/Shop": SHOP},
        ("environment-identical[Dev/Shop]",),
        "flagged",
        (
            {"Dev/Shop": SHOP, "Prod/Shop": but(SHOP, VERSIONED)},
            {"Dev/Shop": SHOP, "Prod/Shop": but(SHOP, {"Worker.MemorySize": 1024})},
            {"Staging/Shop": SHOP, "Prod/Shop": SHOP},
        ),
        issue="alike",
    ),
    Line(
        "C2.1",
        SHOP,
        ("s3-versioning @ Files.VersioningConfiguration.Status",),
        "fixed",
        (
            but(SHOP, VERSIONED),
            but(
                SHOP,
                {
                    "Files.VersioningConfiguration": {"Status": {"Ref": "Versioning"}},
                    "Parameters.Versioning": {"Type": "String"},
                },
            ),
        ),
        after={"Resources.Files.Properties.VersioningConfiguration": {"Status": "Enabled"}},
        issue="versioning",
    ),
    Line(
        "C2.1",
        SHOP,
        ("lambda-memory @ Worker.MemorySize",),
        "flagged",
        (
            but(SHOP, {"Worker.MemorySize": 512}),
            but(
                SHOP,
                {
                    "Worker.MemorySize": {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]},
                    "Mappings.Sizes": {"dev": {"Memory": 128}, "prod": {"Memory": 1024}},
                    "Parameters.Stage": {"Type": "String"},
                },
            ),
        ),
        issue="memory",
    ),
    Line(
        "C2.2",
        of_queues(*(f"Shop/Jobs{number}" for number in range(51))),
        ("stack-modularity[Shop]",),
        "flagged",
        (
            of_queues(*(f"Shop/Jobs{number}" for number in range(50))),
            of_queues(*(f"Shop/{part}/Jobs{number}" for part in ("Orders", "Returns") for number in range(50))),
        ),
        severity=Severity.WARNING,
    ),
    Line(
        "C2.2",
        of_queues(*(f"Shop/{part}/Jobs{number}" for part in range(45) for number in range(10))),
        ("stack-modularity[limit]",),
        "flagged",
        (
            of_queues(*(f"Shop/{part}/Jobs{number}" for part in range(44) for number in range(10))),
            {
                name: of_queues(*(f"{name}/{part}/Jobs{number}" for part in range(25) for number in range(10)))
                for name in ("Shop", "Returns")
            },
        ),
        issue="limit",
        severity=Severity.ERROR,
    ),
)

SECURITY: Final = (
    Line(
        "C3.1",
        SHOP,
        ("s3-tls-only @ Files",),
        "fixed",
        (
            but(SHOP, {"FilesPolicy": policy("Files", deny_http("Files"))}),
            but(SHOP, {"FilesPolicy": policy("Files", deny_http("Files", Principal="*", Action="*"))}),
        ),
        after={
            "Resources.GuardrailsFilesPolicy.Properties.PolicyDocument.Statement.0.Effect": "Deny",
            "Resources.GuardrailsFilesPolicy.Properties.PolicyDocument.Statement.0.Principal": {"AWS": "*"},
        },
    ),
    Line(
        "C3.2",
        SHOP,
        (
            "iam-wildcard-action[s3:*] @ WorkerPolicy.PolicyDocument.Statement[0].Action",
            "iam-wildcard-resource[dynamodb:PutItem] @ WorkerPolicy.PolicyDocument.Statement[1].Resource",
        ),
        "flagged",
        (
            allowing(
                (["s3:PutObject", "s3:GetObject"], {"Fn::Sub": "${Files.Arn}/*"}),
                ("dynamodb:PutItem", {"Fn::GetAtt": ["Data", "Arn"]}),
            ),
            but(
                SHOP,
                {
                    "WorkerPolicy.PolicyDocument.Statement": [
                        {"Action": ["s3:*", "dynamodb:PutItem"], "Effect": "Deny", "Resource": "*"},
                        {"Action": "s3:ListAllMyBuckets", "Effect": "Allow", "Resource": "*"},
                    ]
                },
            ),
        ),
    ),
    Line(
        "C3.3",
        USERS,
        ("cognito-mfa @ Users.MfaConfiguration",),
        "fixed",
        (
            but(USERS, {"Users.MfaConfiguration": "ON", "Users.EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}),
            but(USERS, {"Users.MfaConfiguration": "OPTIONAL", "Users.EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}),
        ),
        after={
            "Resources.Users.Properties.MfaConfiguration": "OPTIONAL",
            "Resources.Users.Properties.EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
        },
        issue="mfa",
    ),
    Line(
        "C3.3",
        USERS,
        ("cognito-advanced-security @ Users.UserPoolAddOns.AdvancedSecurityMode",),
        "fixed",
        (
            but(USERS, {"Users.UserPoolAddOns.AdvancedSecurityMode": "ENFORCED", "Users.UserPoolTier": "PLUS"}),
            but(
                USERS,
                {
                    "Users.UserPoolAddOns.AdvancedSecurityMode": {"Ref": "Mode"},
                    "Users.UserPoolTier": "PLUS",
                    "Parameters.Mode": {"Type": "String"},
                },
            ),
        ),
        after={
            "Resources.Users.Properties.UserPoolAddOns.AdvancedSecurityMode": "ENFORCED",
            "Resources.Users.Properties.UserPoolTier": "PLUS",
        },
        issue="advanced-security",
        settings={"unsafe_fixes": True},
    ),
    Line(
        "C3.4",
        SHOP,
        ("s3-public-access @ Files.PublicAccessBlockConfiguration",),
        "fixed",
        (
            but(SHOP, {"Files.PublicAccessBlockConfiguration": BLOCKED}),
            but(SHOP, {"Files.PublicAccessBlockConfiguration": dict.fromkeys(BLOCKED, "true")}),
        ),
        after={"Resources.Files.Properties.PublicAccessBlockConfiguration": BLOCKED},
    ),
)

LINES: Final = SYNTAX + DEPLOYMENT + SECURITY
