"""One synth in a process of its own: ``python -m tests.benchmarks.one SIZE VARIANT OUTDIR [PER_STACK]``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
import jsii
from constructs import IConstruct
from jsii._kernel.providers.process import _NodeProcess

from tests.benchmarks import apps, by_hand
from tests.benchmarks.settings import TAGS


@jsii.implements(cdk.IAspect)
class Empty:
    """Does nothing, one round trip at a time."""

    def visit(self, node: IConstruct) -> None:
        pass


def _guardrails(app: cdk.App, environment: str) -> None:
    from cdk_guardrails import Guardrails

    cdk.Aspects.of(app).add(Guardrails(environment=environment, tags=TAGS, quiet=True))


def _cdk_nag(app: cdk.App) -> None:
    from cdk_nag import AwsSolutionsChecks

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


VARIANTS: Final[dict[str, Callable[[cdk.App], Any]]] = {
    "nothing": lambda app: None,
    "empty": lambda app: cdk.Aspects.of(app).add(Empty()),
    "guardrails": lambda app: _guardrails(app, "prod"),
    "guardrails_dev": lambda app: _guardrails(app, "dev"),
    "by_hand": lambda app: by_hand.add_all(app, TAGS),
    "cdk_nag": _cdk_nag,
}


def count_round_trips() -> list[int]:
    """A counter of the messages that this process sends to the jsii kernel, answers to its callbacks included."""
    counter, send = [0], _NodeProcess.send

    def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
        counter[0] += 1
        return send(self, *args, **kwargs)

    _NodeProcess.send = counting  # type: ignore[method-assign]
    return counter


def run(size: int, variant: str, outdir: Path, per_stack: int = apps.PER_STACK) -> dict[str, Any]:
    """Builds the app, attaches the variant and synthesizes; ``synth`` is that call alone, in seconds."""
    counter = count_round_trips()
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    apps.build(app, size, per_stack)
    VARIANTS[variant](app)
    sent, started = counter[0], time.perf_counter()
    try:
        app.synth()
        failed = False
    except RuntimeError:  # findings fail the synth, when all is written
        failed = True
    synth = time.perf_counter() - started
    templates = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(outdir.glob("*.template.json"))]
    return {
        "synth": synth,
        "round_trips": counter[0] - sent,
        "failed": failed,
        "nodes": len(app.node.find_all()),
        "resources": [len(template["Resources"]) for template in templates],
    }


if __name__ == "__main__":
    size, variant, outdir, *per_stack = sys.argv[1:]
    print(json.dumps(run(int(size), variant, Path(outdir), *map(int, per_stack))))
