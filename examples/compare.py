"""Synthesizes each example as it is and with the one line, and prints side by side what was found, fixed and left.

``python examples/compare.py [FOLDER]`` keeps the cloud assemblies in FOLDER. Exits 1 when one of them is not written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cdk_guardrails.report.json_format import from_json
from cdk_guardrails.report.model import FindingEntry, Report

EXAMPLES = ("serverless_api", "full_stack")


def synth(example: Path, app: str, outdir: Path, context: dict[str, Any]) -> None:
    """Runs an app as the CDK CLI does. Findings fail its synth, after all files are written: that is no error here."""
    environment = {**os.environ, "CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context)}
    done = subprocess.run(
        [sys.executable, app], cwd=example, env=environment, capture_output=True, text=True, check=False
    )
    if not (outdir / "manifest.json").exists():
        sys.exit(f"{example.name}/{app} was not synthesized:\n{done.stdout}{done.stderr}")


def report(outdir: Path) -> Report:
    """What Guardrails wrote beside the templates."""
    return from_json((outdir / "guardrails-report.json").read_text(encoding="utf-8"))


def types(outdir: Path) -> Counter[str]:
    """How many resources of each type the templates have."""
    templates = [json.loads(file.read_text(encoding="utf-8")) for file in outdir.glob("*.template.json")]
    return Counter(resource["Type"] for template in templates for resource in template["Resources"].values())


def rule_of(finding: FindingEntry) -> str:
    """The rule's id without a detail."""
    return finding.rule.partition("[")[0]


def print_rules(before: Report, after: Report) -> None:
    """One line for each rule that found something."""
    found, left = (Counter(map(rule_of, each.findings)) for each in (before, after))
    print(f"{'':<30}{'app.py':>8}{'app_guarded.py':>22}")
    print(f"{'rule':<30}{'found':>8}{'fixed':>15}{'left':>7}")
    for rule in sorted({*found, *left}):
        print(f"{rule:<30}{found[rule]:>8}{max(0, found[rule] - left[rule]):>15}{left[rule]:>7}")
    fixed = sum((found - left).values())
    print(f"{'':<30}{found.total():>8}{fixed:>15}{left.total():>7}")


def print_resources(before: Counter[str], after: Counter[str]) -> None:
    """How the template grew."""
    added = ", ".join(f"{count} {type_}" for type_, count in sorted((after - before).items()))
    print(f"\nresources: {before.total()} as it is, {after.total()} with the one line")
    print(f"added: {added or 'none'}")


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


def compare(example: Path, folder: Path) -> None:
    """Three runs: as it is; checked, which changes nothing; guarded."""
    print(f"== {example.name}")
    plain, checked, guarded = (folder / name for name in ("plain", "checked", "guarded"))
    with ThreadPoolExecutor() as pool:
        check_only = {"cdk-guardrails": {"mode": "check"}}
        runs = [("app.py", plain, {}), ("app_guarded.py", checked, check_only), ("app_guarded.py", guarded, {})]
        list(pool.map(lambda run: synth(example, *run), runs))
    before, after = report(checked), report(guarded)
    print_rules(before, after)
    print_resources(types(plain), types(guarded))
    print(f"changes in the ledger: {len(after.fixes)}")
    print_left(after)
    print()


def main(folder: Path) -> None:
    """Both examples, each in a folder of its own."""
    for name in EXAMPLES:
        compare(Path(__file__).resolve().parent / name, folder / name)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).resolve())
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
