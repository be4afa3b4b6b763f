"""cloudtrail-deployable."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.rules.cloudtrail.trails import TRAIL, lets_cloudtrail
from cdk_guardrails.rules.messaging import SNS, covers
from cdk_guardrails.rules.messaging import policies_of as policies_of_topic
from cdk_guardrails.rules.policies import Answer, rendered, statements
from cdk_guardrails.rules.resource_policies import Policies
from cdk_guardrails.rules.s3.buckets import arns
from cdk_guardrails.rules.s3.buckets import policies_of as policies_of_bucket
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_no_value

GROUP: Final = "CloudWatchLogsLogGroupArn"
ROLE: Final = "CloudWatchLogsRoleArn"

ACCOUNT: Final = "000000000000"
ORGANIZATION: Final = "o-0000000000"
"""Stand for the account's and the organization's id in the keys of log files."""


class Deployable(Rule):
    """Trails have what CloudTrail asks for when it makes them.

    Checks what makes the creation of a trail fail:

    - ``bucket-policy``: no policy lets CloudTrail do s3:GetBucketAcl on the trail's bucket and s3:PutObject on
      ``[S3KeyPrefix/]AWSLogs/ACCOUNT/``, and on ``[S3KeyPrefix/]AWSLogs/ORGANIZATION/`` for a trail of an organization.
    - ``topic-policy``: no policy lets CloudTrail publish to the trail's topic.
    - ``log-group``: a log group without a role, or a role without a log group.
    - ``log-group-arn``: the ARN of the log group does not end in ``:*``.
    - ``selectors``: basic and advanced event selectors together.
    - ``global-events``: IsMultiRegionTrail without IncludeGlobalServiceEvents, which CloudFormation takes for false.

    A bucket and a topic are judged when they stand in the template. That the trail waits for their policies is the
    matter of deploy-order.
    """

    id = "cloudtrail-deployable"
    why = "CloudTrail validates a trail when it is made, and a stack with one that it refuses is rolled back."
    resource_types = (TRAIL,)
    concern = Concern.LOGGING
    answers = ("B2.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html",
            "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
            "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
        ),
    )
    bad = Example("""\
Resources:
  Logs:
    Type: AWS::S3::Bucket
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: !Ref Logs
""")
    good = Example("""\
