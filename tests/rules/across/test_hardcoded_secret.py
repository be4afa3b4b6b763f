"""hardcoded-secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.report.json_format import render
from cdk_guardrails.report.model import Report
from cdk_guardrails.rules.base import Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "hardcoded-secret"
PASSWORD = "hunter2-Horse!"
KEY = "k3yZ9x8w7v6u5t4s"
AWS_KEY = "AKIA" + "Q3EGRIPMWSXNUVHL"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1\n-----END RSA PRIVATE KEY-----"
URL = f"postgres://shop:{PASSWORD[:12]}@db.internal:5432/shop"
NAMED = "holds a literal where a secret belongs: whoever may read the template knows it"


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


def variables(**given: Any) -> dict[str, Any]:
    return resource("AWS::Lambda::Function", Environment={"Variables": given})


def container(*variables: dict[str, Any]) -> dict[str, Any]:
    return resource("AWS::ECS::TaskDefinition", ContainerDefinitions=[{"Environment": list(variables)}])


def build(**variable: Any) -> dict[str, Any]:
    return resource("AWS::CodeBuild::Project", Environment={"EnvironmentVariables": [variable]})


@pytest.mark.parametrize(
    ("type_", "properties", "path"),
    [
        ("AWS::RDS::DBInstance", {"MasterUserPassword": PASSWORD}, "MasterUserPassword"),
        ("AWS::RDS::DBInstance", {"MasterUserPassword": 1234567890}, "MasterUserPassword"),
        ("AWS::Redshift::Cluster", {"MasterUserPassword": {"Fn::Sub": PASSWORD}}, "MasterUserPassword"),
        ("AWS::DMS::Endpoint", {"Password": {"Fn::Join": ["", ["hunter", "2"]]}}, "Password"),
        ("AWS::ElastiCache::ReplicationGroup", {"AuthToken": KEY}, "AuthToken"),
        ("AWS::ElastiCache::User", {"Passwords": [{"Ref": "First"}, PASSWORD]}, "Passwords[1]"),
        ("AWS::AmazonMQ::Broker", {"Users": [{"Username": "u", "Password": PASSWORD}]}, "Users[0].Password"),
        ("AWS::IAM::User", {"LoginProfile": {"Password": PASSWORD}}, "LoginProfile.Password"),
        (
            "AWS::Cognito::UserPoolIdentityProvider",
            {"ProviderDetails": {"client_id": "shop", "client_secret": KEY}},
            "ProviderDetails.client_secret",
        ),
        ("AWS::CloudFormation::Stack", {"Parameters": {"DbPassword": PASSWORD}}, "Parameters.DbPassword"),
        ("AWS::SecretsManager::Secret", {"SecretString": KEY}, "SecretString"),
        ("AWS::SSM::Parameter", {"Name": "/shop/db/password", "Type": "String", "Value": PASSWORD}, "Value"),
        ("AWS::ApiGateway::ApiKey", {"Name": "shop", "Value": KEY}, "Value"),
        ("AWS::EC2::VPNConnection", {"VpnTunnelOptionsSpecifications": [{"PreSharedKey": KEY}]},
         "VpnTunnelOptionsSpecifications[0].PreSharedKey"),
        (
            "AWS::CloudFront::Distribution",
            {"OriginCustomHeaders": [{"HeaderName": "x-origin-secret", "HeaderValue": KEY}]},
            "OriginCustomHeaders[0].HeaderValue",
        ),
        ("Custom::Anything", {"ApiKey": "hunter"}, "ApiKey"),
        ("AWS::RDS::DBInstance", {"MasterUserPassword": {"Fn::If": ["Prod", {"Ref": "P"}, PASSWORD]}},
         "MasterUserPassword.Fn::If[2]"),
    ],
)  # fmt: skip
def test_a_property(type_: str, properties: dict[str, Any], path: str) -> None:
    (finding,) = assert_flags(resource(type_, **properties), RULE, path=path)
    assert finding.severity is Severity.ERROR
    assert finding.message.endswith(NAMED)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (variables(DB_PASSWORD=PASSWORD), "Environment.Variables.DB_PASSWORD"),
        (container({"Name": "DB_PASSWORD", "Value": PASSWORD}), "ContainerDefinitions[0].Environment[0].Value"),
        (build(Name="DB_PASSWORD", Value=PASSWORD), "Environment.EnvironmentVariables[0].Value"),
        (build(Name="DB_PASSWORD", Type="PLAINTEXT", Value=PASSWORD), "Environment.EnvironmentVariables[0].Value"),
        (
            resource("AWS::Serverless::Function", Environment={"Variables": {"DB_PASSWORD": "changeme"}}),
            "Environment.Variables.DB_PASSWORD",
        ),
        ({"Resources": {}, "Globals": {"Function": {"Environment": {"Variables": {"DB_PASSWORD": PASSWORD}}}}},
         "Globals.Function.Environment.Variables.DB_PASSWORD"),
    ],
)  # fmt: skip
def test_a_variable(template: dict[str, Any], path: str) -> None:
    (finding,) = assert_flags(template, f"{RULE}[DB_PASSWORD]", path=path, message=f"DB_PASSWORD {NAMED}")
    assert finding.remedy == "Keep the value in AWS Secrets Manager, pass the secret's name, and read it at run time."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "hunter"),
        ("apiKey", "0123456789abcdef0123456789abcdef"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz"),
        ("STRIPE_SECRET_KEY", KEY),
        ("JWT_SECRET", KEY),
        ("SLACK_BOT_TOKEN", "bottoken"),
        ("GITHUB_TOKEN_2", KEY),
        ("dbPasswordProd", "prod/db"),
        ("CREDENTIALS", "admin:k3yZ9x8w"),
    ],
)
def test_names_that_say_it(name: str, value: str) -> None:
    assert_flags(variables(**{name: value}), f"{RULE}[{name}]", message=f"{name} {NAMED}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop-AbCdEf"),
        ("DB_SECRET", "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop-AbCdEf"),
        ("DB_SECRET", "prod/shop/db"),
        ("DB_SECRET", "shop-db-secret2"),
        ("DB_SECRET", "dbsecret"),
        ("DB_PASSWORD", "/prod/shop/db/password"),
        ("SECRET_NAME", "my-secret"),
        ("SECRET_ID", KEY),
        ("TOKEN_URL", "https://auth.example.com/oauth2/token"),
        ("ACCESS_TOKEN", "https://auth.example.com/oauth2/token"),
        ("PASSWORD_LENGTH", "16"),
        ("PASSWORD_LENGTH", 16),
        ("API_KEY_PARAMETER_NAME", "/shop/api-key"),
        ("API_KEY", "shop-api-key"),
        ("API_KEY_SOURCE", "HEADER"),
        ("TOKEN_EXPIRY", "3600s4everything"),
        ("MAX_TOKENS", "4096000000"),
        ("AUTH_TOKEN", "required"),
        ("REQUIRE_PASSWORD", "true"),
        ("USE_PASSWORD", True),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "true"),
        ("DB_PASSWORD", True),
        ("DB_PASSWORD", None),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "***"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:shop:SecretString:password}}"),
        ("DB_PASSWORD", "{{resolve:ssm-secure:/shop/db:1}}"),
        ("DB_PASSWORD", {"Ref": "DbPassword"}),
        ("DB_PASSWORD", {"Fn::GetAtt": ["Secret", "Value"]}),
        ("DB_PASSWORD", {"Fn::Sub": "${DbPassword}"}),
        ("DB_PASSWORD", {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password}}"}),
        ("DB_PASSWORD", {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "S"}, ":SecretString:password::}}"]]}),
        ("DB_PASSWORD", {"Fn::ImportValue": "db-password"}),
        ("DB_PASSWORD", {"Fn::FindInMap": ["Env", "Prod", "Password"]}),
        ("KMS_MASTER_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ("ENCRYPTION_KEY", "mrk-1234abcd12ab34cd56ef1234567890ab"),
        ("ENCRYPTION_KEY", "alias/aws/s3"),
        ("PUBLIC_KEY", KEY),
        ("COMPASS", PASSWORD),
        ("TABLE_NAME", "OrdersTable9F3A2B1C"),
        ("DATABASE_URL", "postgres://db.internal:5432/shop"),
        ("DATABASE_URL", {"Fn::Sub": "postgres://shop:${DbPassword}@db/shop"}),
        ("DATABASE_URL", {"Fn::Join": ["", ["postgres://shop:", {"Ref": "DbPassword"}, "@db/shop"]]}),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ],
)
def test_near_misses(name: str, value: Any) -> None:
    assert_clean(variables(**{name: value}), RULE)
    assert_clean(container({"Name": name, "Value": value}), RULE)


@pytest.mark.parametrize(
    "template",
    [
        build(Name="DB_PASSWORD", Type="SECRETS_MANAGER", Value="shop:password"),
        build(Name="DB_PASSWORD", Type="PARAMETER_STORE", Value="shop-db-password"),
        resource(
            "AWS::ECS::TaskDefinition", ContainerDefinitions=[{"Secrets": [{"Name": "PASSWORD", "ValueFrom": "a"}]}]
        ),
        resource("AWS::S3::Bucket", Tags=[{"Key": "password", "Value": PASSWORD}]),
        resource("AWS::IAM::Policy", PolicyDocument={"Statement": [{"Condition": {"StringEquals": {"a:token": KEY}}}]}),
        resource("AWS::SecretsManager::Secret", SecretString='{"username": "admin", "port": 5432}'),
        resource("AWS::SecretsManager::Secret", SecretString='{"username": "admin", "password": ""}'),
        resource("AWS::SecretsManager::Secret", SecretString={"Ref": "Value"}),
        resource(
            "AWS::SecretsManager::Secret",
            GenerateSecretString={"SecretStringTemplate": '{"username":"admin"}', "GenerateStringKey": "password"},
        ),
        resource("AWS::RDS::DBInstance", ManageMasterUserPassword=True, MasterUserSecret={"KmsKeyId": "alias/a"}),
        resource("AWS::Cognito::UserPool", Policies={"PasswordPolicy": {"MinimumLength": 12}}),
        resource("AWS::Cognito::UserPoolClient", GenerateSecret=True, TokenValidityUnits={"AccessToken": "minutes"}),
        resource("AWS::Lambda::Permission", EventSourceToken="amzn1.ask.skill.12345678-abcd"),
        resource("AWS::EFS::FileSystem", CreationToken=KEY),
        resource("AWS::ApiGateway::Method", Integration={"Credentials": "arn:aws:iam::*:user/*"}),
        resource(
            "AWS::ApiGateway::Method",
            Integration={"RequestParameters": {"integration.request.header.token": "method.request.header.token"}},
        ),
        resource("AWS::ApiGateway::ApiKey", Name="shop", Value={"Ref": "Key"}),
        {"Resources": {"It": {"Type": "AWS::RDS::DBInstance", "Metadata": {"Password": PASSWORD}}}},
        {"Resources": {"It": {"Type": "AWS::RDS::DBInstance", "Properties": {"Ref": "All"}}}},
        {"Resources": {}, "Mappings": {"Env": {"Prod": {"PasswordLength": "16"}}}, "Outputs": {"A": {"Value": "b"}}},
    ],
)
def test_more_near_misses(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (AWS_KEY, "an AWS access key"),
        (f"aws_access_key_id = {AWS_KEY}\n", "an AWS access key"),
        (PEM, "a private key"),
        (GITHUB, "a token"),
        (f"git clone https://x-access-token:{GITHUB}@github.com/shop/shop", "a URL with a password"),
        (URL, "a URL with a password"),
        ({"Fn::Sub": f"postgres://shop:{PASSWORD[:12]}@${{Host}}/shop"}, "a URL with a password"),
        ({"Fn::Join": ["", [f"redis://:x:{KEY}@".replace(":x:", "u:"), {"Ref": "Host"}]]}, "a URL with a password"),
    ],
)
@pytest.mark.parametrize("name", ["SETTING", "DATABASE_URL"])
def test_a_form(name: str, value: Any, what: str) -> None:
    message = f"{name} holds {what}: whoever may read the template knows it"
    assert_flags(variables(**{name: value}), f"{RULE}[{name}]", message=message)


def test_a_form_in_any_text() -> None:
    code = {"ZipFile": f"import os\nKEY = '{AWS_KEY}'\npassword = os.environ['PASSWORD']\n"}
    message = "ZipFile holds an AWS access key: whoever may read the template knows it"
    assert_flags(resource("AWS::Lambda::Function", Code=code), RULE, path="Code.ZipFile", message=message)
    outputs = {"Resources": {}, "Outputs": {"Key": {"Value": AWS_KEY}}}
    assert_flags(outputs, RULE, path="Outputs.Key.Value")
    mapping = {"Resources": {}, "Mappings": {"Env": {"Prod": {"DbPassword": PASSWORD}}}}
    assert_flags(mapping, f"{RULE}[DbPassword]", path="Mappings.Env.Prod.DbPassword")


@pytest.mark.parametrize(
    "script",
    [
        {"Fn::Base64": f"#!/bin/sh\nexport DB_PASSWORD={KEY}\n"},
        {"Fn::Base64": {"Fn::Sub": f"#!/bin/sh\n  DB_PASSWORD='{KEY}' run ${{Bucket}}\n"}},
        {"Fn::Base64": {"Fn::Join": ["", [f"#!/bin/sh\nDB_PASSWORD={KEY}\naws s3 cp s3://", {"Ref": "Bucket"}]]}},
    ],
)
def test_user_data(script: Any) -> None:
    template = resource("AWS::EC2::Instance", UserData=script)
    assert_flags(template, f"{RULE}[DB_PASSWORD]", path="UserData", message=f"DB_PASSWORD {NAMED}")


@pytest.mark.parametrize(
    "line", ["DB_PASSWORD=$(get)", 'DB_PASSWORD="$SECRET"', "DB_PASSWORD=`get`", "TOKEN_FILE=/tmp/token", "PASSWORD="]
)
def test_user_data_that_reads_its_secrets(line: str) -> None:
    assert_clean(resource("AWS::EC2::Instance", UserData={"Fn::Base64": f"#!/bin/sh\n{line}\n"}), RULE)


def test_the_password_of_a_test_user() -> None:
    """The CDK's AwsCustomResource writes the SDK call as JSON text around references."""
    head = '{"service":"CognitoIdentityServiceProvider","action":"adminCreateUser","parameters":{"UserPoolId":"'
    tail = f'","Username":"test","TemporaryPassword":"{PASSWORD}"}}}}'
    template = resource("Custom::AWS", Create={"Fn::Join": ["", [head, {"Ref": "Pool"}, tail]]})
    assert_flags(template, f"{RULE}[TemporaryPassword]", path="Create", message=f"TemporaryPassword {NAMED}")
    referring = tail.replace(PASSWORD, "{{resolve:secretsmanager:test-user}}")
    assert_clean(resource("Custom::AWS", Create={"Fn::Join": ["", [head, {"Ref": "Pool"}, referring]]}), RULE)


