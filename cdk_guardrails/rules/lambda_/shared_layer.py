"""lambda-shared-layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code.bundle import Bundle
from cdk_guardrails.lambda_code.distributions import Distribution, distributions_in, version_of
from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.code import Code, functions_with_code, name_of, property_of
from cdk_guardrails.rules.lambda_.functions import setting
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import APP, App, Resource, Template

PAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"

MAX_FINDINGS: Final = 5
"""Groups that are told of, those first whose layer would save most."""

MAX_NAMES: Final = 3


class Group(NamedTuple):
    """Distributions that the same bundles have: each bundle's first function, and each distribution's copies."""

    functions: list[Resource]
    copies: list[list[Distribution]]

    @property
    def saved(self) -> int:
        """The bytes that one layer would save: all copies but the largest."""
        return sum(_saved(same) for same in self.copies)


class SharedLayer(Rule):
    """Libraries that several functions use are in a layer, once.

    Checks the bundles of all functions of the app, stage by stage, for third-party distributions that two or more of
    them have: Python's by the metadata that installers leave (`dist-info`), Node.js's by their `package.json`.
    Functions that share one bundle count as one, and only those with the same runtime and architecture can share a
    layer. The finding stands at the first of the functions; there is one for all distributions that the same functions
    have. It is a warning when a layer would save less than *min_bytes*.
    """

    id = "lambda-shared-layer"
    why = "Each copy is uploaded and loaded by itself, and sooner or later the copies are of different versions."
    resource_types = (APP,)
    concern = Concern.MAINTAINABILITY
    answers = ("C2.3",)
    options = (
        Option(
            "min_bytes",
            1_000_000,
            f"Bytes, unzipped, that a layer saves at least for it to be an error that there is none. {PAGE}",
            minimum=0,
        ),
    )
    same_as = SameAs(aws=(PAGE, "https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html"))
    bad = Example(
        """\
Resources:
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: assets, S3Key: orders.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/orders
  Payments:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: assets, S3Key: payments.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/payments
""",
        files={
            "app.assets.json": """{"files": {
                "orders": {"source": {"path": "orders"}, "destinations": {"a": {"objectKey": "orders.zip"}}},
                "payments": {"source": {"path": "payments"}, "destinations": {"a": {"objectKey": "payments.zip"}}}
            }}""",
            "orders/requests/__init__.py": "",
            "orders/requests-2.32.3.dist-info/METADATA": "Name: requests\nVersion: 2.32.3\n",
            "payments/requests/__init__.py": "",
            "payments/requests-2.32.3.dist-info/METADATA": "Name: requests\nVersion: 2.32.3\n",
        },
    )
    good = Example(
        """\
Resources:
  Shared:
    Type: AWS::Lambda::LayerVersion
    Properties:
      Content: {S3Bucket: assets, S3Key: shared.zip}
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: assets, S3Key: orders.zip}
      Handler: index.handler
      Layers: [{Ref: Shared}]
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/orders
  Payments:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: assets, S3Key: payments.zip}
      Handler: index.handler
      Layers: [{Ref: Shared}]
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/payments
""",
        files={
            "app.assets.json": """{"files": {
                "shared": {"source": {"path": "shared"}, "destinations": {"a": {"objectKey": "shared.zip"}}},
                "orders": {"source": {"path": "orders"}, "destinations": {"a": {"objectKey": "orders.zip"}}},
                "payments": {"source": {"path": "payments"}, "destinations": {"a": {"objectKey": "payments.zip"}}}
            }}""",
            "shared/python/requests/__init__.py": "",
            "shared/python/requests-2.32.3.dist-info/METADATA": "Name: requests\nVersion: 2.32.3\n",
            "orders/index.py": "",
            "payments/index.py": "",
        },
    )

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each group of functions; the detail is its largest distribution that none needs."""
        for group in _groups(template.app)[:MAX_FINDINGS]:
            first = group.functions[0]
            severity = self.severity if group.saved >= settings["min_bytes"] else Severity.WARNING
            largest = _roots(group)[0][0]
            yield self.finding(
                first,
                _message(group),
                property_of(first),
                remedy=_REMEDY.format(largest.title.rpartition("/")[2].lower()),
                detail=largest.title,
                severity=severity,
            )


