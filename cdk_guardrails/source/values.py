"""What an expression of the app is, as far as it is known: things of the CDK, and things of the app itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cdk_guardrails.source.cdk_types import Member

if TYPE_CHECKING:
    from cdk_guardrails.source.project import Module
    from cdk_guardrails.source.scopes import Function


@dataclass(frozen=True, slots=True)
class CdkModule:
    """A module of an installed package, by its Python name, or a package above such modules."""

    name: str


@dataclass(frozen=True, slots=True)
class CdkClass:
    """A class, struct, interface or enum of the CDK itself, by its jsii name."""

    fqn: str


@dataclass(frozen=True, slots=True)
class CdkObject:
    """An instance of a type of the CDK, by its jsii name."""

    fqn: str


@dataclass(frozen=True, slots=True)
class CdkMethod:
    """A method of the CDK, bound to an object or a class of it."""

    fqn: str
    member: Member


@dataclass(frozen=True, slots=True)
class CdkInitializer:
    """What ``super().__init__`` is in a class that inherits from this one of the CDK."""

    fqn: str


@dataclass(frozen=True, slots=True)
class AppModule:
    """A module of the app."""

    module: Module


@dataclass(frozen=True, slots=True)
class AppClass:
    """A class of the app."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class AppObject:
    """An instance of a class of the app."""

    of: AppClass


@dataclass(frozen=True, slots=True)
class AppFunction:
    """A function or method of the app."""

    module: Module
    node: Function


@dataclass(frozen=True, slots=True)
class Super:
    """What ``super()`` is in a class of the app."""

    of: AppClass


@dataclass(frozen=True, slots=True)
class Items:
    """A list or the like of things of one kind; ``keyed``: a mapping with such values."""

    of: Value | None
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A tuple, item by item."""

    of: tuple[Value | None, ...]


Value: TypeAlias = (
    CdkModule
    | CdkClass
    | CdkObject
    | CdkMethod
    | CdkInitializer
    | AppModule
    | AppClass
    | AppObject
    | AppFunction
    | Super
    | Items
    | Row
)


def within(value: Value | None, path: Sequence[int | None]) -> Value | None:
    """What is found in ``value`` on the way ``path``: an item of a tuple, or, for None, any item of a list."""
    for at in path:
        if isinstance(value, Items):
            value = None if value.keyed else value.of
        elif isinstance(value, Row) and at is not None and -len(value.of) <= at < len(value.of):
            value = value.of[at]
        else:
            return None
    return value
