"""The bridge between the construct tree and the engine: the only room that knows jsii internals.

`BatchAspect` is a JavaScript class (``js/lib/index.js``): it visits constructs without calling Python, then calls
`process` with everything at once and replays the edits that come back.
"""

from __future__ import annotations

import abc
import os
from typing import Any, cast

import aws_cdk
import jsii
from constructs import IConstruct

from cdk_guardrails import _SOURCE_LINES
from cdk_guardrails.bridge import _jsii as _assembly  # noqa: F401  loaded for its effect on the kernel

os.environ.setdefault(_SOURCE_LINES, "1")  # again: the pytest plugin, which others' tests load too, takes it back


@jsii.implements(aws_cdk.IAspect)
class BatchAspect(metaclass=jsii.JSIIAbstractClass, jsii_type="cdk-guardrails.BatchAspect"):
    """An Aspect whose visits stay in JavaScript. ``fixes``: whether `process` is to be asked for edits."""

    def __init__(self, fixes: bool) -> None:
        jsii.create(self.__class__, self, [fixes])

    @jsii.member(jsii_name="describe")
    @staticmethod
    def describe(scope: IConstruct) -> str:
        """What the check of the finished templates needs to know of the tree that ``scope`` is in, as JSON."""
        return cast(str, jsii.sinvoke(BatchAspect, "describe", [scope]))

    @jsii.member(jsii_name="finishLater")
    @staticmethod
    def finish_later(scope: IConstruct, file: str, text: str, error: str, failed: bool) -> None:
        """Before aws-cdk-lib 2.262: at the end, writes ``file``, and raises ``error`` if the validation failed."""
        jsii.sinvoke(BatchAspect, "finishLater", [scope, file, text, error, failed])

    @jsii.member(jsii_name="applyTo")
    def apply_to(self, construct: IConstruct) -> None:
        """Treats ``construct`` and all below it now, instead of at synthesis."""
        jsii.invoke(self, "applyTo", [construct])

    @jsii.member(jsii_name="process")
    @abc.abstractmethod
    def process(self, scope: IConstruct, message: str) -> str:
        """The one call from JavaScript: ``message`` is JSON with an ``event``, the answer JSON with ``edits``."""

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        """Called by the CDK, in JavaScript; from Python only if somebody calls it by hand."""
        jsii.invoke(self, "visit", [node])


class _BatchAspectProxy(BatchAspect):
    """What jsii makes of a BatchAspect that Python has not made: there is none, but jsii asks for the class."""

    @jsii.member(jsii_name="process")
    def process(self, scope: IConstruct, message: str) -> str:
        """Calls the JavaScript object."""
        return cast(str, jsii.invoke(self, "process", [scope, message]))


cast(Any, BatchAspect).__jsii_proxy_class__ = lambda: _BatchAspectProxy
