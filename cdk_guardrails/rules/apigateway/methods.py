"""The methods of REST APIs, whether resources or operations of an OpenAPI definition: what they are, who may call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.rules.apigateway.stages import SAM_API, is_true
from cdk_guardrails.rules.policies import Answer, as_list, every, has_effect, is_everyone, some, statements
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, known

METHOD: Final = "AWS::ApiGateway::Method"
REST_API: Final = "AWS::ApiGateway::RestApi"
RESOURCE: Final = "AWS::ApiGateway::Resource"

REDEPLOY_NOTE: Final = (
    "API Gateway serves what was last deployed: a changed method takes effect with the API's next AWS::ApiGateway::"
    "Deployment. CDK's RestApi makes one together with the fix; an API that is written as L1 or comes from an imported "
    "template is to be deployed once more, with `aws apigateway create-deployment` or the console."
)
"""What a rule whose fix changes methods says of it in its fix_note.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html"""

VERBS: Final = {
    **{verb: verb.upper() for verb in ("get", "put", "post", "delete", "patch", "head", "options")},
    "x-amazon-apigateway-any-method": "ANY",
}
"""The keys of an OpenAPI path item that are operations."""

MAX_DEPTH: Final = 60
"""No path has more parts: a URL's limit is 10,240 bytes, a quota on resources is far lower."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Operation:
    """One method: ``GET`` and ``/pets`` ("" when unknown), where it stands, and what a caller must bring."""

    verb: str
    route: str
    path: Path
    data: Mapping[str, Any]
    authorizer: Answer
    key: Answer

    @property
    def name(self) -> str:
        """``GET /pets``, or ``this GET method`` when its path is not known."""
        return f"{self.verb} {self.route}" if self.route else f"this {self.verb} method"

    @property
    def is_open(self) -> Answer:
        """Whether it can be called without any credential."""
        return every(None if answer is None else not answer for answer in (self.authorizer, self.key))

    @property
    def is_mock(self) -> bool:
        """Whether there is nothing behind it but a fixed answer."""
        found = self.data.get("Integration", self.data.get("x-amazon-apigateway-integration"))
        kind = found.get("Type", found.get("type")) if isinstance(found, dict) else None
        return isinstance(kind, str) and kind.upper() == "MOCK"


def operation_of(method: Resource, template: Template) -> Operation | None:
    """A Method resource as an operation; None when its HTTP method is unknown."""
    verb, type_ = method.get("HttpMethod"), method.get("AuthorizationType")
    if not isinstance(verb, str) or not verb:
        return None
    authorizer = None if type_ is UNKNOWN else isinstance(type_, str) and type_.upper() not in ("", "NONE")
    route = route_of(method, template)
    return Operation(verb.upper(), route, (), method.properties, authorizer, truth(method.get("ApiKeyRequired")))


def route_of(method: Resource, template: Template) -> str:
    """The path of a method, put together from its API's resources; "" when one of them is not known."""
    parts: list[str] = []
    node = template.resource_of(method.raw("ResourceId"))
    while node is not None and node.type == RESOURCE and len(parts) < MAX_DEPTH:
        part = node.get("PathPart")
        if not isinstance(part, str):
            return ""
        parts.insert(0, part)
        node = template.resource_of(node.raw("ParentId"))
    return "/" + "/".join(parts) if node is not None and node.type == REST_API else ""


def operations_of(api: Resource, template: Template) -> list[Operation | None]:
    """The methods of a RestApi, resources and operations of its inline definition; None for one that is unknown."""
    methods = [item for item in template.referring(api, METHOD) if api_of(item, template) is api]
    return [*(operation_of(item, template) for item in methods), *defined(api, ("Body",))]


def api_of(resource: Resource, template: Template) -> Resource | None:
    """The REST API of a method or stage, when it stands in the template."""
    api = template.resource_of(resource.raw("RestApiId"))
    return api if api is not None and api.type in (REST_API, SAM_API) else None


