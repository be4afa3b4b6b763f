"""apigw-cors-origin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cdk_guardrails.rules.apigateway.cors_places import (
    GATEWAY_RESPONSE,
    TYPES,
    URL,
    V2_API,
    Place,
    is_wildcard,
    wildcards,
)
from cdk_guardrails.rules.apigateway.methods import METHOD, REDEPLOY_NOTE
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, is_no_value, known

JSON: Final = "application/json"
VARY: Final = "method.response.header.Vary"


class CorsOrigin(Rule):
    """Browsers let pages of named origins call an API, not pages of all.

    Checks for ``*`` as allowed origin: in the responses of methods, mock OPTIONS above all, in gateway responses, in
    the CORS configuration of HTTP APIs and function URLs, and in the same places of SAM resources and of OpenAPI
    definitions that stand in the template. With *allowed_origins*, the fix puts them in its place. What a function
    itself sends as Access-Control-Allow-Origin is not seen.

    A header can hold one origin. With several in *allowed_origins*, the OPTIONS response of a mock integration answers
    with the one that asks, as CDK's does; other responses, and gateway responses, are then flagged only.
    """

    id = "apigw-cors-origin"
    why = (
        "With every origin allowed, any page that a user of the API opens can call it from the user's browser and read "
        "what it answers."
    )
    resource_types = TYPES
    concern = Concern.PUBLIC_ACCESS
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Only with allowed_origins, which must name the origin of every page that calls the API: browsers refuse the "
        f"others from then on. Updates in place. {REDEPLOY_NOTE}"
    )
    options = (
        Option(
            "allowed_origins",
            (),
            "The origins that take the place of *: scheme, host and port, such as https://example.com. "
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html.",
        ),
    )
    answers = ("D3.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",
        ),
    )
    bad = Example(
        """\
Resources:
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: OPTIONS
      AuthorizationType: NONE
      Integration:
        Type: MOCK
        RequestTemplates: {application/json: "{ statusCode: 200 }"}
        IntegrationResponses:
          - StatusCode: "204"
            ResponseParameters:
              method.response.header.Access-Control-Allow-Origin: "'*'"
      MethodResponses:
        - StatusCode: "204"
          ResponseParameters:
            method.response.header.Access-Control-Allow-Origin: true
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  HttpApi:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: pets
      ProtocolType: HTTP
      CorsConfiguration:
        AllowOrigins: ["*"]
""",
        options={"allowed_origins": ["https://example.com"]},
    )
    good = Example("""\
Resources:
  HttpApi:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: pets
      ProtocolType: HTTP
      CorsConfiguration:
        AllowOrigins: [https://example.com]
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        origins = settings["allowed_origins"]
        if any(map(is_wildcard, origins)):
            return
        for place in wildcards(resource):
            cannot = len(origins) > 1 and place.one and not _can_choose(resource, place)
            but = "; not fixed, since it can name one origin only, not several allowed_origins" if cannot else ""
            says = f"{place.what} lets the pages of every origin call the API{but}"
            yield self.finding(resource, says, place.path, remedy=_remedy(resource), detail=place.detail)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        origins = settings["allowed_origins"]
        for place in wildcards(resource) if origins else ():
            if resource.path(place.path) == finding.path:
                yield from _named(resource, place, origins)


def _named(resource: Resource, place: Place, origins: Sequence[str]) -> Iterator[Edit]:
    """The edits that name ``origins`` at ``place``; none where it cannot hold them."""
    value = resource.raw(place.path)
    if place.one and len(origins) > 1:
        if _can_choose(resource, place):
            yield resource.set(place.path, f"'{origins[0]}'")
            yield from _choosing(resource, place, origins[1:])
    elif place.one:
        yield resource.set(place.path, f"'{origins[0]}'")
    elif isinstance(value, list):
        own = [item for item in value if not is_wildcard(known(item)) and not is_no_value(item)]
        yield resource.set(place.path, [*own, *(origin for origin in origins if origin not in own)])
    else:
        yield resource.set(place.path, {"AllowOrigins": list(origins)})


def _can_choose(resource: Resource, place: Place) -> bool:
    """Whether the response is that of a mock integration, whose template can be added to."""
    if resource.type != METHOD or resource.get("Integration.Type") != "MOCK":
        return False
    return isinstance(resource.get((*place.response, "ResponseTemplates", JSON)), str | None)


def _choosing(resource: Resource, place: Place, others: Sequence[str]) -> Iterator[Edit]:
    """What makes a response name the origin that asks, when it is one of ``others``, and says so to caches."""
    path = (*place.response, "ResponseTemplates", JSON)
    existing = resource.get(path)
    yield resource.set(path, "\n".join([*_template(others), *([existing] if existing else [])]))
    status, declared = resource.get((*place.response, "StatusCode")), resource.get("MethodResponses")
    vary = resource.get((*place.response, "ResponseParameters", VARY))
    for index, response in enumerate(declared) if isinstance(declared, list) and vary is None else ():
        if isinstance(response, dict) and response.get("StatusCode") == status:
            yield resource.set((*place.path[:-1], VARY), "'Origin'")
            yield resource.set(("MethodResponses", index, "ResponseParameters", VARY), True)


def _template(origins: Sequence[str]) -> list[str]:
    """A mapping template that overrides the header, which callers may send in upper or lower case.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html
    """
    known_origin = " || ".join(f'$origin == "{origin}"' for origin in origins)
    return [
        '#set($origin = $input.params().header.get("Origin"))',
        '#if($origin == "")',
        '  #set($origin = $input.params().header.get("origin"))',
        "#end",
        f"#if({known_origin})",
        "  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
        "#end",
    ]


def _remedy(resource: Resource) -> str:
    return _REMEDIES.get(resource.type, "Name the origins whose pages call the API.")


_REMEDIES: Final = {
    METHOD: 'apigateway.CorsOptions(allow_origins=["https://example.com"])',
    GATEWAY_RESPONSE: (
        "apigateway.GatewayResponseOptions(..., "
        'response_headers={"Access-Control-Allow-Origin": "\'https://example.com\'"})'
    ),
    V2_API: 'apigwv2.CorsPreflightOptions(allow_origins=["https://example.com"])',
    URL: 'lambda_.FunctionUrlCorsOptions(allowed_origins=["https://example.com"])',
}