def test_the_json_of_a_secret() -> None:
    template = resource("AWS::SecretsManager::Secret", SecretString=f'{{"username":"a","password":"{PASSWORD}"}}')
    (finding,) = assert_flags(template, f"{RULE}[password]", path="SecretString")
    assert finding.remedy == "Let Secrets Manager generate the value, or put it there outside of the template."


def parameter(name: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {}, "Parameters": {name: {"Type": "String", **properties}}}


@pytest.mark.parametrize(
    ("template", "hidden"),
    [
        (parameter("Db", NoEcho=True, Default=PASSWORD), ", which NoEcho does not hide"),
        (parameter("Db", NoEcho="true", Default=12345678), ", which NoEcho does not hide"),
        (parameter("DbPassword", Default=PASSWORD), ""),
    ],
)
def test_the_default_of_a_parameter(template: dict[str, Any], hidden: str) -> None:
    (name,) = template["Parameters"]
    message = f"the default of the parameter {name} is a literal where a secret belongs{hidden}"
    said = f"{message}: whoever may read the template knows it"
    (finding,) = assert_flags(template, f"{RULE}[{name}]", path=f"Parameters.{name}.Default", message=said)
    assert finding.remedy == f'cdk.CfnParameter(scope, "{name}", no_echo=True)'


