"""The pages of docs/reference: settings, the command line, the report, each from what the code itself says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.docs_pages import markdown_table
from cdk_guardrails.report import json_format
from cdk_guardrails.rules.base import Option, RuleInfo
from cdk_guardrails.settings import Settings
from tools.command_line import commands_page

WRITTEN: Final = "Written by `make docs` from the code itself."


def pages(rules: list[RuleInfo]) -> dict[str, str]:
    """Every page, by file name."""
    made = {
        "settings.md": ("Settings", _settings(rules)),
        "cli.md": ("The command line", commands_page()),
        "report.md": ("The report", _report(json_format.schema())),
    }
    return {name: "\n\n".join([f"# {title}", WRITTEN, *parts]) + "\n" for name, (title, parts) in made.items()}


def settings_table() -> str:
    """Every setting and what it means."""
    fields = (field for field in dataclasses.fields(Settings) if "means" in field.metadata)
    rows = [(f"`{field.name}`", f"`{field.metadata['type']}`", field.metadata["means"]) for field in fields]
    return markdown_table(("Setting", "Type", "Means"), rows)


def _settings(rules: list[RuleInfo]) -> Iterator[str]:
    yield (
        "The arguments of `Guardrails` come first, then the context key `cdk-guardrails` of `cdk.json`, then"
        " `guardrails.toml` or `[tool.cdk-guardrails]` in `pyproject.toml`, then the environment's profile. A table"
        " `environments.<name>` in a file or in the context is stronger than what stands beside it there. An unknown"
        " key, a wrong type or an unknown rule is an error that names the key, the file and the nearest valid one."
    )
    yield settings_table()
    yield "## Options of rules"
    yield "Given as `rules = { RULE = { OPTION = VALUE } }`, beside `severity` and `fix`."
    rows = [(f"[{rule.id}](../rules/{rule.id}.md)", *_option(option)) for rule in rules for option in rule.options]
    yield markdown_table(("Rule", "Option", "Default", "Means"), rows)


def _option(option: Option) -> tuple[str, str, str]:
    defaults = [f"`{_plain(option.default)}`"]
    defaults += [f"{profile}: `{_plain(value)}`" for profile, value in option.by_profile.items()]
    return f"`{option.name}`", ", ".join(defaults), option.description


def _plain(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple | frozenset) else value)


def _report(schema: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "`guardrails-report.json` is written beside the templates at every synth. `cdk-guardrails report cdk.out`"
        " renders it in any other format. `cdk_guardrails.report.json_format.schema()` gives its JSON schema. Fields"
        " may be added; when one goes or changes its meaning, `schema_version` grows, and an older release says so."
    )
    yield _fields(schema)
    for name, definition in schema["$defs"].items():
        yield f"## {name}"
        if "description" in definition:
            yield definition["description"]
        yield _fields(definition)


def _fields(of: Mapping[str, Any]) -> str:
    rows = [(f"`{name}`", _type(field), _means(field)) for name, field in of.get("properties", {}).items()]
    return markdown_table(("Field", "Type", "Means"), rows)


def _means(field: Mapping[str, Any]) -> str:
    """What the schema says of it; of an object within, which fields it has."""
    return str(field.get("description", "")) or ", ".join(f"`{name}`" for name in field.get("properties", {}))


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "items" in field:
        return f"list of {_type(field['items'])}"
    if "enum" in field or "const" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    return str(field.get("type", "any"))
