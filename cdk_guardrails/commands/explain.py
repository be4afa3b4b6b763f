"""``cdk-guardrails explain``: the page of a rule in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer


def _ids(incomplete: str) -> Iterator[str]:
    from cdk_guardrails.own_findings import OWN_IDS
    from cdk_guardrails.rules.registry import every_rule

    return (id_ for id_ in (*every_rule(), *OWN_IDS) if id_.startswith(incomplete))


def explain(
    id_: Annotated[str, typer.Argument(metavar="ID", autocompletion=_ids, help="A rule: s3-versioning.")],
) -> int:
    """Show the page of a rule: what it wants and why, what its fix does, its options, how to suppress it."""
    from cdk_guardrails.catalogue import page_of
    from cdk_guardrails.commands.endings import Exit
    from cdk_guardrails.commands.terminal import print_markdown

    print_markdown(page_of(id_))
    return Exit.CLEAN
