"""``cdk-guardrails rules``: the catalogue."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from cdk_guardrails.commands.options import Environment, Ignore, Select


class CatalogueFormat(str, Enum):
    """How the catalogue is shown."""

    TABLE = "table"
    JSON = "json"


def rules(
    format_: Annotated[CatalogueFormat, typer.Option("--format", "-f", help="How to show it.")] = CatalogueFormat.TABLE,
    environment: Environment = None,
    select: Select = None,
    ignore: Ignore = None,
) -> int:
    """List the rules, with the severity that the settings of this folder and the environment give them.

    For example: cdk-guardrails rules --environment dev --select s3-tls-only
    """
    from cdk_guardrails import catalogue
    from cdk_guardrails.commands.endings import Exit
    from cdk_guardrails.commands.options import names
    from cdk_guardrails.commands.terminal import print_text
    from cdk_guardrails.rules.registry import every_rule
    from cdk_guardrails.settings.project import chosen, load_settings, switched_on

    settings = switched_on(load_settings(environment, Path.cwd()), names(select))
    asked = chosen(every_rule(), names(select), names(ignore))
    render = catalogue.to_json if format_ is CatalogueFormat.JSON else catalogue.to_table
    print_text(render(asked, settings))
    return Exit.CLEAN