@pytest.mark.parametrize(
    "template",
    [
        parameter("Db", NoEcho=True),
        parameter("Db", NoEcho=True, Default=""),
        parameter("Db", NoEcho=False, Default=PASSWORD),
        parameter("DbPasswordLength", Default="16"),
        parameter("DbPassword", Type="AWS::SSM::Parameter::Value<String>", Default="db-password"),
        {"Resources": {}, "Parameters": {"Db": "x", "Other": None}},
        {"Resources": {}, "Parameters": ["x"]},
    ],
)
def test_parameters_without_a_secret(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


SECRETS = (PASSWORD, KEY, AWS_KEY, GITHUB, PEM, URL)


def everything() -> dict[str, Any]:
    template = variables(DB_PASSWORD=PASSWORD, API_KEY=KEY, A=AWS_KEY, B=GITHUB, C=PEM, D=URL)
    template["Resources"]["Db"] = {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": PASSWORD}}
    template["Resources"]["Vm"] = {
        "Type": "AWS::EC2::Instance",
        "Properties": {"UserData": {"Fn::Base64": f"API_KEY={KEY}\n"}},
    }
    template["Parameters"] = {"DbPassword": {"Type": "String", "NoEcho": True, "Default": PASSWORD}}
    return template


def test_the_value_is_told_nowhere() -> None:
    settings = Settings(environment="prod")
    app = App()
    Template(everything(), app=app)
    outcome = engine.run(app, [all_rules()[RULE]], settings, Suppressions(settings.today), fix=True)
    assert len(outcome.findings) == 9
    told = (
        repr(outcome) + render(Report.build([outcome], settings)) + json.dumps([f.location for f in outcome.findings])
    )
    for secret in SECRETS:
        assert secret not in told
        assert json.dumps(secret)[1:-1] not in told


def test_a_name_that_is_a_secret_is_masked() -> None:
    found = assert_flags(variables(**{f"{GITHUB}_PASSWORD": PASSWORD}), RULE)
    assert GITHUB not in found[0].message + found[0].detail
