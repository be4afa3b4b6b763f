"""What the installed CDK has: types, members, keywords and what is deprecated, by their Python names.

All of it comes from the manifests of the installed packages; nothing of them is imported.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from cdk_guardrails.errors import SourceError
from cdk_guardrails.source import python_names
from cdk_guardrails.source.cdk_store import Store
from cdk_guardrails.source.cdk_types import CdkType, Kind, Member, Parameter, Ref
from cdk_guardrails.source.manifests import Manifest, installed

COMMON_GRANTS: Final = ("read", "write", "put", "invoke", "publish", "send")
"""The words after ``grant_`` that people mean most often, so that ``grant`` suggests grant_read before grant_acl."""


class Signature(NamedTuple):
    """What Python code may pass: ``positional`` ones also by name, ``keywords`` (the last struct's) by name only.

    ``struct`` is the jsii name of that struct. ``variadic``: the last positional one may be given many times.
    """

    positional: tuple[Parameter, ...] = ()
    keywords: Mapping[str, Member] = MappingProxyType({})
    struct: str = ""
    variadic: bool = False

    def takes(self, keyword: str) -> bool:
        """Whether there is a parameter of this name."""
        return keyword in self.keywords or any(parameter.name == keyword for parameter in self.positional)

    def ref(self, keyword: str) -> Ref | None:
        """The type of the parameter of this name."""
        if keyword in self.keywords:
            return self.keywords[keyword].ref
        return next((parameter.ref for parameter in self.positional if parameter.name == keyword), None)

    @property
    def names(self) -> list[str]:
        """The names of all parameters."""
        return [*(parameter.name for parameter in self.positional), *self.keywords]


class Index:
    """The types of some packages. ``unread`` says which manifests are broken: nothing is known of those."""

    def __init__(self, stores: Iterable[Store], unread: Sequence[str] = ()) -> None:
        self._stores = {store.assembly: store for store in stores}
        self._by_module = {module: store for store in self._stores.values() for module in store.modules.values()}
        self._above = {above for module in self._by_module for above in _parents(module)}
        self.unread = tuple(unread)
        self._named: dict[tuple[str, str], CdkType | None] = {}
        self._members: dict[str, dict[str, Member]] = {}
        self._owners: dict[str, list[str]] | None = None

    # names

    def type(self, fqn: str) -> CdkType | None:
        """The type of a jsii name (``aws-cdk-lib.aws_s3.Bucket``)."""
        store = self._stores.get(fqn.partition(".")[0])
        return self._type(*python_names.split_type(fqn, store.modules)) if store else None

    def named(self, python: str) -> CdkType | None:
        """The type of a full Python name (``aws_cdk.aws_s3.Bucket``, ``aws_cdk.aws_s3.CfnBucket.CorsRuleProperty``)."""
        at = len(python)
        while (at := python.rfind(".", 0, at)) > 0:
            if python[:at] in self._by_module:
                return self._type(python[:at], python[at + 1 :])
        return None

    def called(self, name: str) -> list[CdkType]:
        """The types of this name in all modules: ``Function`` is one of aws_lambda, aws_cloudfront ..."""
        names = (fqn for store in self._stores.values() for fqn in store.called(name))
        return [type_ for fqn in names if (type_ := self.type(fqn))]

    def with_member(self, name: str) -> list[str]:
        """The jsii names of the types that have, of their own, a member of this Python name."""
        if self._owners is None:
            self._owners = {}
            for store in self._stores.values():
                for fqn, members in store.member_names():
                    for member in members:
                        self._owners.setdefault(_folded(member), []).append(fqn)
        return [fqn for fqn in self._owners.get(_folded(name), ()) if name in self._own(fqn)]

    @property
    def modules(self) -> Collection[str]:
        """All Python modules of packages with a manifest."""
        return self._by_module.keys()

    def in_module(self, module: str, name: str) -> CdkType | None:
        """The type ``name`` of a Python module."""
        return self._type(module, name)

    def is_module(self, name: str) -> bool:
        """Whether ``name`` is a Python module of a package with a manifest."""
        return name in self._by_module

    def is_above(self, name: str) -> bool:
        """Whether such modules stand below ``name``, a package that may have no manifest itself."""
        return name in self._above

    def module_members(self, module: str) -> list[str]:
        """What a module has: its types (not those within others) and its submodules, sorted."""
        store = self._by_module.get(module)
        names = [name for name in store.names(module) if "." not in name] if store else []
        inside = f"{module}."
        below = {name[len(inside) :].partition(".")[0] for name in self._by_module if name.startswith(inside)}
        return sorted({*names, *below})

    def nested(self, type_: CdkType, name: str) -> CdkType | None:
        """The type ``name`` within ``type_``: ``CfnBucket`` has ``CorsRuleProperty``."""
        return self._type(type_.module, f"{type_.name}.{name}")

    def nested_names(self, type_: CdkType) -> list[str]:
        """The names of the types right within ``type_``."""
        store = self._by_module.get(type_.module)
        inside = f"{type_.name}."
        names = (name.removeprefix(inside) for name in (store.names(type_.module) if store else ()) if inside in name)
        return [name for name in names if "." not in name]

    def module_deprecated(self, module: str) -> str | None:
        """What the package of ``module`` says of being deprecated as a whole, None when it is not."""
        store = self._by_module.get(module)
        return store.deprecated if store else None

    # members

    def members(self, fqn: str) -> Mapping[str, Member]:
        """The members of a type and of all its bases by Python name; a member's ``owner`` tells whose it is.

        Of a class, without what only its interfaces have (they may be optional there): in Python it inherits from none.
        """
        if fqn not in self._members:
            types = [type_ for name in self.lineage(fqn) if (type_ := self.type(name))]
            if types and types[0].kind is Kind.CLASS:
                types = [type_ for type_ in types if type_.kind is Kind.CLASS]
            self._members[fqn] = {name: member for type_ in reversed(types) for name, member in type_.members.items()}
        return self._members[fqn]

    def member(self, fqn: str, name: str) -> Member | None:
        """The member of a type, inherited ones included."""
        return self.members(fqn).get(name)

    def lineage(self, fqn: str) -> list[str]:
        """The type and all its bases, the nearest first."""
        found: dict[str, None] = {}
        waiting = [fqn]
        while waiting:
            name = waiting.pop(0)
            if name not in found and (type_ := self.type(name)):
                found[name] = None
                waiting += type_.bases
        return list(found)

    def knows_all_of(self, fqn: str) -> bool:
        """Whether the type and every base of it are known: only then is a member that is not there unknown."""
        return all(self.type(base) for name in self.lineage(fqn) or [fqn] for base in self._bases(name))

    def is_a(self, fqn: str, base: str) -> bool:
        """Whether a type is ``base`` or inherits from it."""
        return base in self.lineage(fqn)

    # calls

    def signature(self, member: Member) -> Signature:
        """What a method, or a class's initializer, takes in Python."""
        parameters = member.parameters
        last = parameters[-1] if parameters else None
        struct = self.struct(last.ref) if last and not last.variadic else None
        if struct is None:
            return Signature(parameters, variadic=bool(last and last.variadic))
        own = set(struct.members)
        positional = tuple(item._replace(name=_apart(item.name, own)) for item in parameters[:-1])
        return Signature(positional, self.members(struct.fqn), struct.fqn)

    def constructor(self, fqn: str) -> Signature | None:
        """What a class or a struct takes when it is called, None when it cannot be."""
        for name in self.lineage(fqn):
            type_ = self.type(name)
            if type_ and type_.kind is Kind.STRUCT:
                return Signature((), self.members(fqn), fqn)
            if type_ and type_.initializer:
                return self.signature(type_.initializer)
        return None

    def struct(self, ref: Ref | None) -> CdkType | None:
        """The struct that ``ref`` names."""
        type_ = self.type(ref.name) if ref and ref.kind == "type" else None
        return type_ if type_ and type_.kind is Kind.STRUCT else None

    # suggestions

    def nearest_members(self, fqn: str, name: str, limit: int = 3) -> list[str]:
        """The members that ``name`` may have been meant as, nearest first; methods that go on with it come first."""
        return nearest(name, (member for member in self.members(fqn) if not member.startswith("_")), limit)

    def nearest_in_module(self, module: str, name: str, limit: int = 3) -> list[str]:
        """The types and submodules that ``name`` may have been meant as, nearest first."""
        return nearest(name, self.module_members(module), limit)

    def nearest_keywords(self, signature: Signature, name: str, limit: int = 3) -> list[str]:
        """The parameters that ``name`` may have been meant as, nearest first."""
        return nearest(name, signature.names, limit)

    def _type(self, module: str, name: str) -> CdkType | None:
        key = module, name
        if key not in self._named:
            store = self._by_module.get(module)
            self._named[key] = store.type(module, name) if store else None
        return self._named[key]

    def _own(self, fqn: str) -> Mapping[str, Member]:
        type_ = self.type(fqn)
        return type_.members if type_ else {}

    def _bases(self, fqn: str) -> Sequence[str]:
        type_ = self.type(fqn)
        return type_.bases if type_ else (fqn,)


def index(search_path: Sequence[str] | None = None) -> Index:
    """The index of the packages that are installed on ``search_path`` (``sys.path`` unless given), made once."""
    return _index(tuple(sys.path if search_path is None else search_path), os.getcwd())


@functools.lru_cache(maxsize=4)
def _index(search_path: tuple[str, ...], _: str) -> Index:
    read = [_read(manifest) for manifest in installed(search_path)]
    return Index((item for item in read if isinstance(item, Store)), [item for item in read if isinstance(item, str)])


def _read(manifest: Manifest) -> Store | str:
    """The store of a manifest, or why there is none."""
    try:
        return Store(manifest)
    except SourceError as error:
        return str(error)


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The names among ``known`` that ``name`` may have been meant as.

    First what it is when spelt as Python spells it (``bucketName``), then what goes on with it at a word
    (``grant``: grant_read, grant_read_write), then what looks like it.
    """
    import difflib

    candidates = sorted(set(known))
    spelt = python_names.snake_case(name)
    exact = [found for found in candidates if found in (spelt, name.upper()) or found.lower() == name.lower()]
    longer = sorted((found for found in candidates if found.lower().startswith(f"{spelt}_")), key=_usual_first)
    alike = difflib.get_close_matches(spelt, candidates, n=limit, cutoff=0.6)
    alike += difflib.get_close_matches(name, candidates, n=limit, cutoff=0.6)
    return list(dict.fromkeys([*exact, *longer, *alike]))[:limit]


def _folded(name: str) -> str:
    """What the jsii name and the Python name of a member have in common."""
    return name.replace("_", "").lower()


def _usual_first(name: str) -> tuple[int, str]:
    words = name.split("_")
    usual = [at for at, word in enumerate(COMMON_GRANTS) if len(words) > 1 and words[1] == word]
    return (usual[0] if usual else len(COMMON_GRANTS), name)


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _apart(name: str, taken: set[str]) -> str:
    """A positional parameter's name when a keyword has it too."""
    while name in taken:
        name += "_"
    return name
