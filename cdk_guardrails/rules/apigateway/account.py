"""The role with which API Gateway writes to CloudWatch Logs: AWS::ApiGateway::Account sets it for account and region.

REST and WebSocket stages cannot be deployed with logs where it is not set ("CloudWatch Logs role ARN must be set in
account settings to enable logging"); HTTP APIs do not need it.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Option
from cdk_guardrails.rules.shared import comes_after, find_added, share
from cdk_guardrails.template import Edit, Resource, Template, unique_id

ACCOUNT: Final = "AWS::ApiGateway::Account"
ROLE: Final = "AWS::IAM::Role"
ACCOUNT_ID: Final = "GuardrailsApiGatewayAccount"
ROLE_ID: Final = "GuardrailsApiGatewayLogsRole"

MANAGE_ACCOUNT: Final = Option(
    "manage_account",
    True,
    "Whether a stack with logs, in an app that sets no role for API Gateway's logs, sets one for its account and "
    "region. False where the role is set outside of the app; a deployment fails without it: "
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html.",
)

ACCOUNT_NOTE: Final = (
    "REST and WebSocket APIs write logs with a role that is set once per account and region. Unless a stack of the "
    "app has an AWS::ApiGateway::Account, the fix adds one, with a role that may write and read logs and nothing else. "
    "It takes the place of a role that was set outside of the app: set manage_account to false to keep that one. As "
    "with CDK's RestApi, account and role stay when the stack is deleted, because other APIs go on using them."
)
"""What a rule whose fix yields `logging_account` says of it in its fix_note."""


def logging_account(stage: Resource, template: Template, manage: bool) -> Iterator[Edit]:
    """Lets ``stage`` be deployed after the account's role for logs is set; adds role and account when the app has none.

    An account that the author has put into another stack of the app, for the same AWS account and region as far as
    they are known, is left to that stack. One that a rule added there is not relied on, since that stack may be
    deployed later, or elsewhere.
    """
    account = _account_of(stage, template)
    if account is None:
        if manage and not _set_elsewhere(template):
            yield from _added(stage, template)
        return
    if account.logical_id.startswith(ACCOUNT_ID):
        yield from share(account, stage)
        if role := find_added(template, ROLE_ID, ROLE):
            yield from share(role, stage)
    if not comes_after(template, stage.logical_id, account.logical_id):
        if not comes_after(template, account.logical_id, stage.logical_id):
            yield stage.depend_on(account.logical_id)


def _account_of(stage: Resource, template: Template) -> Resource | None:
    """The one for which ``stage`` waits already, else that of its own API (the CDK makes one for each), else any."""
    accounts = template.of_type(ACCOUNT)
    if len(accounts) < 2:
        return accounts[0] if accounts else None
    api = template.resource_of(stage.raw("RestApiId"))
    waited = (item for item in accounts if comes_after(template, stage.logical_id, item.logical_id))
    own = (item for item in accounts if api is not None and _scope(item) == _scope(api))
    return next(waited, None) or next(own, None) or accounts[0]


def _scope(resource: Resource) -> str:
    """The construct that a resource belongs to; without construct paths, none is like another."""
    return resource.origin.construct_path.rpartition("/")[0] or resource.logical_id


def _set_elsewhere(template: Template) -> bool:
    others = [other for other in template.app.templates if _may_share_account(other, template)]
    accounts = [account for other in others for account in other.of_type(ACCOUNT)]
    return any(not account.logical_id.startswith(ACCOUNT_ID) for account in accounts)


def _may_share_account(one: Template, other: Template) -> bool:
    """Whether two stacks may be of the same AWS account and region, where there is one role for all APIs."""
    pairs = ((one.account, other.account), (one.region, other.region))
    return all(mine == its or not mine or not its for mine, its in pairs)


def _added(stage: Resource, template: Template) -> Iterator[Edit]:
    role, account = unique_id(template, ROLE_ID), unique_id(template, ACCOUNT_ID)
    # Deleting the role would leave the account with one that is gone, and all its APIs without logs.
    kept = {"Condition": stage.condition, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    yield template.add(
        role,
        ROLE,
        {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "apigateway.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "ManagedPolicyArns": [
                {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
            ],
        },
        **kept,
    )
    yield template.add(account, ACCOUNT, {"CloudWatchRoleArn": {"Fn::GetAtt": [role, "Arn"]}}, **kept)
    yield stage.depend_on(account)
