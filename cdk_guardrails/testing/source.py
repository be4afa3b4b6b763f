"""What is true of every source rule: `cdk_guardrails.testing.check_source_rule`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cdk_guardrails.engine import Outcome
from cdk_guardrails.linting import lint
from cdk_guardrails.rules.base import Example, RuleInfo, SourceRule
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.source.project import Project, python_files

FILE: Final = "app.py"
"""The name of the file that an example is written to."""

STATEMENTS: Final = (
    "pass",
    "...",
    "a = b = c",
    "(a, *b), c[0], d.e = f",
    "del a",
    "x: int",
    "from .a import b as c",
    "import a.b.c as d, e",
    "def f(a, /, b=1, *c, d=2, **e): return lambda *a, **b: (yield)",
    "class A(*b, metaclass=c): pass",
    "f'{a!r:>{b}}' 'c'.d + b'e'",
    "with a as (b, c), d: pass",
    "try: a\nexcept (b, c): raise\nelse: d\nfinally: e",
    "[a for b in c if d for e in f]; {**a, 'b': c}; a[b:c, ...]; a if b else c; not a < b <= c",
    "async def f():\n    async with a as b:\n        await c\n    async for d in e: pass",
    "match a:\n    case {'b': c, **d} | [1, *_]: pass\n    case A(b=c) if d: pass",
    "global a\na(*b, **c)(d)(e=f)[g].h()",
)
"""What `check_source_rule` puts in place of each statement of an example."""


def check_source_rule(rule: SourceRule) -> None:
    """Holds ``rule`` to what is true of every source rule. Raises AssertionError that names the rule and property."""
    for name, holds in _CONTRACT.items():
        with named(f"{rule.id}: {name}"):
            holds(rule)


def run_example(rule: SourceRule, example: Example, texts: Mapping[str, str] | None = None) -> Outcome:
    """What ``rule`` alone says of an example, or of ``texts`` by file name with the example's settings."""
    rules = {rule.id: RuleOverride(options=example.options)}
    settings = Settings(environment=example.environment, tags=example.tags, rules=rules)
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in ({FILE: example.template} if texts is None else texts).items():
            (root / name).write_text(text, encoding="utf-8")
        outcome = lint(Project(python_files([root])), settings, rules=[rule])
    outcome.findings = [finding for finding in outcome.findings if finding.rule != "linter-missing"]
    return _from_here(outcome, f"{root}/")


def _from_here(outcome: Outcome, prefix: str) -> Outcome:
    """The outcome with the files as if their folder were the current one."""
    outcome.findings = [
        finding._replace(origin=type(finding.origin)("", finding.origin.source.removeprefix(prefix)))
        for finding in outcome.findings
    ]
    return outcome


def must(condition: object, message: str) -> None:
    """Raises AssertionError when ``condition`` does not hold."""
    if not condition:
        raise AssertionError(message)


@contextmanager
def named(where: str) -> Iterator[None]:
    """Puts ``where`` in front of what is raised."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{where}: {type(error).__name__}: {error}") from error


def is_described(rule: RuleInfo) -> None:
    """Whether a rule says all that its page needs. Raises AssertionError."""
    must(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id), "the id is not kebab-case")
    must("\n" in (type(rule).__doc__ or "").strip(), "the docstring needs a title, and a text below it")
    must(rule.why.strip(), "why it is bad is not said")
    must(rule.same_as.aws, "same_as.aws names no page of the AWS documentation")
    for url in rule.same_as.aws:
        must(url.startswith("https://docs.aws.amazon.com/"), f"{url} is no page of https://docs.aws.amazon.com/")
    for option in rule.options:
        must(option.description.strip(), f"the option {option.name} has no description")


def _finds_bad(rule: SourceRule) -> None:
    outcome = run_example(rule, rule.bad)
    _did_not_crash(outcome)
    must(outcome.findings, "the bad example has no finding")
    for finding in outcome.findings:
        must(finding.rule == rule.id, f"a finding says it is of {finding.rule}: {finding.message}")
        must(finding.message.strip(), "a finding has no message")
    _are_inside(outcome, {FILE: rule.bad.template})


def _leaves_good_alone(rule: SourceRule) -> None:
    outcome = run_example(rule, rule.good)
    _did_not_crash(outcome)
    said = "\n".join(f"  {finding.origin.source} {finding.id}: {finding.message}" for finding in outcome.findings)
    must(not outcome.findings, said)


def _survives_anything(rule: SourceRule) -> None:
    """All at once: rules that start another program start it once."""
    for example in (rule.bad, rule.good):
        texts = {f"m{number}.py": text for number, text in enumerate(_mutations(example.template))}
        outcome = run_example(rule, example, texts)
        _did_not_crash(outcome)
        outcome.findings = [finding for finding in outcome.findings if finding.rule == rule.id]
        _are_inside(outcome, texts)


def _did_not_crash(outcome: Outcome) -> None:
    for crash in outcome.crashes:
        raise AssertionError(f"{crash.finding.message}\n{crash.traceback}")


def _are_inside(outcome: Outcome, texts: Mapping[str, str]) -> None:
    for finding in outcome.findings:
        file, line, column = finding.origin.place
        must(file in texts, f"{file} is none of the files")
        lines = texts[file].split("\n")
        inside = 1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1
        must(inside, f"{line}:{column} is not in the file:\n{texts[file]}")


def _mutations(text: str) -> Iterator[str]:
    """``text`` cut at each line's end, and with each statement replaced: by one of its own, by each of `STATEMENTS`."""
    lines = text.splitlines(keepends=True)
    yield from ("".join(lines[:count]) for count in range(len(lines)))
    tree = ast.parse(text)
    others = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    own = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    for number, node in enumerate(own):
        yield _replaced(tree, node, [others[number - 1]])
        yield from (_replaced(tree, node, ast.parse(statement).body) for statement in STATEMENTS)


def _replaced(tree: ast.Module, old: ast.stmt, new: list[ast.stmt]) -> str:
    """The text of ``tree`` with statements in place of one."""
    blocks = (value for node in ast.walk(tree) for _, value in ast.iter_fields(node) if isinstance(value, list))
    block = next(block for block in blocks if any(item is old for item in block))
    before = list(block)
    at = next(index for index, item in enumerate(block) if item is old)
    block[at : at + 1] = new
    try:
        return ast.unparse(tree)
    finally:
        block[:] = before


_CONTRACT: Final[Mapping[str, Callable[[SourceRule], None]]] = {
    "it is described": is_described,
    "bad is found": _finds_bad,
    "good is clean": _leaves_good_alone,
    "it never crashes": _survives_anything,
}
