"""What `fix` would write for one finding alone, as replacements of text: for reports that offer fixes to an editor.

Each is worked out on the text as it was read: a reader applies one and judges again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_guardrails.checking import STDIN, Templates
from cdk_guardrails.engine import Outcome, stand_in
from cdk_guardrails.errors import EditError
from cdk_guardrails.masking import mask, mask_text
from cdk_guardrails.report.model import Replacement, Replacements
from cdk_guardrails.rules.base import Finding, FixSafety, Rule, Severity
from cdk_guardrails.settings import RuleSettings, Settings
from cdk_guardrails.template import Edit
from cdk_guardrails.template.loader import Source, splices
from cdk_guardrails.template.writing import Splice

MAX_TEXT: Final = 20_000_000
"""Characters of templates that are gone through for the fixes of one report, which takes some seconds: a template's,
once for each of its fixes."""

_YAML_TAKES: Final = 4
"""How many times as long YAML takes as JSON: what would be written is read back each time."""


def replacements(
    templates: Templates, outcome: Outcome, settings: Settings, rules: Iterable[Rule] = ()
) -> Replacements:
    """What the safe fixes of ``outcome``'s findings would write into plain templates that were read from files.

    Errors come first when there is too much for all; the outcome's notes say how many were left out. There is none for
    a finding whose fix cannot be applied, or would write out a secret.
    """
    offers = _Offers(templates, outcome, settings, {rule.id: rule for rule in rules})
    in_order = sorted(outcome.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    wanted = [(finding, edits) for finding in in_order if (edits := offers.edits(finding))]
    spent = itertools.accumulate(_cost(templates.sources[finding.template]) for finding, _ in wanted)
    within = [item for item, characters in zip(wanted, spent, strict=True) if characters <= MAX_TEXT]
    if left_out := len(wanted) - len(within):
        outcome.notes.append(f"the templates are too long for all fixes to stand in the report; left out: {left_out}")
    return {finding: made for finding, edits in within if (made := offers.written(finding, edits))}


def _cost(source: Source) -> int:
    return len(source.text) * (1 if source.format == "json" else _YAML_TAKES)


@dataclass
class _Offers:
    """Works out the replacements of findings, one by one."""

    templates: Templates
    outcome: Outcome
    settings: Settings
    rules: Mapping[str, Rule]
    _settings: dict[str, RuleSettings] = field(default_factory=dict)
    _secrets: dict[str, frozenset[str]] = field(default_factory=dict)

    def edits(self, finding: Finding) -> list[Edit]:
        """What the fix would change; nothing when there is none for a file, or it cannot be applied."""
        rule = self.rules.get(finding.rule)
        if rule is None or not self._is_for_file(rule, finding):
            return []
        [template] = [template for template in self.templates.app.templates if template.name == finding.template]
        try:
            id_ = finding.logical_id
            resource = template.resources[id_] if id_ else stand_in(rule, template)
            changes = list(rule.fix(finding, resource, template, self._settings_of(rule)))
            template.check_room(changes)
        except EditError:
            return []
        except Exception as error:  # a fix's crash must not cost the report
            said = mask_text(f"{type(error).__name__}: {error}")
            self.outcome.notes.append(f"the fix of {rule.id} crashed, so the report does not offer it: {said}")
            return []
        return changes

    def written(self, finding: Finding, changes: Sequence[Edit]) -> tuple[Replacement, ...]:
        """What ``changes`` write; nothing when the layout of the file does not take them."""
        source = self.templates.sources[finding.template]
        try:
            found = splices(source, changes)
        except EditError:
            return ()
        return () if self._tells_a_secret(source, found) else tuple(_replacement(source, item) for item in found)

    def _is_for_file(self, rule: Rule, finding: Finding) -> bool:
        """Whether `fix` would see to the finding, by a safe fix, and in a file."""
        is_in_file = finding.template in self.templates.sources and finding.template != STDIN
        return is_in_file and rule.fix_safety is FixSafety.SAFE and self._settings_of(rule).fixes

    def _settings_of(self, rule: Rule) -> RuleSettings:
        if rule.id not in self._settings:
            self._settings[rule.id] = self.settings.for_rule(rule)
        return self._settings[rule.id]

    def _tells_a_secret(self, source: Source, found: Sequence[Splice]) -> bool:
        """Whether a secret of the author's stands in the new text: masked, it would no longer be the fix."""
        if source.name not in self._secrets:
            self._secrets[source.name] = frozenset(_differing(source.data, mask(source.data)))
        secrets = self._secrets[source.name]
        return any(mask_text(text) != text or any(secret in text for secret in secrets) for _, _, text in found)


def _differing(value: Any, masked: Any) -> Iterator[str]:
    """The scalars, as text, that are masked in ``masked``."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _differing(item, masked[key])
    elif isinstance(value, list):
        for item, other in zip(value, masked, strict=True):
            yield from _differing(item, other)
    elif value != masked:
        yield str(value)


def _replacement(source: Source, splice: Splice) -> Replacement:
    return Replacement(source.name, *source.spot(splice.start), *source.spot(splice.end), splice.text)
