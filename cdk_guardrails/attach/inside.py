"""What is changed in the app's process: each `App` gets Guardrails before its synthesis, and a folder of its own."""

from __future__ import annotations

import atexit
import functools
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from cdk_guardrails.errors import GuardrailsError


class Attachment:
    """One process of the app.

    ``instructions``: ``arguments`` for Guardrails, ``attach`` (False: the app as it is, Guardrails of its own changing
    nothing), ``outdir``, where the cloud assembly goes. ``note``: tells the waiting process what happened.
    """

    def __init__(self, instructions: Mapping[str, Any], note: Callable[..., None]) -> None:
        self._arguments: Mapping[str, Any] = instructions["arguments"]
        self._attach: bool = instructions["attach"]
        self._outdir: str = instructions["outdir"]
        self._note = note
        self._waiting: dict[int, Any] = {}
        self._apps = 0
        self._is_ours = False
        self._has_own = False

    def change_app(self, cdk: Any) -> None:
        """Changes `aws_cdk.App`. Two methods, so that subclasses and every way to call them are covered."""
        make, synth = cdk.App.__init__, cdk.App.synth

        @functools.wraps(make)
        def made(app: Any, *args: Any, **given: Any) -> None:
            make(app, *args, **{**given, "outdir": self._folder()})
            self._made(app, given.get("auto_synth"))

        @functools.wraps(synth)
        def synthesized(app: Any, *args: Any, **given: Any) -> Any:
            self._before_synth(cdk, app)
            return synth(app, *args, **given)

        cdk.App.__init__ = made
        cdk.App.synth = synthesized

    def change_guardrails(self, aspects: Any) -> None:
        """Notices Guardrails that the app makes itself."""
        make = aspects.Guardrails.__init__

        @functools.wraps(make)
        def made(guardrails: Any, *args: Any, **given: Any) -> None:
            if not self._is_ours:
                self._has_own = True
                given = given if self._attach else {**given, "mode": "check"}
            make(guardrails, *args, **given)

        aspects.Guardrails.__init__ = made

    def change_checks(self, checks: Any) -> None:
        """Findings go to the report only: they must not end the app, which may have more to synthesize."""
        validate, finish_later = checks.GuardrailsChecks.validate, checks.BatchAspect.finish_later

        @functools.wraps(validate)
        def validated(pack: Any, context: Any) -> Any:
            validate(pack, context)
            return checks.PolicyValidationPluginReport(success=True, violations=[])

        def finished_later(scope: Any, file: str, text: str, error: str, failed: bool) -> None:
            finish_later(scope, file, text, "", False)

        checks.GuardrailsChecks.validate = validated
        checks.BatchAspect.finish_later = staticmethod(finished_later)

    def _folder(self) -> str:
        """The assembly's folder: an app that names one, or makes several Apps, overwrites nothing."""
        self._apps += 1
        return self._outdir if self._apps == 1 else os.path.join(self._outdir, f"app-{self._apps}")

    def _made(self, app: Any, auto_synth: bool | None) -> None:
        if not self._waiting and self._apps == 1:
            atexit.register(self._synth_the_rest)  # after jsii's own, so that it runs before the kernel ends
        self._waiting[id(app)] = (app, auto_synth)

    def _before_synth(self, cdk: Any, app: Any) -> None:
        """Attaches, at the last moment: the app's own Aspects stand before ours, and its own Guardrails are known."""
        if self._waiting.pop(id(app), None) is None or not self._attach:
            return
        if self._has_own:
            self._note("own")
            return
        self._is_ours = True
        try:
            from cdk_guardrails.aspects import Guardrails

            cdk.Aspects.of(app).add(Guardrails(**self._arguments, quiet=True, packs=[]))
        except GuardrailsError as error:
            self._note("refused", error=str(error))
            sys.exit(2)
        finally:
            self._is_ours = False

    def _synth_the_rest(self) -> None:
        """Apps that leave ``synth()`` to the end of the process, where a Python Aspect could no longer be called."""
        if getattr(sys, "last_value", None) is not None:
            return  # the app failed
        for app, auto_synth in list(self._waiting.values()):
            children = {child.node.id for child in app.node.children} - {"Tree"}
            if auto_synth is not False and children:
                try:
                    app.synth()
                except Exception:  # the exit code can no longer be changed here
                    self._note("failed")
                    raise
