"""A fix of an API's method is live after the next deployment, not after the one that somebody remembers to make."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway

from cdk_guardrails import Guardrails
from tests.hosts.conftest import Synth, only, synth

NewApp = Callable[..., cdk.App]


def guarded(app: cdk.App, *rules: str, method: bool = True) -> Synth:
    """An API with one open method, treated by ``rules``; without ``method``, Guardrails see no L2 method."""
    stack = cdk.Stack(app, "Stack")
    api = apigateway.RestApi(stack, "Api")
    resource = api.root.add_method("GET", apigateway.MockIntegration())
    if not method:
        resource.node.default_child.add_property_override("ApiKeyRequired", True)  # type: ignore[union-attr]
    options = only(*rules)
    cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=options, unsafe_fixes=True, quiet=True))
    return synth(app)


def deployment(result: Synth) -> tuple[str, str]:
    """The logical id of the Deployment, and which one the Stage takes."""
    resources = result.template("Stack")["Resources"]
    [id_] = [id_ for id_, item in resources.items() if item["Type"] == "AWS::ApiGateway::Deployment"]
    [stage] = [item for item in resources.values() if item["Type"] == "AWS::ApiGateway::Stage"]
    return id_, stage["Properties"]["DeploymentId"]["Ref"]


def test_a_changed_method_makes_a_new_deployment(new_app: NewApp) -> None:
    before = deployment(guarded(new_app(), "apigw-tls"))
    after = deployment(guarded(new_app(), "apigw-api-key"))
    assert before != after
    assert after == deployment(guarded(new_app(), "apigw-api-key")), "the same app has the same id each time"
    for id_, taken in (before, after):
        assert id_ == taken


def test_what_needs_no_fix_needs_no_deployment(new_app: NewApp) -> None:
    assert deployment(guarded(new_app(), "apigw-tls", method=False)) == deployment(
        guarded(new_app(), "apigw-api-key", method=False)
    )


def test_a_deployment_of_one_s_own_is_made_again_too(new_app: NewApp) -> None:
    def ids(*rules: str) -> set[str]:
        app = new_app()
        stack = cdk.Stack(app, "Stack")
        api = apigateway.RestApi(stack, "Api")
        api.root.add_method("GET", apigateway.MockIntegration())
        own = apigateway.Deployment(stack, "Own", api=api)
        apigateway.Stage(stack, "Beta", deployment=own, stage_name="beta")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only(*rules), unsafe_fixes=True, quiet=True))
        resources = synth(app).template("Stack")["Resources"]
        return {id_ for id_, item in resources.items() if item["Type"] == "AWS::ApiGateway::Deployment"}

    before, after = ids("apigw-tls"), ids("apigw-api-key")
    assert len(before) == len(after) == 2
    assert not before & after
