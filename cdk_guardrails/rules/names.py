"""Physical names: what names a resource, whether a name carries the environment, whether it follows a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.resource_types import info
from cdk_guardrails.rules.environments import forms, is_deployed_to, words
from cdk_guardrails.template import Resource, Template
from cdk_guardrails.template.intrinsics import is_intrinsic, is_unknown

ANY: Final = "\0"
"""In a name: a part that only the deployment knows, of any length."""

FIXED: Final = "\1"
"""In a name: the account, Region or partition, which only the deployment knows, but which is no environment."""

_NO_ENVIRONMENT: Final = frozenset({"AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix"})
_SUB_PART: Final = re.compile(r"\$\{(!?)([^}]*)\}")

_REPLACED_BY_NAME: Final = frozenset({"AWS::Serverless::Function", "AWS::Serverless::SimpleTable"})
"""SAM's schemas do not say what is create-only: the name is, as it is of the resources that these become."""

_GENERATED: Final = re.compile(
    r"(?=.*\d)(?:.*(?=[0-9A-F]*[A-F])[0-9A-F]{8}|[a-z0-9-]*(?=[0-9a-f]*[a-f])[0-9a-f]{12}"
    r"|[a-z0-9-]*(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8}|alias/codepipeline-[\w/-]*[0-9a-f]{8})"
)
"""How names end that the CDK makes itself: with the hash of a unique id, or of a name for another environment."""

_GENERATED_FOR: Final = {"AWS::Synthetics::Canary": re.compile(r"[\w-]{15}[0-9a-f]{6}")}
"""The same for types whose names must be so short that less of the hash is left."""

_DOMAIN: Final = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z]{2,}\.?", re.IGNORECASE)
_SERVICES: Final = ("/aws/", "API-Gateway-Execution-Logs", "aws-waf-logs-")
_SEPARATORS: Final = str.maketrans("_./:", "----")


@dataclass(frozen=True)
class PhysicalName:
    """The name that an author gave a resource. ``text`` has `ANY` and `FIXED` for what only the deployment knows."""

    location: str
    """The property that has it."""
    text: str
    blocks: bool
    """Whether it cannot change without a new resource, which must not have the old one's name."""

    @property
    def is_literal(self) -> bool:
        """Whether the template says all of it."""
        return ANY not in self.text and FIXED not in self.text

    @property
    def shown(self) -> str:
        """The name for messages, with ``*`` for what is not known."""
        return self.text.replace(ANY, "*").replace(FIXED, "*")

    @property
    def is_free(self) -> bool:
        """Whether its author chose it: not a domain's name, not one that the CDK made or that a service asks for."""
        if _DOMAIN.fullmatch(self.text.removesuffix(".fifo")) or _GENERATED.fullmatch(self.text):
            return False
        return bool(self.text) and not self.text.startswith(_SERVICES)

    def has(self, word: str) -> bool:
        """Whether a literal name has ``word``, or several with signs between them, as a part of its own."""
        return f"-{_folded(word)}-" in f"-{_folded(self.text)}-"

    def carries(self, environment: str) -> bool:
        """Whether a literal name has ``environment``, or that of another deployment, as a word."""
        return self.has(environment) or any(is_deployed_to(word) for word in words(self.text))

    def follows(self, pattern: str, environment: str) -> bool:
        """Whether the name, or its part between slashes, can be one of ``pattern`` in ``environment``."""
        wanted = [_folded(pattern.replace("{env}", form).replace("*", ANY)) for form in forms(environment)]
        return any(overlap(_folded(part), one) for part in self._parts() for one in wanted)

    def _parts(self) -> Iterator[str]:
        """The name, and what is left of it without levels in front or behind: ``/shop/prod/url`` has three."""
        text = self.text.removesuffix(".fifo").removeprefix("aws-waf-logs-")
        yield text
        for match in re.finditer("/", text):
            yield text[match.end() :]
            yield text[: match.start()]


def physical_name(resource: Resource) -> PhysicalName | None:
    """The physical name of a resource; None when it has none, its type cannot be named, or the CDK has made it."""
    type_info = info(resource.type)
    if type_info is None or not type_info.name_property:
        return None
    name = type_info.name_property
    value = resource.raw(name)
    if resource.get(name) is None or not (isinstance(value, str) or is_intrinsic(value)):
        return None
    text = "".join(_texts(value))
    if _is_of_construct(text, resource):
        return None
    blocks = name in type_info.create_only or resource.type in _REPLACED_BY_NAME
    return PhysicalName(name, text, blocks)


def _is_of_construct(text: str, resource: Resource) -> bool:
    """Whether the CDK made a name of the construct's path, as far as the hash at its end does not tell that already."""
    if (pattern := _GENERATED_FOR.get(resource.type)) and pattern.fullmatch(text):
        return True
    stack = re.sub("[^a-z0-9]", "", resource.template.name.casefold())
    return bool(stack) and re.fullmatch(f"{stack}[a-z0-9]+[0-9a-f]{{8}}", text.casefold()) is not None


def literal_names(template: Template) -> list[PhysicalName]:
    """The names of a template that are literal and free, in its order."""
    return template.cached("names: literal and free", _literal_names)


def _literal_names(template: Template) -> list[PhysicalName]:
    found = (physical_name(resource) for resource in template.resources.values())
    return [name for name in found if name and name.is_literal and name.is_free]


def overlap(left: str, right: str) -> bool:
    """Whether one text can be both, where `ANY` stands for any text."""
    row = [True, *(right[: end + 1] == ANY * (end + 1) for end in range(len(right)))]
    for one in left:
        above, row = row, [row[0] and one == ANY]
        for index, other in enumerate(right):
            free = ANY in (one, other) and (above[index + 1] or row[index])
            row.append(free or (one == other and above[index]))
    return row[-1]


def _folded(text: str) -> str:
    return text.casefold().translate(_SEPARATORS)


def _texts(value: Any) -> Iterator[str]:
    """A name as written, part by part."""
    if isinstance(value, str):
        yield ANY if is_unknown(value) else value
    elif isinstance(value, dict) and value.get("Ref") in _NO_ENVIRONMENT:
        yield FIXED
    elif isinstance(value, dict) and isinstance(text := value.get("Fn::Sub"), str):
        yield ANY if is_unknown(text) else _SUB_PART.sub(_substituted, text)
    elif isinstance(value, dict) and _is_join(value.get("Fn::Join")):
        delimiter, parts = value["Fn::Join"]
        yield delimiter.join("".join(_texts(part)) for part in parts)
    else:
        yield ANY


def _substituted(match: re.Match[str]) -> str:
    literal, name = match.groups()
    return f"${{{name}}}" if literal else FIXED if name.strip() in _NO_ENVIRONMENT else ANY


def _is_join(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], list)
