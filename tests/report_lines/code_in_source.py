"""The lines about the app's own Python: A1.1, A6.1, B1.1 to B1.3, C1.1, C1.3, C2.2."""

from __future__ import annotations

from tests.report_lines.code_lines import CodeLine

HEAD = """\
import aws_cdk as cdk
from constructs import Construct
{imports}

class ShopStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
{body}"""


def stack(imports: str, body: str) -> dict[str, str]:
    """An app with one stack: ``imports`` start at line 3, ``body`` at the line after ``super().__init__``."""
    indented = "".join(f"        {line}\n" if line else "\n" for line in body.strip("\n").split("\n"))
    return {"shop.py": HEAD.format(imports=imports + "\n" if imports else "", body=indented)}


API = "from aws_cdk import aws_apigateway as apigateway"
S3 = "from aws_cdk import aws_s3 as s3"
S3_IAM = "from aws_cdk import aws_iam as iam\nfrom aws_cdk import aws_s3 as s3"
TABLE = "from aws_cdk import aws_dynamodb as dynamodb"
KEY = 'partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)'
ALARM = """
alarm = cloudwatch.Alarm(self, "Errors", metric=metric, threshold=1, evaluation_periods=1)
alarm.add_alarm_action({actions}SnsAction(topic))
"""
METRIC = """
topic = sns.Topic(self, "Alarms")
metric = cloudwatch.Metric(namespace="Shop", metric_name="Errors")
"""
ALARM_IMPORTS = "from aws_cdk import aws_cloudwatch as cloudwatch\nfrom aws_cdk import aws_sns as sns"
BUCKET_AND_ROLE = """
bucket = s3.Bucket(self, "Orders")
role = iam.Role(self, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
"""

TEST_USER = """\
import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import custom_resources as cr
from constructs import Construct


class UserPoolStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        pool = cognito.UserPool(self, "Users")
        call = cr.AwsSdkCall(
            service="CognitoIdentityServiceProvider",
            action="adminCreateUser",
            physical_resource_id=cr.PhysicalResourceId.of("test-user"),
            parameters={{
                "UserPoolId": pool.user_pool_id,
                "Username": "test-user",
                "TemporaryPassword": {password},
            }},
        )
        cr.AwsCustomResource(
            self,
            "TestUser",
            on_create=call,
            policy=cr.AwsCustomResourcePolicy.from_sdk_calls(resources=[pool.user_pool_arn]),
        )
        cdk.CfnOutput(self, "Region", value={region})
"""

UNANNOTATED = """\
import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from constructs import Construct


class UserPoolStack(cdk.Stack):
    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self._create_cognito_user_pool()

    def _create_cognito_user_pool(self):
        self.pool = cognito.UserPool(self, "Users")
"""


def one_file(resources: int) -> str:
    """Everything in one stack of one file."""
    lines = [f'        self.bucket_{number} = s3.Bucket(self, "Bucket{number}")\n' for number in range(resources)]
    return (
        HEAD.format(imports=S3 + "\n", body="".join(lines))
        + "\n\napp = cdk.App()\nShopStack(app, 'Shop')\napp.synth()\n"
    )