Resources:
  Logs:
    Type: AWS::S3::Bucket
  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: s3:GetBucketAcl
            Resource: !GetAtt Logs.Arn
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: s3:PutObject
            Resource: !Sub ${Logs.Arn}/AWSLogs/${AWS::AccountId}/*
            Condition: {StringEquals: {"s3:x-amz-acl": bucket-owner-full-control}}
  Trail:
    Type: AWS::CloudTrail::Trail
    DependsOn: LogsPolicy
    Properties:
      IsLogging: true
      S3BucketName: !Ref Logs
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for detail, (find, path, remedy) in _REASONS.items():
            if says := find(resource, template):
                yield self.finding(resource, says, path, remedy=remedy, detail=detail)


def _bucket_policy(trail: Resource, template: Template) -> str:
    bucket = template.resource_of(trail.raw("S3BucketName"))
    if bucket is None or bucket.type != "AWS::S3::Bucket":
        return ""
    found = _statements(policies_of_bucket(bucket, template))
    folder, missing = _folder(trail), []
    if lets_cloudtrail(found, trail, "s3:GetBucketAcl", lambda item: _is_bucket(item, bucket), "s3:x-amz") is False:
        missing.append("s3:GetBucketAcl")
    for owner, id_ in _owners(trail):
        on_logs = _on_logs(bucket, folder, id_)
        if lets_cloudtrail(found, trail, "s3:PutObject", on_logs, "") is False:
            missing.append(f"s3:PutObject on {folder or 'S3KeyPrefix/AWSLogs'}/{owner}/*")
    return f"no policy of {bucket.logical_id} lets CloudTrail do {' and '.join(missing)}" if missing else ""


def _folder(trail: Resource) -> str | None:
    """Where in the bucket the logs go; None when that is not known."""
    if trail.get("S3KeyPrefix") in (None, ""):
        return "AWSLogs"
    prefix = rendered(trail.raw("S3KeyPrefix"))
    return None if prefix is None or prefix.endswith("/") else f"{prefix}/AWSLogs"


def _owners(trail: Resource) -> list[tuple[str, str]]:
    """Whose logs the trail writes: a name for people, and what stands for the id."""
    account = [("ACCOUNT", ACCOUNT)]
    return [*account, ("ORGANIZATION", f"{ORGANIZATION}/{ACCOUNT}")] if _is(trail, "IsOrganizationTrail") else account


def _statements(policies: Policies) -> list[Any]:
    """What the policies say; UNKNOWN for a policy that may be one of them, or stands elsewhere."""
    own = [item for policy in policies.own for item in statements(policy.raw("PolicyDocument"))]
    return [*own, *(UNKNOWN for _ in policies.perhaps)]


def _is_bucket(item: Any, bucket: Resource) -> Answer:
    if (text := rendered(item)) is None:
        return None
    return text.rstrip("*") in {"", "arn:aws:s3:::", *arns(bucket)} or _may_be_named(text, bucket)


def _may_be_named(text: str, bucket: Resource) -> Answer:
    """Whether a text may be the bucket's ARN through a variable; a generated name is known to no variable."""
    return None if bucket.raw("BucketName") is not None and "${" in text and not text.startswith("${!") else False


def _on_logs(bucket: Resource, folder: str | None, owner: str) -> Callable[[Any], Answer]:
    """Whether an item of Resource covers the log files of ``owner`` in ``folder`` (None: not known)."""

    def covers_logs(item: Any) -> Answer:
        text = rendered(item)
        if text is None or text in ("*", "arn:aws:s3:::*"):
            return None if text is None else True
        for arn in arns(bucket):
            if text.startswith(arn) and text[len(arn) :][:1] in ("/", "*"):
                return _covers_key(text[len(arn) :].removeprefix("/"), folder, owner)
        return _may_be_named(text, bucket)

    return covers_logs


def _covers_key(pattern: str, folder: str | None, owner: str) -> Answer:
    if pattern == "*":
        return True
    if folder is None:
        return None
    pattern = re.sub(r"\d{12}", ACCOUNT, pattern.replace("${AWS::AccountId}", ACCOUNT).replace("[", "[[]"))
    pattern = re.sub(r"(?<=AWSLogs/)o-[a-z0-9]+", ORGANIZATION, pattern)
    if fnmatch.fnmatchcase(f"{folder}/{owner}/CloudTrail/log", pattern):
        return True
    return None if "${" in pattern or "${" in folder else False


def _topic_policy(trail: Resource, template: Template) -> str:
    topic = template.resource_of(trail.raw("SnsTopicName"))
    if topic is None or topic.type != "AWS::SNS::Topic":
        return ""
    found = _statements(policies_of_topic(topic, template, SNS))
    if lets_cloudtrail(found, trail, "sns:Publish", lambda item: covers(item, topic, SNS), "") is False:
        return f"no policy of {topic.logical_id} lets CloudTrail do sns:Publish"
    return ""


def _log_group(trail: Resource, template: Template) -> str:
    present = {name: _is_present(trail.raw(name)) for name in (GROUP, ROLE)}
    for name, other in ((GROUP, ROLE), (ROLE, GROUP)):
        if present[name] is True and present[other] is False:
            return f"{name} is set without {other}: CloudTrail takes both or none"
    return ""


def _is_present(value: Any) -> Answer:
    if value in (None, "") or is_no_value(value):
        return False
    return None if isinstance(value, dict) and "Fn::If" in value else True


def _log_group_arn(trail: Resource, template: Template) -> str:
    value = trail.raw(GROUP)
    text, group = rendered(value), template.resource_of(value)
    if group is not None and group.type == "AWS::Logs::LogGroup":
        return "" if text == f"${{{group.logical_id}.Arn}}" else f"{GROUP} is the log group's name, not its ARN"
    # A variable at the end may bring the ":*" along, unless it is the name of a log group.
    named = re.search(r":log-group:\$\{([A-Za-z0-9]+)\}$", text or "")
    at_end = template.resources.get(named[1]) if named else None
    is_variable = text is not None and text.endswith("}") and at_end is None
    if not text or ":log-group:" not in text or text.endswith(":*") or is_variable:
        return ""
    return f"{GROUP} does not end in ':*', so that CloudTrail cannot validate it"


def _selectors(trail: Resource, template: Template) -> str:
    both = [trail.get(name) for name in ("EventSelectors", "AdvancedEventSelectors")]
    if all(isinstance(value, list) and value for value in both):
        return "EventSelectors and AdvancedEventSelectors are both set: CloudTrail takes one of them"
    return ""


def _global_events(trail: Resource, template: Template) -> str:
    events = trail.get("IncludeGlobalServiceEvents")
    if not _is(trail, "IsMultiRegionTrail") or events is UNKNOWN or _is(trail, "IncludeGlobalServiceEvents"):
        return ""
    return "a multi-region trail must include global service events (IncludeGlobalServiceEvents)"


def _is(trail: Resource, name: str) -> bool:
    value = trail.get(name)
    return value is not UNKNOWN and str(value).lower() == "true"


_SERVICE: Final = 'iam.ServicePrincipal("cloudtrail.amazonaws.com")'

_ADMIT: Final = (
    f"bucket.add_to_resource_policy(iam.PolicyStatement(principals=[{_SERVICE}], "
    "actions=..., resources=..., conditions=...))"
)

_REASONS: Final[dict[str, tuple[Callable[[Resource, Template], str], str, str]]] = {
    "bucket-policy": (_bucket_policy, "S3BucketName", _ADMIT),
    "topic-policy": (_topic_policy, "SnsTopicName", f"topic.grant_publish({_SERVICE})"),
    "log-group": (_log_group, GROUP, "cloudtrail.Trail(..., send_to_cloud_watch_logs=True)"),
    "log-group-arn": (_log_group_arn, GROUP, "cloudtrail.CfnTrail(..., cloud_watch_logs_log_group_arn=...)"),
    "selectors": (_selectors, "AdvancedEventSelectors", "Move what EventSelectors select to AdvancedEventSelectors."),
    "global-events": (
        _global_events,
        "IncludeGlobalServiceEvents",
        "cloudtrail.CfnTrail(..., include_global_service_events=True)",
    ),
}
"""By detail: what says what is wrong ("" when nothing), where, and what to do about it."""
