"""Types of the CDK as the index keeps them: names, types and deprecations, without the documentation."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cdk_guardrails.source.python_names import identifier, snake_case

OPTIONAL: Final = 1
STATIC: Final = 2
CONST: Final = 4
PROTECTED: Final = 8
VARIADIC: Final = 16

_FLAGS: Final = {
    "optional": OPTIONAL,
    "static": STATIC,
    "const": CONST,
    "protected": PROTECTED,
    "variadic": VARIADIC,
}


class Kind(enum.Enum):
    """What a type is in Python: a class, a protocol, a class with keywords only, an enum."""

    CLASS = "c"
    INTERFACE = "i"
    STRUCT = "s"
    ENUM = "e"


class Ref(NamedTuple):
    """The type of a value: ``type`` and ``primitive`` have a name, ``array``, ``map``, ``union`` ... are of others."""

    kind: str
    name: str = ""
    of: tuple[Ref, ...] = ()


class Parameter(NamedTuple):
    """A parameter of a method before jsii turns the last struct into keywords; ``name`` is the Python name."""

    name: str
    ref: Ref
    optional: bool = False
    variadic: bool = False


class Member(NamedTuple):
    """A method, a property, a value of an enum, or a keyword of a struct. ``name`` is the Python name.

    ``ref`` is what a method returns and a property is; ``deprecated`` is the text that says so, "" when it has none.
    """

    name: str
    jsii_name: str
    owner: str
    method: bool = False
    ref: Ref | None = None
    parameters: tuple[Parameter, ...] = ()
    flags: int = 0
    deprecated: str | None = None

    @property
    def static(self) -> bool:
        """Whether it belongs to the class: a static method, a constant, a value of an enum."""
        return bool(self.flags & STATIC)

    @property
    def optional(self) -> bool:
        """Whether it may be left out, or be None."""
        return bool(self.flags & OPTIONAL)


@dataclass(frozen=True)
class CdkType:
    """A class, interface, struct or enum. ``bases`` are full jsii names, the class first; ``members`` are its own.

    ``initializer`` is None where nothing can be made of it.
    """

    fqn: str
    module: str
    name: str
    kind: Kind
    bases: tuple[str, ...] = ()
    deprecated: str | None = None
    initializer: Member | None = None
    members: Mapping[str, Member] = field(default_factory=dict)

    @property
    def python(self) -> str:
        """The full Python name: ``aws_cdk.aws_s3.Bucket``."""
        return f"{self.module}.{self.name}"

    @property
    def qualified(self) -> str:
        """The name with the last part of its module, as people write it: ``aws_s3.Bucket``, ``Duration``."""
        package, _, own = self.module.rpartition(".")
        return f"{own}.{self.name}" if package else self.name


def compact(type_: Mapping[str, Any]) -> list[Any]:
    """What is kept of a type of a manifest, as lists for JSON."""
    bases = [*([type_["base"]] if type_.get("base") else []), *type_.get("interfaces", ())]
    initializer = type_.get("initializer")
    kind = Kind.STRUCT if type_.get("datatype") else Kind(type_["kind"][0])
    members = [_compact_member(member) for member in _members(type_)]
    return _trimmed([kind.value, bases, members, initializer and _compact_member(initializer), _deprecated(type_)])


def expand(fqn: str, module: str, name: str, kept: list[Any]) -> CdkType:
    """The type of which `compact` made ``kept``."""
    kind, bases, members, initializer, deprecated = kept + [None] * (5 - len(kept))
    made = (_member(fqn, Kind(kind), member) for member in members)
    first = _member(fqn, Kind(kind), initializer) if initializer else None
    return CdkType(fqn, module, name, Kind(kind), tuple(bases), deprecated, first, _by_name(made))


def _members(type_: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from ({**method, "parameters": method.get("parameters", [])} for method in type_.get("methods", ()))
    yield from type_.get("properties", ())
    yield from ({**value, "static": True} for value in type_.get("members", ()))


def _compact_member(member: Mapping[str, Any]) -> list[Any]:
    typed = member.get("returns") or member
    parameters = member.get("parameters")
    taken = [[item["name"], _coded(item["type"]), _flags(item)] for item in parameters or ()]
    return _trimmed(
        [
            member.get("name", ""),
            _flags(member),
            _coded(typed["type"]) if "type" in typed else None,
            _deprecated(member),
            taken if parameters is not None else None,
        ]
    )


def _member(owner: str, kind: Kind, kept: list[Any]) -> Member:
    jsii_name, flags, ref, deprecated, taken = kept + [None] * (5 - len(kept))
    parameters = tuple(
        Parameter(snake_case(name), _ref(coded), bool(said & OPTIONAL), bool(said & VARIADIC))
        for name, coded, said in taken or ()
    )
    name = _python_name(jsii_name, kind, flags or 0)
    typed = _ref(ref) if ref is not None else Ref("type", owner) if kind is Kind.ENUM else None
    return Member(name, jsii_name, owner, taken is not None, typed, parameters, flags or 0, deprecated)


def _python_name(name: str, kind: Kind, flags: int) -> str:
    if kind is Kind.ENUM:
        return identifier(name)
    spelt = snake_case(name).upper() if flags & CONST else snake_case(name)
    return f"_{spelt}" if flags & PROTECTED and not flags & STATIC else spelt


def _by_name(members: Iterator[Member]) -> dict[str, Member]:
    """Of two that Python would call the same (toJson, toJSON), jsii leaves the deprecated one out."""
    found: dict[str, Member] = {}
    for member in members:
        if member.name not in found or member.deprecated is None:
            found[member.name] = member
    return found


def _flags(described: Mapping[str, Any]) -> int:
    return sum(flag for name, flag in _FLAGS.items() if described.get(name))


def _deprecated(described: Mapping[str, Any]) -> str | None:
    docs = described.get("docs") or {}
    text: str | None = docs.get("deprecated")
    return "" if text is None and docs.get("stability") == "deprecated" else text


def _coded(ref: Mapping[str, Any]) -> Any:
    """A type reference as a name, or as a list of its kind and what it is of."""
    if "collection" in ref:
        return [ref["collection"]["kind"], _coded(ref["collection"]["elementtype"])]
    for kind in ("union", "intersection"):
        if kind in ref:
            return [kind, *map(_coded, ref[kind]["types"])]
    return ref.get("fqn") or ref["primitive"]


def _ref(coded: Any) -> Ref:
    if isinstance(coded, str):
        return Ref("type" if "." in coded else "primitive", coded)
    kind, *of = coded
    return Ref(kind, "", tuple(map(_ref, of)))


def _trimmed(items: list[Any]) -> list[Any]:
    """Without what is empty at the end; a list that is empty in the middle means something."""
    while items[-1] is None or items[-1] == 0:
        items.pop()
    return items
