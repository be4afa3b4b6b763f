"""What a rule is: one class, read top to bottom. The engine runs it; nothing here knows the CDK."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from cdk_guardrails.template import Edit, Origin, Resource, Template, format_path
from cdk_guardrails.template.edits import parse_path

if TYPE_CHECKING:
    import ast
    from typing import TypeAlias

    from cdk_guardrails.settings import RuleSettings
    from cdk_guardrails.source.linters import AnyLinter
    from cdk_guardrails.source.project import Module

    Place: TypeAlias = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias | ast.excepthandler | tuple[int, int]
    """Where in a file: a node, or a line and a column, both from 1 on."""


class Concern(enum.Enum):
    """What a rule is about; each value has an Aspect class of that name."""

    TAGGING = "Tagging"
    ENCRYPTION = "Encryption"
    PUBLIC_ACCESS = "PublicAccess"
    DATA_PROTECTION = "DataProtection"
    REMOVAL_POLICIES = "RemovalPolicies"
    TRACING = "Tracing"
    THROTTLING = "Throttling"
    LOGGING = "Logging"
    ALARMS = "Alarms"
    OUTPUTS = "Outputs"
    CAPACITY = "Capacity"
    IDENTITY = "Identity"
    DEPLOY_ORDER = "DeployOrder"
    MAINTAINABILITY = "Maintainability"


class Severity(enum.Enum):
    """``error`` fails the synth, ``warning`` is shown, ``off`` does not run."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


class FixSafety(enum.Enum):
    """Whether a fix is applied by default.

    ``safe``: in place, no replacement, no added monthly cost to speak of, no caller breaks. ``unsafe``: only when
    asked for. ``none``: the rule has no fix, a person must decide.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    NONE = "none"


@dataclass(frozen=True)
class SameAs:
    """Where the same thing is described: AWS documentation URLs, and the ids that other tools give it."""

    aws: tuple[str, ...] = ()
    cdk_nag: tuple[str, ...] = ()
    checkov: tuple[str, ...] = ()
    security_hub: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """A setting of a rule: name, default (its type is the option's type), what it means, unit and AWS source included.

    ``by_profile`` overrides the default for an environment's profile; ``choices`` limits the value, ``minimum`` and
    ``maximum`` a number; a tuple default means a list of strings, a None default a string that may be left out.
    """

    name: str
    default: Any
    description: str
    by_profile: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class Finding(NamedTuple):
    """One thing that is wrong with one resource.

    ``path`` is the property path inside the template, ``remedy`` what to do about it (a line of CDK Python where there
    is one), ``detail`` tells several findings of one rule on one resource apart. A tuple, since a run makes thousands.
    """

    rule: str
    message: str
    logical_id: str
    path: tuple[str | int, ...] = ()
    remedy: str = ""
    detail: str = ""
    severity: Severity = Severity.ERROR
    template: str = ""
    resource_type: str = ""
    origin: Origin = Origin()

    @property
    def id(self) -> str:
        """The id as shown and as suppressed: ``iam-wildcard-action[s3:*]``."""
        return f"{self.rule}[{self.detail}]" if self.detail else self.rule

    @property
    def location(self) -> str:
        """The property path as people read it, from Properties on."""
        return format_path(self.path[2:]) if self.path[:1] == ("Resources",) else format_path(self.path)


@dataclass(frozen=True)
class Example:
    """What a rule's tests and its page show: CloudFormation YAML (of a SourceRule, Python), and the settings needed.

    ``files`` lie beside the template, as in a cloud assembly: their text by their paths.
    """

    template: str
    tags: dict[str, str] = field(default_factory=dict)
    environment: str = "prod"
    options: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def not_fixed(why: str) -> str:
    """The end of a message about what a fix leaves alone; nothing when there is no reason to."""
    return f"; not fixed, since {why}" if why else ""


class RuleInfo:
    """What every rule says of itself.

    The docstring's first line is the title. ``why`` says why it is bad. ``answers`` are the report lines (``"C2.1"``).
    ``profiles`` are the environments in which the rule is on by default. Rules run by ``order``, then by id.
    """

    id: ClassVar[str]
    why: ClassVar[str]
    concern: ClassVar[Concern]
    severity: ClassVar[Severity] = Severity.ERROR
    fix_safety: ClassVar[FixSafety] = FixSafety.NONE
    fix_note: ClassVar[str] = ""
    same_as: ClassVar[SameAs] = SameAs()
    answers: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[Option, ...]] = ()
    profiles: ClassVar[tuple[str, ...]] = ("dev", "staging", "prod")
    order: ClassVar[int] = 50
    bad: ClassVar[Example]
    good: ClassVar[Example]

    @cached_property
    def title(self) -> str:
        """The first line of the docstring."""
        return (type(self).__doc__ or "").strip().splitlines()[0].rstrip(".")


class Rule(RuleInfo, ABC):
    """Base class of the rules that judge resources.

    ``resource_types`` are CloudFormation types, or ``TEMPLATE`` / ``APP`` for rules about a whole template or app.
    ``ripples`` is False when what its fix does to a resource changes nothing that other rules say of that resource and
    of what refers to it or is referred to: they need not look again. What a fix adds is always looked at.
    """

    resource_types: ClassVar[tuple[str, ...]]
    ripples: ClassVar[bool] = True

    @abstractmethod
    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields what is wrong with ``resource``; changes nothing and says nothing that it cannot know."""

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Yields the edits that put ``finding`` right. Called for each finding of `check` that nobody suppressed."""
        yield from ()

    def finding(
        self,
        resource: Resource,
        message: str,
        path: str | Sequence[str | int] = "",
        *,
        remedy: str = "",
        detail: str = "",
        severity: Severity | None = None,
        attribute: str = "",
    ) -> Finding:
        """A finding of this rule, at a property path or at a resource attribute (DeletionPolicy ...)."""
        at = ("Resources", resource.logical_id, attribute) if attribute else (*resource.root, *parse_path(path))
        where = (resource.template.name, resource.type, resource.origin)
        return Finding(self.id, message, resource.logical_id, at, remedy, detail, severity or self.severity, *where)


class SourceRule(RuleInfo, ABC):
    """Base class of the rules that judge the app's own Python. Their examples are programs, not templates.

    ``linters`` are those of others by whose word a rule judges: they are started before any rule is asked.
    """

    linters: ClassVar[tuple[AnyLinter, ...]] = ()

    @abstractmethod
    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields what is wrong with ``module``; runs nothing of it and says nothing that it cannot know."""

    def finding(
        self,
        module: Module,
        at: Place,
        message: str,
        *,
        remedy: str = "",
        detail: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule at a line and column of ``module``: those of a node of its syntax tree, or a pair."""
        line, column = at if isinstance(at, tuple) else (at.lineno, module.column(at.lineno, at.col_offset))
        origin = Origin("", f"{module.path}:{line}:{column}")
        return Finding(self.id, message, "", (), remedy, detail, severity or self.severity, "", "", origin)
