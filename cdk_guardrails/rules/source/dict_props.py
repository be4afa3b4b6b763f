"""source-dict-props."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, Severity, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.python_names import snake_case
from cdk_guardrails.source.struct_dicts import Reading, StructDict, struct_dicts

STRUCTS: Final = "https://docs.aws.amazon.com/cdk/v2/guide/work-with-cdk-python.html"


class DictProps(SourceRule):
    """Props are given as the CDK's structs, not as dicts.

    Checks dicts that stand where a struct is meant: literals, ``dict(...)`` and variables that hold one. What jsii does
    with them differs by place, so a key that is right in one is wrong in another:

    - a parameter that is a struct (``deploy_options={...}``), and a struct within such a dict: Python makes
      ``StageOptions(**{...})`` of it; other keys than its keywords (``stageName``) end the synth with a TypeError;
    - items of a list, values of a mapping, parameters of Cfn classes (a struct or IResolvable), assigned properties,
      structs that are passed by position, and all that is within: the dict goes to JavaScript as it is; only keys in
      camelCase are read, others (``transition_after``, ``BlockPublicAcls``) are dropped without a word, or the synth
      fails for a property that is missing;
    - ``**{...}``: the keys are keywords; ``*filters``: a dict is refused.

    Keys that are not read are errors. A dict whose keys are right is a warning (detail ``works``) that names the
    struct, which editors and type checkers know; that for a Cfn class, in camelCase, is left alone, and so are
    parameters that take any dict (policy documents, environment variables).
    """

    id = "source-dict-props"
    why = "jsii reads a dict's keys in one of two spellings, by place, and may drop the others without a word."
    concern = Concern.MAINTAINABILITY
    answers = ("A1.1",)
    same_as = SameAs(aws=(STRUCTS,))
    bad = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway


class Api(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        apigateway.RestApi(self, "Api", deploy_options={"stageName": "prod"})
""")
    good = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway


class Api(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        apigateway.RestApi(self, "Api", deploy_options=apigateway.StageOptions(stage_name="prod"))
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields an error for each dict with keys that are not read, a warning (``works``) for one that has none."""
        types = types_of(module.project)
        for given in struct_dicts(types, module):
            shown = types.shown(module, given.struct)
            wrong = {key.name: _meant(given, key.name) for key in given.keys if key.member is None}
            remedy = _remedy(given, shown, wrong)
            if given.reading is Reading.REFUSED:
                yield self.finding(module, given.node, f"{_REFUSED.format(given.given_as)}", remedy=remedy)
            elif wrong:
                yield self.finding(module, given.node, _wrong(given, shown, wrong), remedy=remedy)
            elif _is_better_as_struct(given):
                says = f"a dict is given as {given.given_as}; nothing checks its keys before the synth"
                warning = Severity.WARNING
                yield self.finding(module, given.node, says, remedy=remedy, detail="works", severity=warning)


_REFUSED: Final = "a dict is given as {}, where the synth fails for anything but the struct"

_CONSEQUENCES: Final = {
    Reading.PYTHON: "keys that {struct} does not take, for which the synth fails",
    Reading.UNPACKED: "keys that are no keywords of the call, for which the synth fails",
    Reading.JAVASCRIPT: "keys that jsii drops, since JavaScript reads this dict as {struct}",
}


_ALIKE: Final = 0.8
"""From which ratio of difflib on a key is one that is misspelt: ``transition_after`` is not ``transitions``."""


def _wrong(given: StructDict, shown: str, wrong: dict[str, str]) -> str:
    keys = ", ".join(f"{name} (it is {meant})" if meant else name for name, meant in wrong.items())
    return f"the dict given as {given.given_as} has {_CONSEQUENCES[given.reading].format(struct=shown)}: {keys}"


def _meant(given: StructDict, name: str) -> str:
    """The key that was meant, spelt as it is read at this place; "" when no key is near."""
    names = given.names
    by_snake = {member.name: key for key, member in names.items()}
    spelt = snake_case(name[:1].lower() + name[1:])
    for candidate in (spelt, snake_case(name)):
        if candidate in by_snake:
            return by_snake[candidate]
    folded = {key.replace("_", "").lower(): key for key in names}
    if found := folded.get(name.replace("_", "").replace("-", "").lower()):
        return found
    close = difflib.get_close_matches(spelt, sorted(by_snake), n=1, cutoff=_ALIKE)
    return by_snake[close[0]] if close else ""


def _remedy(given: StructDict, shown: str, wrong: dict[str, str]) -> str:
    """The struct with the keywords that the keys mean, without their values."""
    if given.reading is Reading.UNPACKED:
        keys = [meant for meant in wrong.values() if meant]
        return f"Use the keyword{'s' if keys[1:] else ''} {', '.join(keys)}." if keys else ""
    members = {**given.names}
    meant = (key.member or members.get(wrong.get(key.name, "")) for key in given.keys)
    keywords = ", ".join(f"{member.name}=..." for member in meant if member)
    return f"{shown}({keywords or '...'})"


def _is_better_as_struct(given: StructDict) -> bool:
    """Whether a dict with right keys is worth a word: not of a Cfn class, where dicts are usual, nor within another."""
    if given.nested or not given.keys or given.reading is Reading.UNPACKED:
        return False
    return not any(part.startswith("Cfn") for part in given.struct.name.split("."))
