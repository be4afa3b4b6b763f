"""Writes what of the docs comes from the code: pages of rules, docs/reference, marked parts of pages by hand.

``--check`` only fails when one is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cdk_guardrails.docs_pages import page
from cdk_guardrails.rules.base import RuleInfo
from cdk_guardrails.rules.registry import every_rule
from cdk_guardrails.starter.app_file import CdkApp
from cdk_guardrails.starter.workflow import workflow
from tools import reference, rule_indexes

ROOT: Final = Path(__file__).resolve().parent.parent

EXAMPLE: Final[CdkApp] = CdkApp(Path("/app"), Path("/app"), "python app.py", "cdk.out", None)
"""An app whose folder is its repository."""

PARTS: Final[Mapping[str, Callable[[list[RuleInfo]], str]]] = {
    "rules": lambda rules: rule_indexes.overview(rules, "docs/rules/"),
    "settings": lambda _: reference.settings_table(),
    "workflow": lambda _: f'```yaml title=".github/workflows/cdk-guardrails.yml"\n{workflow(EXAMPLE)}```',
}
"""What is written between ``<!-- NAME -->`` and ``<!-- /NAME -->`` of a page."""


def wanted() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    rules = [rule for rule in every_rule().values() if type(rule).__module__.startswith("cdk_guardrails.")]
    docs = ROOT / "docs"
    files = {docs / "rules" / f"{rule.id}.md": page(rule) for rule in rules}
    files |= {docs / "rules" / name: text for name, text in rule_indexes.pages(rules).items()}
    files |= {docs / "reference" / name: text for name, text in reference.pages(rules).items()}
    by_hand = [ROOT / "README.md", *docs.glob("*.md")]
    return files | {path: _filled(path.read_text("utf-8"), rules) for path in by_hand}


def _filled(text: str, rules: list[RuleInfo]) -> str:
    for name, write in PARTS.items():
        if f"<!-- {name} -->" in text:
            part = f"<!-- {name} -->\n{write(rules)}\n<!-- /{name} -->"
            before, _, rest = text.partition(f"<!-- {name} -->\n")
            text = f"{before}{part}{rest.partition(f'<!-- /{name} -->')[2]}"
    return text


def stale() -> list[Path]:
    """Generated files that are missing, differ from what they should hold, or should not be there."""
    files = wanted()
    left_over = [path for path in (ROOT / "docs" / "rules").glob("*.md") if path not in files]
    return [p for p, text in files.items() if not p.exists() or p.read_text("utf-8") != text] + left_over


def main(arguments: list[str]) -> int:
    """0 when all is up to date, or has been written."""
    paths = stale()
    for path in paths:
        print(f"{'out of date' if '--check' in arguments else 'written'}: {path.relative_to(ROOT)}")
    if "--check" in arguments:
        return 1 if paths else 0
    files = wanted()
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path in files:
            path.write_text(files[path], "utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
