"""outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import handles_custom_resources
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Edit, Resource, Template, is_intrinsic, unique_id

ENVIRONMENT: Final = "EnvironmentSuffix"
"""The logical id of the output that names the environment."""

MAX_OUTPUTS: Final = 200
"""Outputs a template may have.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


@dataclass(frozen=True)
class _Output:
    """What is put out for a type: an attribute ("" is Ref), its name here and in the CDK, and what says as much."""

    attribute: str
    suffix: str
    what: str
    cdk: str
    as_good: tuple[str, ...] = ()


OUTPUTS: Final = {
    "AWS::Lambda::Function": _Output("Arn", "Arn", "ARN of the function", "function_arn"),
    "AWS::Serverless::Function": _Output("Arn", "Arn", "ARN of the function", "function_arn"),
    "AWS::DynamoDB::Table": _Output("Arn", "Arn", "ARN of the table", "table_arn"),
    "AWS::DynamoDB::GlobalTable": _Output("Arn", "Arn", "ARN of the table", "table_arn"),
    "AWS::Serverless::SimpleTable": _Output("Arn", "Arn", "ARN of the table", "table_arn"),
    "AWS::S3::Bucket": _Output("Arn", "Arn", "ARN of the bucket", "bucket_arn"),
    "AWS::KMS::Key": _Output("", "Id", "id of the KMS key", "key_id", ("KeyId", "Arn")),
    "AWS::Logs::LogGroup": _Output("", "Name", "name of the log group", "log_group_name", ("Arn",)),
}

_ONE_VARIABLE: Final = re.compile(r"\$\{([\w.]+)\}")

FUNCTIONS: Final = ("AWS::Lambda::Function", "AWS::Serverless::Function")


class Outputs(Rule):
    """Key resources have outputs.

    Checks that functions, tables and buckets put out their ARNs, log groups their names and KMS keys their ids, and
    that the template says which environment it is for. The fix adds what is missing, without an Export; an output that
    has the value already counts. The output of a conditional resource has its Condition.

    Left alone: what serves custom resources only (the functions behind a ServiceToken, the CDK's provider framework,
    and their log groups). At *limit* outputs no more are added, and one warning says how many are left out.
    """

    id = "outputs"
    why = "Without outputs, whoever debugs the stack or builds on it has to look names and ARNs up by hand."
    resource_types = (*OUTPUTS, TEMPLATE)
    concern = Concern.OUTPUTS
    severity = Severity.WARNING
    fix_safety = FixSafety.SAFE
    fix_note = "Adds outputs; no resource changes."
    answers = ("A2.3", "B6.2", "D1.3")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",),
    )
    options = (
        Option(
            "limit",
            150,
            "Number of outputs at which the fix stops, 200 at most, which is what CloudFormation allows:"
            " the CDK adds an output for every reference from another stack, later.",
            minimum=0,
        ),
    )
    bad = Example("""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Key:
    Type: AWS::KMS::Key
""")
    good = Example("""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
Outputs:
  OrdersTable:
    Value: !GetAtt Table.Arn
  EnvironmentSuffix:
    Value: prod
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        full = len(template.outputs) >= min(settings["limit"], MAX_OUTPUTS)
        if not resource.logical_id:
            yield from self._of_template(resource, template, settings, full=full)
        elif not full and _lacks_output(resource):
            output = OUTPUTS[resource.type]
            yield self.finding(
                resource,
                f"no output has the {output.what}",
                remedy=f'cdk.CfnOutput(self, "{output.suffix}", value=resource.{output.cdk})',
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if finding.detail == ENVIRONMENT:
            name = unique_id(template, ENVIRONMENT)
            yield template.add_output(name, settings.environment, "Environment that the stack is deployed for")
        elif resource.logical_id:
            output = OUTPUTS[resource.type]
            name = unique_id(template, f"{resource.logical_id}{output.suffix}")
            value = resource.get_att(output.attribute) if output.attribute else resource.ref()
            description = f"{output.what[0].upper()}{output.what[1:]} {resource.logical_id}"
            yield template.add_output(name, value, description, resource.condition)

    def _of_template(
        self, whole: Resource, template: Template, settings: RuleSettings, *, full: bool
    ) -> Iterator[Finding]:
        served = [resource for resource in template.of_type(*OUTPUTS) if not _is_plumbing(resource)]
        wanted = settings.environment_known and not _says_environment(template, settings)
        if served and wanted and len(template.outputs) < MAX_OUTPUTS:
            yield self.finding(
                whole,
                "no output says which environment the stack is for",
                "Outputs",
                remedy=f'cdk.CfnOutput(self, "{ENVIRONMENT}", value=environment)',
                detail=ENVIRONMENT,
            )
        if full and (left_out := sum(map(_lacks_output, served))):
            yield self.finding(
                whole,
                f"{left_out} outputs are left out: the template has {len(template.outputs)} already",
                "Outputs",
                remedy="Split the stack, or suppress this where nobody needs the outputs.",
                detail="limit",
            )


def _lacks_output(resource: Resource) -> bool:
    output, id_ = OUTPUTS[resource.type], resource.logical_id
    accepted = {f"{id_}.{name}" if name else id_ for name in (output.attribute, *output.as_good)}
    put_out = resource.template.cached("outputs: what is put out", _put_out)
    return put_out.isdisjoint(accepted) and not _is_plumbing(resource)


def _put_out(template: Template) -> set[str]:
    """The attributes that are the values of outputs, as ``Table.Arn``; ``Key`` for a Ref."""
    return {text for value in _output_values(template) if (text := _spelled(value))}


def _spelled(value: Any) -> str:
    """A reference in one of its spellings; "" for anything else."""
    function, argument = next(iter(value.items())) if is_intrinsic(value) else ("", None)
    if function == "Fn::Sub" and isinstance(argument, str) and (match := _ONE_VARIABLE.fullmatch(argument)):
        return match[1]
    if function == "Fn::GetAtt" and isinstance(argument, list):
        return ".".join(map(str, argument))
    return argument if function in ("Ref", "Fn::GetAtt") and isinstance(argument, str) else ""


def _output_values(template: Template) -> list[Any]:
    return [output.get("Value") for output in template.outputs.values() if isinstance(output, dict)]


def _says_environment(template: Template, settings: RuleSettings) -> bool:
    """Whether an output has the environment as its value, or says by its name that it does."""
    named = any("environment" in str(name).casefold() for name in template.outputs)
    return named or settings.environment in [value for value in _output_values(template) if isinstance(value, str)]


def _is_plumbing(resource: Resource) -> bool:
    """Whether a resource serves custom resources only."""
    if resource.type in FUNCTIONS:
        return handles_custom_resources(resource)
    if resource.type != "AWS::Logs::LogGroup":
        return False
    template = resource.template
    named_after = [template.resources.get(ref.logical_id) for ref in template.references_from(resource.logical_id)]
    functions = [*template.referring(resource, *FUNCTIONS), *(item for item in named_after if item)]
    functions = [function for function in functions if function.type in FUNCTIONS]
    return bool(functions) and all(map(handles_custom_resources, functions))
