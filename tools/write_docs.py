"""Writes docs/rules and the README's list of rules. ``--check`` only fails when one is out of date."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from cdk_guardrails.docs_pages import page
from cdk_guardrails.rules.registry import every_rule
from tools.rule_indexes import overview, pages

ROOT: Final = Path(__file__).resolve().parent.parent
MARKED: Final = re.compile(r"(<!-- rules -->\n).*?(<!-- /rules -->)", re.DOTALL)


def wanted() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    rules = [rule for rule in every_rule().values() if type(rule).__module__.startswith("cdk_guardrails.")]
    folder = ROOT / "docs" / "rules"
    files = {folder / f"{rule.id}.md": page(rule) for rule in rules}
    files |= {folder / name: text for name, text in pages(rules).items()}
    readme = ROOT / "README.md"
    filled = MARKED.sub(
        lambda match: f"{match[1]}{overview(rules, 'docs/rules/')}\n{match[2]}", readme.read_text("utf-8")
    )
    return {**files, readme: filled}


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
