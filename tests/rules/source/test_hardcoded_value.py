"""source-hardcoded-value."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.base import Example, Finding
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-hardcoded-value"]
HEAD = """\
import os
import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigw, aws_cognito as cognito, aws_dynamodb as dynamodb, aws_iam as iam
from aws_cdk import aws_lambda as lambda_, aws_s3 as s3, aws_secretsmanager as sm, aws_ssm as ssm
"""
PASSWORD = "Temp" + "Pass123!"


def findings(code: str, *, head: str = HEAD, name: str = "app.py") -> list[Finding]:
    """What the rule says of ``code`` behind the usual imports."""
    outcome = run_example(RULE, Example(""), {name: f"{head}{code}\n"})
    assert outcome.crashes == []
    assert PASSWORD not in repr(outcome.findings)
    return outcome.findings


def kinds(code: str, **where: str) -> list[str]:
    return [finding.id.removeprefix("source-hardcoded-value") for finding in findings(code, **where)]


class TestSecrets:
    @pytest.mark.parametrize(
        "code",
        [
            f'f(temporary_password="{PASSWORD}")',
            f'f(password="{PASSWORD}")',
            f'DB_PASSWORD = "{PASSWORD}"',
            f'self.db_password: str = "{PASSWORD}"',
            f'config["password"] = "{PASSWORD}"',
            f'a = {{"TemporaryPassword": "{PASSWORD}"}}',
            f'lambda_.Function(self, "F", environment={{"DB_PASSWORD": "{PASSWORD}"}})',
            f'function.add_environment("DB_PASSWORD", "{PASSWORD}")',
            f'password = os.environ.get("PASSWORD", "{PASSWORD}")',
            f'password = os.getenv("PASSWORD") or "{PASSWORD}"',
            f'password = "{PASSWORD}" if stage == "dev" else secret',
            f'os.environ["PASSWORD"] = "{PASSWORD}"',
            f'def f(password: str = "{PASSWORD}"): pass',
            f'def f(*, user_password="{PASSWORD}"): pass',
            f'f(passwords=["{PASSWORD}"])',
            f'f(password=b"{PASSWORD}")',
            f'cdk.SecretValue.unsafe_plain_text("{PASSWORD}")',
            f'sm.Secret(self, "S", secret_string_value=cdk.SecretValue.unsafe_plain_text("{PASSWORD}"))',
            f'cdk.SecretValue.plain_text("{PASSWORD}")',
            f'sm.CfnSecret(self, "S", secret_string="{PASSWORD}")',
            f'sm.SecretStringValueBeta1.from_unsafe_plaintext("{PASSWORD}")',
            f'cdk.CfnParameter(self, "Password", default="{PASSWORD}")',
            f'cdk.CfnParameter(self, "P", no_echo=True, default="{PASSWORD}")',
            f'ssm.StringParameter(self, "P", parameter_name="/prod/db/password", string_value="{PASSWORD}")',
            f'a = {{"name": "DB_PASSWORD", "value": "{PASSWORD}"}}',
            f'apigw.ApiKey(self, "K", value="{PASSWORD}Abcdef12")',
            f'api.add_api_key("K", value="{PASSWORD}Abcdef12")',
            'api_key = "Ab1Cd2Ef3Gh4Ij5Kl6"',
            'JWT_SECRET = "s3cr3tsignin9k3y"',
            'a = "AKIA' + 'Q3EGRVSLWI4NTKRA"',
            'url = "postgres://admin:hunter2@db.internal:5432/shop"',
            'url = f"postgres://admin:hunter2@{host}/shop"',
            'key = """-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----"""',
        ],
    )
    def test_an_error_in_any_module(self, code: str) -> None:
        for head in (HEAD, ""):
            if not head and ("SecretValue" in code or "Beta1" in code):
                continue
            [finding] = findings(code, head=head)
            assert (finding.id, finding.severity.value) == ("source-hardcoded-value[secret]", "error")

    def test_what_it_says(self) -> None:
        [finding] = findings(f'call = {{\n    "TemporaryPassword": "{PASSWORD}",\n}}')
        assert finding.message == (
            "TemporaryPassword holds a literal where a secret belongs: whoever may read the code knows it"
        )
        assert finding.remedy == 'cdk.SecretValue.secrets_manager("name-of-the-secret", json_field="password")'
        assert finding.origin.source == "app.py:6:26"

    def test_what_it_says_of_a_form(self) -> None:
        [finding] = findings('a = "postgres://admin:hunter2@db/shop"', head="")
        assert finding.message == "a holds a URL with a password: whoever may read the code knows it"
        assert finding.remedy.startswith("Keep the value in AWS Secrets Manager")

    @pytest.mark.parametrize(
        "code",
        [
            # references
            'password = os.environ["DB_PASSWORD"]',
            'password = os.getenv("DB_PASSWORD")',
            'f(password=secret.secret_value_from_json("password"))',
            'f(password=cdk.SecretValue.secrets_manager("prod/db", json_field="password"))',
            'f(password=self.node.try_get_context("test_user_password"))',
            'f(password=get_secret("db-password-1"))',
            'f(password="{{resolve:secretsmanager:prod/db:SecretString:password}}")',
            'DB_PASSWORD = "arn:aws:secretsmanager:*:*:secret:db"',
            'cdk.SecretValue.unsafe_plain_text(os.environ["PASSWORD"])',
            'cdk.SecretValue.unsafe_plain_text(f"{prefix}-{suffix}")',
            'password = f"{prefix}-{number}"',
            # names and paths of secrets
            'secret_name = "prod/db/password1"',
            'password_parameter = "/prod/db/password1"',
            'password = "/prod/db/password"',
            'PASSWORD_KEY = "password"',
            'password = "password"',
            '{"password": "DB_PASSWORD"}',
            'token = "github-token"',
            'api_key_name = "orders-key-1234"',
            'secret = "prod/orders/db"',
            'master_key = "alias/aws/rds"',
            'encryption_key = "1234abcd-12ab-34cd-56ef-1234567890ab"',
            # settings about them
            "password_length = 16",
            "cognito.PasswordPolicy(min_length=12, require_digits=True)",
            'generate_secret_string=sm.SecretStringGenerator(generate_string_key="password1234")',
            'SecretStringGenerator(generate_string_key="password", secret_string_template=\'{"username": "admin1"}\')',
            'token_url = "https://login.example.com/oauth2/token1"',
            'PASSWORD_PATTERN = r"^(?=.*[A-Z])(?=.*[0-9]).{12,}$"',
            'client_token = "a1b2c3d4e5f6"',
            'partition_key = "order_id_1234567"',
            # placeholders
            *(
                f'password = "{text}"'
                for text in ("<password>", "changeme", "change-me", "your-password", "TODO", "xxxx")
            ),
            *(f'password = "{text}"' for text in ("", "***", "$PASSWORD", "{{password}}", "placeholder", "EXAMPLE-1")),
            *(f'{{"password": "{text}"}}' for text in ("string", "S", "text", "required", "hidden")),
            'access_key = "AKIAIOSFODNN7EXAMPLE"',
            'url = "postgres://postgres:postgres@localhost:5432/shop1"',
            'url = "postgres://user:changeme@db:5432/shop"',
            'url = f"postgres://{user}:{password}@{host}/shop"',
            'url = "https://example.com/a:b@c"',
            # prose, actions, docstrings
            'password_help = "Use 12 characters or more"',
            'password = "Must have at least 12 characters"',
            '{"reset_password": "functions/reset1.handler"}',
            'forgot_password = "ForgotPasswordFunction1"',
            f'def f():\n    """The password is {PASSWORD}."""',
            f'"password = {PASSWORD}"',
            f"# password = '{PASSWORD}'",
            # other things
            'f(name="password", type="String")',
            'if password == "hunter2x1": pass\nelif kind == "password": pass',
            'cdk.CfnParameter(self, "PasswordLength", default="16")',
            'cdk.CfnParameter(self, "Stage", default="dev1")',
            'a: "password" = b',
        ],
    )
    def test_a_near_miss(self, code: str) -> None:
        for head in (HEAD, ""):
            assert [finding.message for finding in findings(code, head=head)] == []

    @pytest.mark.parametrize("name", ["test_app.py", "conftest.py"])
    def test_tests_may(self, name: str) -> None:
        assert kinds(f'password = "{PASSWORD}"', name=name) == []


class TestDeployment:
    @pytest.mark.parametrize(
        ("code", "kind", "message"),
        [
            ('region = "us-east-1"', "region", "the Region us-east-1 is written out"),
            ('cdk.CfnOutput(self, "O", value="eu-central-1")', "region", "the Region eu-central-1 is written out"),
            ('f(environment={"REGION": "us-gov-west-1"})', "region", "the Region us-gov-west-1 is written out"),
            ('f("https://sqs.us-east-1.amazonaws.com/q")', "region", "the Region us-east-1 is written out"),
            ('f(availability_zones=["us-east-1a"])', "region", "the availability zone us-east-1a is written out"),
            ('f(account="111122223333")', "account", "the account 111122223333 is written out"),
            ("f(account_id=111122223333)", "account", "the account 111122223333 is written out"),
            ('iam.AccountPrincipal("111122223333")', "account", "the account 111122223333 is written out"),
            ('OWNER_ACCOUNT = "111122223333"', "account", "the account 111122223333 is written out"),
            (
                'f(f"https://sqs.{region}.amazonaws.com/111122223333/orders")',
                "account",
                "the account 111122223333 is written out",
            ),
            (
                'f("arn:aws:sqs:us-east-1:111122223333:orders")',
                "arn",
                "an ARN with the Region us-east-1 and the account 111122223333 is written out",
            ),
            (
                'f("arn:aws:iam::111122223333:role/deploy")',
                "arn",
                "an ARN with the account 111122223333 is written out",
            ),
            (
                'f(f"arn:aws:sqs:us-east-1:{self.account}:orders")',
                "arn",
                "an ARN with the Region us-east-1 is written out",
            ),
            (
                'f("arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3:1")',
                "arn",
                "an ARN with the Region us-east-1 is written out",
            ),
            (
                'f("arn:aws:sqs:us-east-1:" + account)',
                "arn",
                "an ARN with the Region us-east-1 is written out",
            ),
        ],
    )
    def test_a_warning_where_infrastructure_is_built(self, code: str, kind: str, message: str) -> None:
        [finding] = findings(code)
        assert (finding.detail, finding.message, finding.severity.value) == (kind, message, "warning")
        assert findings(code, head="") == [], "not in other modules: a table of settings, the code of a function"

    def test_one_for_a_list(self) -> None:
        assert kinds('f(availability_zones=["us-east-1a", "us-east-1b"])') == ["[region]"]

    @pytest.mark.parametrize(
        "code",
        [
            # where the app says what to deploy to
            'cdk.Environment(account="111122223333", region="us-east-1")',
            'cdk.Stack(app, "S", env=cdk.Environment(region="us-east-1"))',
            'cdk.Stack(app, "S", env={"account": "111122223333", "region": "us-east-1"})',
            'env = {"region": "us-east-1"}\ncdk.Stack(app, "S", env=env)',
            'env_eu = cdk.Environment(account="111122223333", region="eu-west-1")',
            'stages = {"dev": {"account": "111122223333", "region": "us-east-1"}}',
            'Config(name="dev", account_id="111122223333", aws_region="us-east-1")',
            'ENVIRONMENTS = {"dev": "us-east-1", "prod": "eu-west-1"}',
            'settings = {"prod": {"region": "us-east-1", "size": 2}}',
            'PROD_ACCOUNT = "111122223333"',
            'REGION = "us-east-1"\ncdk.Stack(app, "S", env=cdk.Environment(region=REGION))',
            'REGION: str = "us-east-1"\ncdk.Stack(app, "S", env=cdk.Environment(region=REGION))',
            'ShopStack(app, "S", region="us-east-1")',
            'if stage == "prod":\n    region = "us-east-1"',
            'if stage == "prod":\n    pass\nelse:\n    region = "us-east-1"',
            'match stage:\n    case "prod": pass\n    case "stage":\n        region = "us-east-1"',
            'match stage:\n    case "prod":\n        arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"',
            # choices and defaults
            'if region == "us-east-1": pass',
            'assert region in ("us-east-1", "eu-west-1")',
            'region = "us-east-1" if is_edge else home',
            'ami = AMIS["us-east-1"]',
            'AMIS = {"us-east-1": "ami-1", "eu-west-1": "ami-2"}',
            'region = os.getenv("CDK_DEFAULT_REGION", "us-east-1")',
            'region = os.environ.get("AWS_REGION", "us-east-1")',
            'region = app.node.try_get_context("region") or "us-east-1"',
            'def f(region: str = "us-east-1"): pass',
            'class Settings:\n    region: str = "us-east-1"',
            'parser.add_argument("--region", default="us-east-1")',
            # lists of Regions, replicas, what must be in one Region
            'dynamodb.Table(self, "T", replication_regions=["us-west-2"])',
            'REGIONS = ["us-east-1", "eu-west-1"]',
            'dynamodb.ReplicaTableProps(region="us-west-2")',
            'table.add_replica(region="us-west-2")',
            'acm.DnsValidatedCertificate(self, "C", region="us-east-1")',
            'cr.AwsSdkCall(service="SSM", action="getParameter", region="us-east-1")',
            'cloudwatch.Metric(namespace="AWS/Route53", metric_name="Health", region="us-east-1")',
            'f("arn:aws:wafv2:us-east-1:{}:global/webacl/x".format(a))',
            '{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}',
            # no account or Region in it
            'f("arn:aws:iam::aws:policy/ReadOnlyAccess")',
            'f("arn:aws:s3:::shop-images/*")',
            'f(f"arn:{cdk.Aws.PARTITION}:sqs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:orders")',
            'f("arn:aws:sqs:*:*:orders")',
            'f("arn:aws:sqs:REGION:ACCOUNT:orders")',
            'f("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders")',
            # numbers that are none
            'f(order="111122223333")',
            "timestamp = 170000000000",
            'f(account="11112222333")',
            'f(phone="+491111222233")',
            'ec2.LookupMachineImage(name="ubuntu", owners=["099720109477"])',
            'f("763104351884.dkr.ecr.{}.amazonaws.com/pytorch".format(region))',
            # texts
            '"""Deployed to us-east-1 by 111122223333."""',
            "# arn:aws:sqs:us-east-1:111122223333:orders",
            'f(description="Runs in us-east-1 for arn:aws:sqs:us-east-1:111122223333:orders")',
            'print("us-east-1")',
            'logger.info("arn:aws:sqs:us-east-1:111122223333:orders")',
            'raise ValueError("us-east-1")',
            'f("see us-east-1 for more")',
            'f("assets-us-east-1")',
            'f("us-east-1-assets")',
            's3.Bucket(self, "us-east-1")',
            'cdk.Stack(app, "us-east-1")',
            'f("central-1", "us-east", "eu-1")',
        ],
    )
    def test_a_near_miss(self, code: str) -> None:
        assert [finding.message for finding in findings(code)] == []


class TestNames:
    @pytest.mark.parametrize(
        ("code", "message"),
        [
            (
                's3.Bucket(self, "B", bucket_name="shop-images")\nf(environment={"BUCKET": "shop-images"})',
                "the bucket name 'shop-images' is written out here and again in line 6",
            ),
            (
                's3.Bucket(self, "B", bucket_name="shop")\nf("arn:aws:s3:::shop/*")\nfrom_bucket_name(a, "C", "shop")',
                "the bucket name 'shop' is written out here and again in lines 6, 7",
            ),
            (
                'dynamodb.TableV2(self, "T", table_name="orders")\nf(TABLE_NAME="orders")',
                "the table name 'orders' is written out here and again in line 6",
            ),
            (
                's3.CfnBucket(self, "B", bucket_name="shop-images")\nbucket_name = "shop-images"',
                "the bucket name 'shop-images' is written out here and again in line 6",
            ),
        ],
    )
    def test_one_that_stands_again_where_a_reference_belongs(self, code: str, message: str) -> None:
        [finding] = findings(code)
        assert (finding.detail, finding.message, finding.severity.value) == ("name", message, "warning")

    @pytest.mark.parametrize(
        "code",
        [
            # Once: what the template's rules say.
            's3.Bucket(self, "B", bucket_name="shop-images")',
            # No resource of ours.
            's3.Bucket.from_bucket_name(self, "B", bucket_name="shop-images")\nf(BUCKET="shop-images")',
            'helper(bucket_name="shop-images")\nf(BUCKET="shop-images")',
            # Something else of that name.
            's3.Bucket(self, "orders", bucket_name="orders")\nsqs.Queue(self, "orders")',
            's3.Bucket(self, "B", bucket_name="orders")\nf(QUEUE="orders")',
            'iam.Role(self, "R", role_name="reader", description="reader")',
            's3.Bucket(self, "B", bucket_name="shop")\nf("arn:aws:s3:::shop-images/*")',
            # Not a literal.
            's3.Bucket(self, "B", bucket_name=NAME)\nf(BUCKET=NAME)',
            's3.Bucket(self, "B", bucket_name=f"{env}-images")\nf(BUCKET=f"{env}-images")',
        ],
    )
    def test_a_near_miss(self, code: str) -> None:
        assert [finding.message for finding in findings(code)] == []


@pytest.mark.parametrize(
    "code",
    [
        "password = " + " + ".join(["'a'"] * 900),
        "a = {" + ", ".join(f"'password{n}': {n}" for n in range(3000)) + "}",
        "f(**{'password': x})\nf(*['us-east-1'])",
        "lambda password='a': 0\npassword: str\ndel password",
        "f(*a, password=a)",
        "'\\ud800'\npassword = '\\ud800'\narn = 'arn:aws:\\ud800:us-east-1:1:x'",
        "password = 'a' 'b'\npassword = ('c', ('d',))\nx = password = 'd'",
    ],
)
def test_odd_code_is_no_trouble(code: str) -> None:
    findings(code)


def test_a_large_table_takes_no_time() -> None:
    rows = "\n".join(f'    "us-east-1-{n}": {{"region": "eu-west-1", "password": "x"}},' for n in range(8000))
    assert len(kinds(f"TABLE = {{\n{rows}\n}}")) == 8000
