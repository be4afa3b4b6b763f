"""Synthesizes each example without and with the one line, and prints side by side what was found, fixed and changed.

``python examples/compare.py [FOLDER]`` keeps the cloud assemblies in FOLDER. Exits 1 when one of them is not written.
It is what ``cdk-guardrails synth --compare`` does, and the findings before and after.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cdk_guardrails import trial
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.model import FindingEntry, Report
from cdk_guardrails.trial import app_command
from cdk_guardrails.trial.app_command import AppCommand
from cdk_guardrails.trial.comparing import Comparison, compare
from cdk_guardrails.trial.comparing_text import counts

EXAMPLES = ("serverless_api", "full_stack")


def rule_of(finding: FindingEntry) -> str:
    """The rule's id without a detail."""
    return finding.rule.partition("[")[0]


def print_rules(before: Report, after: Report) -> None:
    """One line for each rule that found something."""
    found, left = (Counter(map(rule_of, each.findings)) for each in (before, after))
    print(f"{'':<30}{'without':>8}{'with':>22}")
    print(f"{'rule':<30}{'found':>8}{'fixed':>15}{'left':>7}")
    for rule in sorted({*found, *left}):
        print(f"{rule:<30}{found[rule]:>8}{max(0, found[rule] - left[rule]):>15}{left[rule]:>7}")
    fixed = sum((found - left).values())
    print(f"{'':<30}{found.total():>8}{fixed:>15}{left.total():>7}")


def print_resources(comparison: Comparison) -> None:
    """What a deployment would do."""
    added = Counter(change.resource_type for change in comparison.resources if change.kind == "added")
    print(f"\nresources: {counts(comparison)}")
    print(f"added: {', '.join(f'{count} {type_}' for type_, count in sorted(added.items())) or 'none'}")


def print_left(after: Report) -> None:
    """What a person must decide, and how."""
    print("\nleft for a person, so that the synth fails on errors:")
    for finding in after.findings:
        place = finding.place
        where = f"{place.construct_path or place.template}{f' ({place.source})' if place.source else ''}"
        print(f"  {finding.severity} {finding.rule} at {where}")
        print(f"    {finding.message}")
        if finding.remedy:
            print(f"    do: {finding.remedy}")


def compare_example(example: Path, folder: Path) -> None:
    """Two runs: with Guardrails that only check, which changes nothing, and with Guardrails that fix."""
    print(f"== {example.name}")
    app = app_command.read(example, (sys.executable, "app_guarded.py"))
    with ThreadPoolExecutor() as pool:
        runs: list[tuple[AppCommand, Path, dict[str, str] | None]] = [
            (app, folder / "without", None),
            (app, folder / "with", {}),
        ]
        before, after = pool.map(lambda run: trial.run(*run), runs)
    print_rules(before.report(), after.report())
    print_resources(compare(before.outdir, after.outdir))
    print(f"changes in the ledger: {len(after.report().fixes)}")
    print_left(after.report())
    print()


def main(folder: Path) -> None:
    """Both examples, each in a folder of its own."""
    for name in EXAMPLES:
        compare_example(Path(__file__).resolve().parent / name, folder / name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        try:
            main(Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve())
        except GuardrailsError as error:
            sys.exit(str(error))