LINES = (
    CodeLine(
        "A1.1",
        "source",
        stack(API, 'apigateway.RestApi(self, "Api", deploy_options={"stageName": "prod", "metricsEnabled": True})'),
        ("source-dict-props @ shop.py:9",),
        (
            stack(API, 'apigateway.RestApi(self, "Api", deploy_options=apigateway.StageOptions(stage_name="prod"))'),
            stack(
                "from aws_cdk import aws_s3 as s3",
                's3.CfnBucket(self, "B", versioning_configuration={"status": "Enabled"})',
            ),
            stack(
                "from aws_cdk import aws_lambda as lambda_",
                'options = {"environment": {"tableName": "orders"}, "handler": "app.handler"}\n'
                'lambda_.Function(self, "F", code=lambda_.Code.from_asset("."), '
                "runtime=lambda_.Runtime.PYTHON_3_13, **options)",
            ),
        ),
        issue="dict",
        shows=("StageOptions", "stage_name", "metrics_enabled"),
    ),
    CodeLine(
        "A1.1",
        "source",
        stack(f"{S3}\nfrom aws_cdk import aws_lambda_event_sources", 's3.Bucket(self, "Orders")'),
        ("source-unused-import @ shop.py:4",),
        (
            stack(
                f"{S3}\nfrom aws_cdk import aws_lambda_event_sources as sources",
                'bucket = s3.Bucket(self, "Orders")\nsources.S3EventSource(bucket, events=[s3.EventType.OBJECT_CREATED])',
            ),
            stack(f"{S3}\nimport json", 's3.Bucket(self, "Orders")'),
        ),
        issue="unused",
        shows=("aws_lambda_event_sources",),
    ),
    CodeLine(
        "A6.1",
        "source",
        stack(
            "from aws_cdk import aws_lambda as lambda_",
            """
lambda_.Function(
    self,
    "Orders",
    code=lambda_.Code.from_asset("functions"),
    handler="app.handler",
    runtime=lambda_.Runtime.PYTHON_3_13,
    environment={
        "REGION": "us-east-1",
        "QUEUE": "arn:aws:sqs:us-east-1:111122223333:orders",
    },
)
""",
        ),
        ("source-hardcoded-value[region] @ shop.py:16", "source-hardcoded-value[arn] @ shop.py:17"),
        (
            stack(
                "from aws_cdk import aws_lambda as lambda_",
                """
lambda_.Function(
    self,
    "Orders",
    code=lambda_.Code.from_asset("functions"),
    handler="app.handler",
    runtime=lambda_.Runtime.PYTHON_3_13,
    environment={"REGION": self.region, "QUEUE": f"arn:{self.partition}:sqs:{self.region}:{self.account}:orders"},
)
""",
            ),
            {
                "app.py": "import aws_cdk as cdk\n\napp = cdk.App()\n"
                'cdk.Stack(app, "S", env=cdk.Environment(account="111122223333", region="us-east-1"))\n'
            },
            stack(
                "from aws_cdk import aws_iam as iam",
                'iam.ManagedPolicy.from_managed_policy_arn(self, "P", "arn:aws:iam::aws:policy/ReadOnlyAccess")\n'
                '"""Deployed to us-east-1 by account 111122223333."""',
            ),
        ),
    ),
    CodeLine(
        "B1.1",
        "source",
        stack(ALARM_IMPORTS, METRIC.strip() + ALARM.format(actions="aws_cloudwatch_actions.")),
        ("source-missing-import @ shop.py:13",),
        (
            stack(
                f"{ALARM_IMPORTS}\nfrom aws_cdk import aws_cloudwatch_actions",
                METRIC.strip() + ALARM.format(actions="aws_cloudwatch_actions."),
            ),
            stack(
                f"{ALARM_IMPORTS}\nfrom aws_cdk.aws_cloudwatch_actions import SnsAction",
                METRIC.strip() + ALARM.format(actions=""),
            ),
        ),
        shows=("from aws_cdk import aws_cloudwatch_actions",),
    ),
    CodeLine(
        "B1.2",
        "source",
        stack(S3_IAM, BUCKET_AND_ROLE + "bucket.grant(role, 's3:GetObject')"),
        ("source-unknown-member @ shop.py:12",),
        (
            stack(S3_IAM, BUCKET_AND_ROLE + "bucket.grant_read(role)\nbucket.grant_read_write(role)"),
            stack(
                "from aws_cdk import aws_dynamodb as dynamodb\nfrom aws_cdk import aws_iam as iam",
                f'table = dynamodb.Table(self, "T", {KEY})\n'
                'role = iam.Role(self, "R", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))\n'
                'table.grant(role, "dynamodb:GetItem")',
            ),
        ),
        shows=("grant_read", "grant_read_write", "Bucket"),
    ),
    CodeLine(
        "B1.3",
        "source",
        stack(TABLE, f'dynamodb.Table(self, "Orders", {KEY}, point_in_time_recovery=True)'),
        ("source-deprecated @ shop.py:9",),
        (
            stack(
                TABLE,
                f'dynamodb.Table(self, "Orders", {KEY}, point_in_time_recovery_specification='
                "dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True))",
            ),
            stack(TABLE, f'dynamodb.TableV2(self, "Orders", {KEY})'),
        ),
        shows=("point_in_time_recovery_specification",),
    ),
    CodeLine(
        "C1.1",
        "source",
        {"shop.py": UNANNOTATED},
        ("source-annotations @ shop.py:7", "source-annotations @ shop.py:11"),
        (
            {
                "shop.py": UNANNOTATED.replace(
                    "scope, construct_id, **kwargs):",
                    "scope: Construct, construct_id: str, **kwargs: object) -> None:",
                ).replace("pool(self):", "pool(self) -> None:")
            },
            {
                "test_shop.py": "import aws_cdk as cdk\n\n\ndef test_it(tmp_path):\n    cdk.App()\n",
            },
        ),
        shows=("scope", "construct_id", "_create_cognito_user_pool"),
    ),
    CodeLine(
        "C1.3",
        "source",
        {"shop.py": TEST_USER.format(password='"TempPass123!"', region='"us-east-1"')},
        ("source-hardcoded-value[secret] @ shop.py:18", "source-hardcoded-value[region] @ shop.py:27"),
        (
            {
                "shop.py": TEST_USER.format(
                    password='cdk.SecretValue.secrets_manager("test-user").unsafe_unwrap()', region="self.region"
                )
            },
            {
                "shop.py": TEST_USER.format(
                    password='self.node.try_get_context("test_user_password")',
                    region='self.node.try_get_context("region")',
                )
            },
        ),
        hides=("TempPass123!",),
    ),
    CodeLine(
        "C2.2",
        "source",
        {"shop.py": one_file(25)},
        ("source-one-file @ shop.py:6",),
        (
            {"shop.py": one_file(12)},
            {
                "app.py": "import aws_cdk as cdk\nfrom shop.stack import ShopStack\n\napp = cdk.App()\n"
                "ShopStack(app, 'Shop')\napp.synth()\n",
                "shop/__init__.py": "",
                "shop/stack.py": one_file(12).partition("\n\napp = ")[0] + "\n",
                "shop/store.py": one_file(14).partition("\n\napp = ")[0].replace("ShopStack", "Store") + "\n",
            },
        ),
    ),
)