_REMEDY: Final = 'lambda_.Function(..., layers=[lambda_.LayerVersion(..., code=lambda_.Code.from_asset("layers/{}"))])'


def _groups(app: App) -> list[Group]:
    """The groups of all places, those first whose layer saves most; what several stages have alike is named once."""
    found: dict[tuple[object, ...], Group] = {}
    for functions in _by_place(app).values():
        holders = _holders(functions)
        for bundles, copies in _shared(list(holders)).items():
            key = (bundles, *(same[0].key for same in copies))
            found.setdefault(key, Group([holders[bundle] for bundle in bundles], copies))
    return sorted(found.values(), key=lambda group: -group.saved)


def _by_place(app: App) -> dict[tuple[object, ...], list[tuple[Resource, Code]]]:
    """The functions whose code is known and that can share a layer: of one stage, region, runtime and architecture."""
    places: dict[tuple[object, ...], list[tuple[Resource, Code]]] = {}
    for function, code in functions_with_code(app):
        if isinstance(code, Code) and not code.is_inline and not is_cdk_own(function):
            template = function.template
            stage = (Path(template.file).parent, template.account, template.region)
            key = (*stage, code.runtime, str(setting(function, "Architectures")))
            places.setdefault(key, []).append((function, code))
    return places


def _holders(functions: Sequence[tuple[Resource, Code]]) -> dict[Bundle, Resource]:
    """The bundles, each with the first function that has it."""
    found: dict[Bundle, Resource] = {}
    for function, code in functions:
        found.setdefault(code.bundle, function)
    return found


def _shared(bundles: Sequence[Bundle]) -> dict[tuple[Bundle, ...], list[list[Distribution]]]:
    """The distributions that two or more of the bundles have, by those bundles."""
    copies: dict[tuple[str, str], dict[Bundle, Distribution]] = {}
    for bundle in bundles:
        for distribution in distributions_in(bundle):
            copies.setdefault(distribution.key, {}).setdefault(bundle, distribution)
    found: dict[tuple[Bundle, ...], list[list[Distribution]]] = {}
    for same in copies.values():
        if len(same) > 1 and not any(distribution.is_own for distribution in same.values()):
            found.setdefault(tuple(same), []).append(list(same.values()))
    return found


def _saved(copies: Sequence[Distribution]) -> int:
    sizes = [distribution.size for distribution in copies]
    return sum(sizes) - max(sizes)


def _message(group: Group) -> str:
    roots = _roots(group)
    needed = len(group.copies) - len(roots)
    what = _listed([_named(same) for same in roots])
    if needed:
        what += f", with {needed} that {'it needs' if len(roots) == 1 else 'they need'},"
    who = _listed([name_of(function) for function in group.functions])
    verb = "are" if len(group.copies) > 1 else "is"
    return f"{what} {verb} in {len(group.functions)} bundles, those of {who}: a layer would save {_size(group.saved)}"


def _roots(group: Group) -> list[list[Distribution]]:
    """The distributions that none of the others needs, the largest first: those that the author asked for."""
    needed = {name for same in group.copies for copy in same for name in copy.requires if name != copy.key[1]}
    roots = [same for same in group.copies if same[0].key[1] not in needed] or group.copies
    return sorted(roots, key=lambda same: (-_saved(same), same[0].title))


def _named(copies: Sequence[Distribution]) -> str:
    """``requests 2.32.3``, or ``requests (2.31.0 and 2.32.3)``."""
    versions = sorted({version_of(distribution) for distribution in copies} - {""})
    if len(versions) > 1:
        return f"{copies[0].title} ({_listed(versions)})"
    return " ".join([copies[0].title, *versions])


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    if more > 1:
        return f"{', '.join(names[:MAX_NAMES])} and {more} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(count // 1000, 1)} kB"
