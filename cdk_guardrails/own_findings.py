"""What the library reports of itself: a rule that crashed, a suppression of no use, a Stage that it could not reach."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.errors import SuppressionError
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import Ids
from cdk_guardrails.suppressions import NAMESPACE, Suppression, Suppressions, make
from cdk_guardrails.template import Origin

OWN_IDS: Final[Mapping[str, Severity]] = {
    "environment-unset": Severity.WARNING,
    "expired-suppression": Severity.ERROR,
    "fix-not-applied": Severity.ERROR,
    "invalid-suppression": Severity.ERROR,
    "linter-failed": Severity.ERROR,
    "linter-missing": Severity.WARNING,
    "nothing-to-guard": Severity.WARNING,
    "report-not-written": Severity.ERROR,
    "rule-crashed": Severity.ERROR,
    "source-unread": Severity.ERROR,
    "stage-uncovered": Severity.ERROR,
    "unresolved-construct": Severity.ERROR,
    "unused-suppression": Severity.WARNING,
}
"""The ids of these findings. They are not rules: no setting turns off that the library says what it could not do."""

_WHERE: Final = ("path", "template", "logical_id", "source", "line")


def own(id_: str, message: str, where: str, *, remedy: str = "", detail: str = "", source: str = "") -> Finding:
    """A finding about the construct at path ``where``."""
    return Finding(id_, message, "", (), remedy, detail, OWN_IDS[id_], where, "", Origin(where, source))


def read_suppressions(
    entries: Iterable[Mapping[str, Any]], today: datetime.date, unsuppressable: frozenset[str], ignored: bool
) -> tuple[Suppressions, list[Finding]]:
    """Suppressions from what hosts collect, and a finding for each that cannot be taken.

    An entry has ``id`` and ``reason``, perhaps ``until``, and says where it stands: ``path`` (a construct path or a
    glob), ``template`` and ``logical_id``, or ``line`` and ``lines`` of a comment. A bare id of CDK's ``acknowledge``
    that is no rule of ours is another plugin's business.
    """
    entries = list(entries)
    known = Ids(OWN_IDS)
    taken: list[Suppression] = []
    problems: list[Finding] = []
    for entry in entries:
        id_ = str(entry.get("id", "")).removeprefix("Annotation::").removeprefix("annotation::")
        if entry.get("form") == "acknowledge" and "::" not in id_ and id_.partition("[")[0] not in known:
            continue
        where: dict[str, Any] = {key: str(entry.get(key, "")) for key in _WHERE}
        where["lines"] = entry.get("lines", (0, 0))
        if entry.get("glob"):
            where["path"] = str(entry["glob"])
        if entry.get("form") == "acknowledge" and id_.startswith(NAMESPACE):
            where["acknowledged"] = id_
        try:
            taken.append(make(id_, entry.get("reason") or "", entry.get("until"), known, **where))
        except SuppressionError as error:
            place = str(entry.get("path") or entry.get("template", ""))
            detail = id_.removeprefix(NAMESPACE)
            more = {"detail": detail, "remedy": "Mend or remove it.", "source": str(entry.get("line", ""))}
            problems.append(own("invalid-suppression", str(error), place, **more))
    return Suppressions(today, taken, unsuppressable, ignored), problems


def about_suppressions(suppressions: Suppressions, judged: frozenset[str]) -> Iterator[Finding]:
    """Findings about suppressions that expired, may not be, or were of no use; ``judged`` are the rules that ran."""
    if suppressions.ignored:
        return
    for entry in sorted(suppressions.entries, key=lambda entry: (entry.where, entry.id)):
        more = {"detail": entry.id, "source": entry.line}
        where = "" if entry.line else entry.where
        if entry in suppressions.expired_used:
            message = f"the suppression of {entry.id} ran out on {entry.until}, so its finding is back"
            remedy = "Fix the finding, or renew it."
            yield own("expired-suppression", message, where, **more, remedy=remedy)
        elif entry.rule in suppressions.unsuppressable:
            message = f"{entry.id} is suppressed here, but the settings say that {entry.rule} may not be"
            yield own("invalid-suppression", message, where, **more, remedy="Remove the suppression.")
        elif entry not in suppressions.used and entry.rule in judged:
            message = f"the suppression of {entry.id} matches no finding"
            yield own("unused-suppression", message, where, **more, remedy="Remove it.")