def truth(value: Any) -> Answer:
    """A boolean property in three values; absent is False."""
    return None if value is UNKNOWN else is_true(value)


def defined(api: Resource, at: Path) -> Iterator[Operation]:
    """The operations of the OpenAPI definition that stands inline at ``at``; nothing of one that stands elsewhere."""
    definition = api.get(at)
    paths = definition.get("paths") if isinstance(definition, dict) else None
    for route, item in paths.items() if isinstance(paths, dict) and not is_intrinsic(paths) else ():
        for verb, data in item.items() if isinstance(item, dict) and not is_intrinsic(item) else ():
            if verb in VERBS and isinstance(data, dict) and not is_intrinsic(data):
                authorizer, key = _security(data, definition)
                yield Operation(VERBS[verb], str(route), (*at, "paths", route, verb), data, authorizer, key)


def _security(operation: Mapping[str, Any], definition: Mapping[str, Any]) -> tuple[Answer, Answer]:
    """Whether an operation has an authorizer and needs an API key.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    aws = operation.get("x-amazon-apigateway-auth")
    by_aws = isinstance(aws, dict) and str(aws.get("type", "")).upper() not in ("", "NONE")
    required = operation.get("security", definition.get("security") and UNKNOWN)
    if required is UNKNOWN or is_intrinsic(required):
        return (True if by_aws else None), None
    names = [name for item in as_list(required) if isinstance(item, dict) for name in item]
    kinds = [_scheme(definition, name) for name in names]
    authorizer = some(None if kind is None else kind == "authorizer" for kind in kinds)
    return some([by_aws, authorizer]), some(None if kind is None else kind == "key" for kind in kinds)


def _scheme(definition: Mapping[str, Any], name: str) -> str | None:
    """``key`` for a security scheme that is an API key, ``authorizer`` for any other, None for one not to be found."""
    components = definition.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    schemes = schemes or definition.get("securityDefinitions")
    scheme = schemes.get(name) if isinstance(schemes, dict) else None
    if not isinstance(scheme, dict) or is_intrinsic(scheme):
        return None
    custom = any(str(key).startswith("x-amazon-apigateway-auth") for key in scheme)
    is_key = scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key"
    return "key" if is_key and not custom else "authorizer"


def is_limited(api: Resource) -> Answer:
    """Whether something else than its methods says who may call an API: it is private, or has a resource policy.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
    """
    return some([_is_private(api), *(_by_policy(api.get(path)) for path in _POLICIES)])


_POLICIES: Final = (
    ("Policy",),
    ("Auth", "ResourcePolicy"),
    *((at, "x-amazon-apigateway-policy") for at in ("Body", "DefinitionBody")),
)


def _is_private(api: Resource) -> Answer:
    """Types is a list in CloudFormation, Type or the whole configuration a text in SAM."""
    configuration = api.get("EndpointConfiguration")
    if isinstance(configuration, dict):
        configuration = configuration.get("Types", configuration.get("Type"))
    if configuration is UNKNOWN or is_intrinsic(configuration):
        return None
    return some(None if known(item) is UNKNOWN else item == "PRIVATE" for item in as_list(configuration))


def _by_policy(policy: Any) -> Answer:
    """Whether a resource policy leaves anybody out: it denies something, or allows nobody without a condition."""
    if policy is UNKNOWN:
        return None
    found = statements(policy)
    if not found:  # none, or the lists of addresses and accounts of SAM's ResourcePolicy
        return bool(policy)
    for_all = some(_admits_everyone(item) for item in found)
    denies = some(_is(item, "Deny") for item in found)
    return some([denies, None if for_all is None else not for_all])


def _is(statement: Any, effect: str) -> Answer:
    return has_effect(statement, effect) if isinstance(statement, dict) and not is_intrinsic(statement) else None


def _admits_everyone(statement: Any) -> Answer:
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return None
    return every(
        [_is(statement, "Allow"), is_everyone(statement.get("Principal")), not as_list(statement.get("Condition"))]
    )
