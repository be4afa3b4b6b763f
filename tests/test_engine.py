"""The engine: order, passes, crashes, suppressions, fixes that fail."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.engine import MAX_PASSES, Outcome
from cdk_guardrails.errors import SuppressionError
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, Severity
from cdk_guardrails.settings import RuleOverride, RuleSettings, Settings
from cdk_guardrails.suppressions import Suppression, Suppressions, from_metadata, make
from cdk_guardrails.template import APP, TEMPLATE, App, Edit, Origin, Resource, Template

TODAY = datetime.date(2027, 1, 31)

Fixes = Callable[[Finding, Resource, Template], Sequence[Edit]]
Checks = Callable[[Resource, Template], Sequence[str]]


class Flag(Rule):
    """Resources have a flag.

    A rule for these tests, made to measure: what it finds (details; "" for none) and how it fixes.
    """

    why = "Tests need it."
    concern = Concern.OUTPUTS
    bad = good = Example("Resources: {}")

    def __init__(
        self,
        id_: str = "flag",
        *,
        types: tuple[str, ...] = ("T",),
        finds: Checks | None = None,
        fixes: Fixes | None = None,
        order: int = 50,
        safety: FixSafety = FixSafety.SAFE,
        profiles: tuple[str, ...] = ("dev", "staging", "prod"),
    ) -> None:
        # Class variables of a rule; each instance here is a rule of its own.
        vars(self).update(id=id_, resource_types=types, order=order, fix_safety=safety, profiles=profiles)
        self.name = id_.title().replace("-", "")
        self.finds = finds or (lambda resource, template: [] if resource.get(self.name) else [""])
        self.fixes = fixes or (lambda finding, resource, template: [resource.set(self.name, True)])

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for detail in self.finds(resource, template):
            yield self.finding(resource, f"no {self.name}", self.name, detail=detail)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield from self.fixes(finding, resource, template)


def template(resources: Mapping[str, Any] | None = None, **sections: Any) -> Template:
    """A template, by default with one resource A of type T."""
    return Template({"Resources": {"A": {"Type": "T"}} if resources is None else dict(resources), **sections})


def run(
    target: Template,
    *rules: Rule,
    fix: bool = True,
    suppressions: Sequence[Suppression] = (),
    unsuppressable: frozenset[str] = frozenset(),
    ignored: bool = False,
    **settings: Any,
) -> Outcome:
    held = Suppressions(TODAY, list(suppressions), unsuppressable, ignored)
    return engine.run(target.app, rules, Settings(today=TODAY, **settings), held, fix=fix)


def ids(outcome: Outcome) -> list[str]:
    return [f"{finding.id} {finding.logical_id}".strip() for finding in outcome.findings]


def fixed(outcome: Outcome) -> list[str]:
    return [fix.finding.id for fix in outcome.fixes]


# Check and fix.


def test_a_check_changes_nothing() -> None:
    target = template()
    outcome = run(target, Flag(), fix=False)
    assert target.data == {"Resources": {"A": {"Type": "T"}}}
    assert ids(outcome) == ["flag A"]
    assert (outcome.fixes, outcome.failed, outcome.crashes, outcome.settled) == ([], [], [], True)
    assert outcome.rules_run == 1


def test_a_finding_says_where_it_stands() -> None:
    app = App()
    Template({"Resources": {"A": {"Type": "T"}}}, name="stack", app=app, origins={"A": Origin("App/A", "app.py:7")})
    outcome = engine.run(app, [Flag()], Settings(), Suppressions(TODAY), fix=False)
    finding = outcome.findings[0]
    assert finding.template == "stack"
    assert finding.resource_type == "T"
    assert finding.origin == Origin("App/A", "app.py:7")
    assert finding.path == ("Resources", "A", "Properties", "Flag")
    assert finding.location == "Properties.Flag"


def test_a_fix_lands_in_the_ledger() -> None:
    target = template({"A": {"Type": "T", "Properties": {"Flag": False}}})
    outcome = run(target, Flag())
    assert target.data == {"Resources": {"A": {"Type": "T", "Properties": {"Flag": True}}}}
    assert outcome.findings == []
    [fix] = outcome.fixes
    assert (fix.finding.id, fix.before, fix.safety) == ("flag", False, FixSafety.SAFE)
    assert fix.edit == Edit("set", ("Resources", "A", "Properties", "Flag"), True)
    assert outcome.edits("template") == [fix.edit]
    assert outcome.edits("another") == []


def test_only_resources_of_the_rules_types_are_judged() -> None:
    resources = {"A": {"Type": "T"}, "B": {"Type": "U"}, "C": {"Type": "V"}}
    assert ids(run(template(resources), Flag(types=("V", "T")), fix=False)) == ["flag C", "flag A"]
    assert ids(run(template(resources), Flag(types=("*",)), fix=False)) == ["flag A", "flag B", "flag C"]


def test_rules_about_a_template_and_about_an_app() -> None:
    app = App()
    for name in ("first", "second"):
        Template({"Resources": {}}, name=name, app=app)
    seen: list[tuple[str, str]] = []

    def finds(resource: Resource, target: Template) -> list[str]:
        seen.append((resource.type, target.name))
        return [""]

    rules = [Flag("of-template", types=(TEMPLATE,), finds=finds), Flag("of-app", types=(APP,), finds=finds)]
    outcome = engine.run(app, rules, Settings(), Suppressions(TODAY), fix=False)
    assert seen == [(APP, "first"), (TEMPLATE, "first"), (TEMPLATE, "second")]
    assert [(item.rule, item.origin.construct_path) for item in outcome.findings] == [
        ("of-app", "first"),
        ("of-template", "first"),
        ("of-template", "second"),
    ]


def test_covers_decides_who_is_judged() -> None:
    target = template({"A": {"Type": "T"}, "B": {"Type": "T"}})
    settings = Settings()
    outcome = engine.run(
        target.app, [Flag()], settings, Suppressions(TODAY), fix=True, covers=lambda _, id_, __: id_ == "B"
    )
    assert fixed(outcome) == ["flag"]
    assert target.resources["A"].raw("Flag") is None


def test_an_app_without_templates() -> None:
    outcome = engine.run(App(), [Flag(types=(APP, TEMPLATE, "*"))], Settings(), Suppressions(TODAY), fix=True)
    assert outcome == Outcome()


# Order and passes.


def test_rules_run_by_order_and_then_by_id() -> None:
    target = template()
    rules = [Flag("b"), Flag("z", order=1), Flag("c"), Flag("a", order=99), Flag("a-first", order=1)]
    assert fixed(run(target, *rules)) == ["a-first", "z", "b", "c", "a"]


def test_a_rule_sees_what_earlier_rules_did() -> None:
    late = Flag("late", finds=lambda resource, _: [""] if resource.get("Early") and not resource.get("Late") else [])
    assert fixed(run(template(), late, Flag("early"))) == ["early", "late"]


def test_an_earlier_rule_looks_again_at_what_a_later_one_touched() -> None:
    early = Flag("a", finds=lambda resource, _: [""] if resource.get("B") and not resource.get("A") else [])
    assert fixed(run(template(), early, Flag("b"))) == ["b", "a"]


def adding(id_: str, logical_id: str, properties: dict[str, Any]) -> Flag:
    """A rule that adds a resource of type U to a template without it."""
    return Flag(
        id_,
        finds=lambda _, target: [] if logical_id in target.resources else [""],
        fixes=lambda _, __, target: [target.add(logical_id, "U", properties)],
    )


def test_added_resources_are_judged_themselves() -> None:
    target = template()
    outcome = run(target, Flag("a-flag", types=("U",)), adding("b-add", "New", {}))
    assert fixed(outcome) == ["b-add", "a-flag"]
    assert target.data["Resources"]["New"] == {"Type": "U", "Properties": {"AFlag": True}}
    assert outcome.findings == []


def test_an_added_resource_is_judged_by_the_rule_that_added_it() -> None:
    rule = Flag(
        types=("T", "U"),
        finds=lambda resource, target: [] if resource.get("Done") else [""],
        fixes=lambda _, resource, target: [
            resource.set("Done", True),
            *([target.add("New", "U", {})] if resource.type == "T" else []),
        ],
    )
    target = template()
    run(target, rule)
    assert target.data["Resources"]["New"]["Properties"] == {"Done": True}


def test_neighbours_of_what_was_touched_are_looked_at_again() -> None:
    """A rule about B that reads A, which a later rule changes."""
    resources = {"A": {"Type": "T"}, "B": {"Type": "U", "Properties": {"Of": {"Ref": "A"}}}}
    reader = Flag("a", types=("U",), finds=lambda _, target: [""] if target.resources["A"].get("B") else [])
    assert ids(run(template(resources), reader, Flag("b", safety=FixSafety.SAFE))) == ["a B"]


def test_a_finding_that_a_later_fix_put_right_is_not_reported() -> None:
    resources = {"A": {"Type": "T"}, "B": {"Type": "U"}}
    reader = Flag(
        "a", types=("U",), safety=FixSafety.NONE, finds=lambda _, target: [] if target.resources["A"].get("B") else [""]
    )
    assert ids(run(template(resources), reader, fix=False)) == ["a B"]
    assert ids(run(template(resources), reader, Flag("b"))) == []


def test_a_finding_on_a_resource_that_is_gone_is_not_reported() -> None:
    target = template({"A": {"Type": "T"}, "B": {"Type": "U"}})
    rules = [
        Flag("a", types=("U",), safety=FixSafety.NONE),
        Flag(
            "b",
            finds=lambda _, found: [""] if "B" in found.resources else [],
            fixes=lambda *_: [Edit("remove", ("Resources", "B"))],
        ),
    ]
    assert ids(run(target, *rules)) == []


def test_a_template_finding_is_looked_at_again_as_one() -> None:
    seen: list[str] = []

    def finds(resource: Resource, target: Template) -> list[str]:
        seen.append(resource.type)
        return [""]

    for type_ in (TEMPLATE, APP):
        outcome = run(template(), Flag("a", types=(type_,), safety=FixSafety.NONE, finds=finds), Flag("b"))
        assert ids(outcome) == ["a"]
        assert set(seen) == {type_}
        seen.clear()


def test_later_rules_see_what_earlier_rules_change_in_a_later_pass() -> None:
    early = Flag("a", finds=lambda resource, _: [""] if resource.get("B") and not resource.get("A") else [])
    late = Flag("c", finds=lambda resource, _: [""] if resource.get("A") and not resource.get("C") else [])
    assert fixed(run(template(), early, Flag("b"), late)) == ["b", "a", "c"]


def test_rules_of_a_neighbour_see_what_changes_in_a_later_pass() -> None:
    resources = {"A": {"Type": "T"}, "B": {"Type": "U", "Properties": {"Of": {"Ref": "A"}}}}
    early = Flag("a", finds=lambda resource, _: [""] if resource.get("B") and not resource.get("A") else [])
    reader = Flag("c", types=("U",), finds=lambda _, target: [""] if target.resources["A"].get("A") else [])
    assert ids(run(template(resources), early, Flag("b"), reader)) == ["c B"]


def test_passes_settle() -> None:
    """Each rule asks for what the one before it in the order does last."""
    names = [f"r{number}" for number in range(5)]

    def needs(previous: str | None, own: str) -> Checks:
        return lambda resource, _: [""] if (not previous or resource.get(previous)) and not resource.get(own) else []

    chain = [
        Flag(name, order=-number, finds=needs(names[number - 1].title() if number else None, name.title()))
        for number, name in enumerate(names)
    ]
    outcome = run(template(), *chain)
    assert fixed(outcome) == names
    assert outcome.settled


def test_fixes_that_undo_each_other_do_not_settle() -> None:
    rules = [
        Flag(
            id_,
            finds=lambda resource, _, id_=id_: [] if resource.get("By") == id_ else [""],  # type: ignore[misc]
            fixes=lambda finding, resource, _: [resource.set("By", finding.rule)],
        )
        for id_ in ("a", "b")
    ]
    outcome = run(template(), *rules)
    assert not outcome.settled
    assert fixed(outcome)[:4] == ["a", "b", "a", "b"]
    assert len(outcome.fixes) >= MAX_PASSES
    assert len(ids(outcome)) == 1


def test_the_same_input_gives_the_same_outcome() -> None:
    rules = [Flag("b"), adding("c", "New", {}), Flag("a", types=("U", "T"))]
    first, second = run(template(), *rules), run(template(), *reversed(rules))
    assert first == second


# Crashes.


def crash(*_: Any) -> Any:
    raise ValueError("boom")


def test_a_crash_in_check_is_a_finding_and_hides_no_other() -> None:
    resources = {"A": {"Type": "T"}, "B": {"Type": "U"}}
    outcome = run(template(resources), Flag("a", finds=crash), Flag("b", safety=FixSafety.NONE, types=("T", "U")))
    assert ids(outcome) == ["b A", "b B", "rule-crashed[a] A"]
    [crashed] = outcome.crashes
    finding = crashed.finding
    assert finding.message == "the rule a crashed on this resource: ValueError: boom"
    assert finding.severity is Severity.ERROR
    assert (finding.template, finding.resource_type) == ("template", "T")
    assert "ValueError: boom" in crashed.traceback
    assert "in crash" in crashed.traceback


def test_a_crash_after_a_finding_is_a_crash_only() -> None:
    def finds(resource: Resource, _: Template) -> Iterator[str]:
        yield "first"
        crash()

    assert ids(run(template(), Flag(finds=finds), fix=False)) == ["rule-crashed[flag] A"]  # type: ignore[arg-type]


def test_a_crash_on_one_resource_leaves_the_others() -> None:
    def finds(resource: Resource, _: Template) -> list[str]:
        return crash() if resource.logical_id == "A" else [""]

    target = template({"A": {"Type": "T"}, "B": {"Type": "T"}})
    assert ids(run(target, Flag(finds=finds), fix=False)) == ["flag B", "rule-crashed[flag] A"]


def test_a_crash_in_fix_keeps_the_finding_and_the_other_fixes() -> None:
    def fixes(finding: Finding, resource: Resource, _: Template) -> Iterator[Edit]:
        yield resource.set("Half", True)
        crash()

    target = template()
    outcome = run(target, Flag("a", fixes=fixes), Flag("b"))  # type: ignore[arg-type]
    assert target.data["Resources"]["A"]["Properties"] == {"B": True}
    assert fixed(outcome) == ["b"]
    assert ids(outcome) == ["a A", "rule-crashed[a] A"]


def test_a_crash_of_a_rule_about_the_app() -> None:
    outcome = run(template(), Flag(types=(APP,), finds=crash))
    assert ids(outcome) == ["rule-crashed[flag]"]


# Fixes that fail.


def test_a_fix_that_cannot_be_applied_is_reported_and_the_finding_stays() -> None:
    target = template({"A": {"Type": "T", "Properties": {"Config": {"Ref": "P"}}}})
    untouched = copy.deepcopy(target.data)
    rule = Flag(fixes=lambda _, resource, __: [resource.set("Flag", True), resource.set("Config.Flag", True)])
    outcome = run(target, rule)
    assert target.data == untouched, "the first half has been applied"
    assert ids(outcome) == ["flag A"]
    assert outcome.fixes == []
    [(finding, error)] = outcome.failed
    assert finding.id == "flag"
    assert error.startswith(
        "cannot set Resources.A.Properties.Config.Flag: Resources.A.Properties.Config is not a plain"
    )


def test_one_finding_of_two_may_fail() -> None:
    target = template({"A": {"Type": "T", "Properties": {"Config": {"Ref": "P"}}}})
    rule = Flag(
        finds=lambda resource, _: ["Config"] if resource.get("Other.Flag") else ["Config", "Other"],
        fixes=lambda finding, resource, _: [resource.set(f"{finding.detail}.Flag", True)],
    )
    outcome = run(target, rule)
    assert fixed(outcome) == ["flag[Other]"]
    assert ids(outcome) == ["flag[Config] A"]
    assert [finding.id for finding, _ in outcome.failed] == ["flag[Config]"]


def test_a_fix_that_works_in_a_later_pass_has_not_failed() -> None:
    target = template({"A": {"Type": "T", "Properties": {"Config": "text"}}})
    early = Flag(
        "a",
        finds=lambda resource, _: [] if resource.get("Config.A") else [""],
        fixes=lambda _, resource, __: [resource.set("Config.A", True)],
    )
    late = Flag(
        "b",
        finds=lambda resource, _: [""] if resource.get("Config") == "text" else [],
        fixes=lambda _, resource, __: [resource.set("Config", {})],
    )
    outcome = run(target, early, late)
    assert target.data["Resources"]["A"]["Properties"] == {"Config": {"A": True}}
    assert (outcome.failed, outcome.findings) == ([], [])


def test_a_fix_without_edits_leaves_the_finding() -> None:
    outcome = run(template(), Flag(fixes=lambda *_: []))
    assert ids(outcome) == ["flag A"]
    assert (outcome.fixes, outcome.failed, outcome.settled) == ([], [], True)


# Settings.


@pytest.mark.parametrize(
    ("safety", "settings", "is_fixed"),
    [
        (FixSafety.SAFE, {}, True),
        (FixSafety.SAFE, {"rules": {"flag": RuleOverride(fix=False)}}, False),
        (FixSafety.UNSAFE, {}, False),
        (FixSafety.UNSAFE, {"unsafe_fixes": True}, True),
        (FixSafety.UNSAFE, {"rules": {"flag": RuleOverride(fix=True)}}, True),
        (FixSafety.UNSAFE, {"unsafe_fixes": True, "rules": {"flag": RuleOverride(fix=False)}}, False),
        (FixSafety.NONE, {"unsafe_fixes": True, "rules": {"flag": RuleOverride(fix=True)}}, False),
    ],
)
def test_which_fixes_are_applied(safety: FixSafety, settings: dict[str, Any], is_fixed: bool) -> None:
    outcome = run(template(), Flag(safety=safety), **settings)
    assert (fixed(outcome), ids(outcome)) == ((["flag"], []) if is_fixed else ([], ["flag A"]))


@pytest.mark.parametrize(
    ("environment", "override", "severity"),
    [
        ("prod", None, Severity.ERROR),
        ("dev", None, None),
        ("dev", RuleOverride(), Severity.ERROR),
        ("dev", RuleOverride(severity="warning"), Severity.WARNING),
        ("prod", RuleOverride(severity="warning"), Severity.WARNING),
        ("prod", RuleOverride(severity="off"), None),
    ],
)
def test_severity(environment: str, override: RuleOverride | None, severity: Severity | None) -> None:
    rule = Flag(profiles=("prod",))
    outcome = run(template(), rule, fix=False, environment=environment, rules={"flag": override} if override else {})
    assert [finding.severity for finding in outcome.findings] == ([severity] if severity else [])
    assert outcome.rules_run == (1 if severity else 0)


# Suppressions.


def with_path(path: str = "App/Stack/A") -> Template:
    return Template({"Resources": {"A": {"Type": "T"}}}, origins={"A": Origin(path)})


def test_a_suppression_holds_back_finding_and_fix() -> None:
    target, entry = with_path(), Suppression("flag", "why", path="App/Stack")
    outcome = run(target, Flag(), suppressions=[entry])
    assert target.data == {"Resources": {"A": {"Type": "T"}}}
    assert (outcome.findings, outcome.fixes) == ([], [])
    assert [(finding.id, held) for finding, held in outcome.suppressed] == [("flag", entry)]


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        (Suppression("flag", "why"), True),
        (Suppression("flag", "why", path="App"), True),
        (Suppression("flag", "why", path="App/Stack/A"), True),
        (Suppression("flag", "why", path="App/Stack/A/Resource"), False),
        (Suppression("flag", "why", path="App/St"), False),
        (Suppression("flag", "why", path="Stack"), False),
        (Suppression("flag", "why", path="*/Stack"), True),
        (Suppression("flag", "why", path="App/*/A"), True),
        (Suppression("flag", "why", path="App/S?ack"), True),
        (Suppression("flag", "why", path="App/[ST]tack/A"), True),
        (Suppression("flag", "why", path="*/B"), False),
        (Suppression("flag", "why", template="template", logical_id="A"), True),
        (Suppression("flag", "why", template="template", logical_id="B"), False),
        (Suppression("flag", "why", template="another", logical_id="A"), False),
        (Suppression("other", "why"), False),
        (Suppression("flag[x]", "why"), False),
        (Suppression("flag", "why", until="2027-01-31"), True),
        (Suppression("flag", "why", until="2027-01-30"), False),
        (Suppression("flag", "why", until="2027-02-30"), False),
        (Suppression("flag", "why", until="soon"), False),
    ],
)
def test_what_a_suppression_covers(entry: Suppression, holds: bool) -> None:
    outcome = run(with_path(), Flag(), fix=False, suppressions=[entry])
    assert bool(outcome.suppressed) == holds
    assert bool(outcome.findings) == (not holds)


def test_a_detail_is_suppressed_alone_and_with_its_rule() -> None:
    rule = Flag(finds=lambda *_: ["s3:*", "sqs:*"], safety=FixSafety.NONE)
    assert ids(run(with_path(), rule, suppressions=[Suppression("flag[s3:*]", "why")])) == ["flag[sqs:*] A"]
    assert ids(run(with_path(), rule, suppressions=[Suppression("flag", "why")])) == []


def test_a_suppressed_detail_is_not_fixed_and_the_other_is() -> None:
    rule = Flag(
        finds=lambda resource, _: [name for name in ("X", "Y") if not resource.get(name)],
        fixes=lambda finding, resource, _: [resource.set(finding.detail, True)],
    )
    target = with_path()
    outcome = run(target, rule, suppressions=[Suppression("flag[X]", "why")])
    assert target.data["Resources"]["A"]["Properties"] == {"Y": True}
    assert (ids(outcome), len(outcome.suppressed)) == ([], 1)


def test_a_crash_is_not_suppressed_with_its_rule() -> None:
    assert ids(run(with_path(), Flag(finds=crash), suppressions=[Suppression("flag", "why")])) == [
        "rule-crashed[flag] A"
    ]


def test_used_unused_and_expired_suppressions() -> None:
    used, unused = Suppression("flag", "why", path="App"), Suppression("flag", "why", path="App/B")
    expired = Suppression("flag", "why", path="App", until="2026-12-31")
    held = Suppressions(TODAY, [used, unused, expired, used])
    engine.run(with_path().app, [Flag()], Settings(), held, fix=False)
    assert held.entries == [used, unused, expired]
    assert (held.used, held.unused(), held.expired_used) == ({used}, [unused], {expired})


def test_an_expired_suppression_lets_the_fix_through() -> None:
    assert fixed(run(with_path(), Flag(), suppressions=[Suppression("flag", "why", until="2027-01-30")])) == ["flag"]


def test_a_rule_that_may_not_be_suppressed() -> None:
    entry = Suppression("flag", "why")
    outcome = run(with_path(), Flag(), fix=False, suppressions=[entry], unsuppressable=frozenset({"flag"}))
    assert (ids(outcome), outcome.suppressed) == (["flag A"], [])


def test_an_audit_ignores_suppressions() -> None:
    outcome = run(with_path(), Flag(), fix=False, suppressions=[Suppression("flag", "why")], ignored=True)
    assert (ids(outcome), outcome.suppressed) == (["flag A"], [])


def test_suppressions_are_made_of_checked_words() -> None:
    known = ("s3-versioning", "iam-wildcard-action")
    assert make("s3-versioning", " why ", None, known, path="App") == Suppression("s3-versioning", "why", path="App")
    namespaced = make("cdk-guardrails::iam-wildcard-action[s3:*]", "why", datetime.date(2027, 1, 1), known)
    assert namespaced == Suppression("iam-wildcard-action[s3:*]", "why", until="2027-01-01")
    assert (namespaced.rule, namespaced.where) == ("iam-wildcard-action", "the whole app")
    assert make("s3-versioning", "why", datetime.datetime(2027, 1, 1, 12), known).until == "2027-01-01"
    assert make("s3-versioning", "why", "2027-01-01", known).until == "2027-01-01"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("s3-version", "why", None), "there is no rule 's3-version'. Did you mean 's3-versioning'?"),
        (("s3-versioning", "  ", None), "suppressing 's3-versioning' needs a reason"),
        (("s3-versioning", None, None), "suppressing 's3-versioning' needs a reason"),
        (("s3-versioning", "why", "2027-02-30"), "until must be a date like 2027-01-31, not '2027-02-30'"),
        (("s3-versioning", "why", 2027), "until must be a date like 2027-01-31, not '2027'"),
        ((None, "why", None), "a suppression needs the id of a rule, not None"),
    ],
)
def test_suppressions_of_wrong_words(words: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(SuppressionError) as error:
        make(*words, known_rules=("s3-versioning",))
    assert message in str(error.value)


def test_suppressions_in_metadata() -> None:
    entry = {"id": "flag", "reason": "why", "until": "2027-01-31"}
    metadata = {"cdk-guardrails": {"suppress": [entry, "text", {"id": "other"}]}}
    where = {"template": "t", "logical_id": "A"}
    assert list(from_metadata("t", "A", metadata)) == [entry | where, {"id": "other"} | where]
    others: list[Any] = [None, "text", {}, {"cdk-guardrails": []}, {"cdk-guardrails": {"suppress": "text"}}]
    assert [list(from_metadata("t", "A", other)) for other in others] == [[]] * 5
