"""The file of known findings: what it holds back, how it is kept up to date, and what is wrong with a damaged one."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.baseline import Baseline, Baselines, baseline_of, load, load_or_empty
from cdk_guardrails.baseline.form import BaselineError, Entry, render, told
from cdk_guardrails.baseline.update import Terms, Update, terms, update, write
from cdk_guardrails.engine import Outcome
from cdk_guardrails.errors import SettingsError
from cdk_guardrails.own_findings import own
from cdk_guardrails.report.fingerprint import Identity
from cdk_guardrails.report.json_format import from_json, to_json
from cdk_guardrails.report.model import Report
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppression
from cdk_guardrails.template import Origin

TODAY = datetime.date(2026, 11, 21)
LATER = datetime.date(2027, 2, 19)
GIVEN = Terms("legacy", LATER)
SETTINGS = Settings(environment="prod", today=TODAY)

PATH = ("Resources", "B", "Properties", "VersioningConfiguration")
FOUND = Finding(
    "s3-versioning",
    "versioning is not enabled",
    "B",
    PATH,
    template="App",
    resource_type="AWS::S3::Bucket",
    origin=Origin("App/Bucket/Resource", "app.py:7"),
)
WILD = FOUND._replace(rule="iam-wildcard-action", detail="s3:*", path=("Resources", "B", "Properties", "Statement", 0))
PLAIN = FOUND._replace(template="infra/shop.yaml", origin=Origin("", "infra/shop.yaml:3"))
IN_CODE = Finding("source-unused-import", "unused", "", origin=Origin("", "app.py:3:1"))
KNOWN = Identity("s3-versioning", "App/Bucket/Resource", "", "", "Properties.VersioningConfiguration")


def report(*findings: Finding, **outcome: Any) -> Report:
    return Report.build([Outcome(findings=list(findings), **outcome)], SETTINGS)


def made(*findings: Finding, known: tuple[Entry, ...] = (), **options: Any) -> Update:
    return update(known, report(*findings), GIVEN, TODAY, **options)


def held(baseline: Baseline, *findings: Finding, settings: Settings = SETTINGS) -> Outcome:
    outcome = Outcome(findings=list(findings))
    baseline.hold(outcome, settings)
    return outcome


def entry(**changes: Any) -> Entry:
    return dataclasses.replace(Entry(KNOWN, "legacy", LATER), **changes)


def baseline(*entries: Entry) -> Baseline:
    return Baseline(Path("guardrails-baseline.json"), entries or (entry(),))


class TestForm:
    def test_an_entry_a_line_sorted_by_place(self) -> None:
        text = render(made(WILD, PLAIN, FOUND, IN_CODE).entries)
        assert text == (
            '{\n "version": 1,\n "entries": [\n'
            '  {"rule": "source-unused-import", "file": "app.py", "reason": "legacy", "until": "2027-02-19"},\n'
            '  {"rule": "s3-versioning", "file": "infra/shop.yaml", "resource": "B",'
            ' "property": "Properties.VersioningConfiguration", "reason": "legacy", "until": "2027-02-19"},\n'
            '  {"rule": "iam-wildcard-action[s3:*]", "construct": "App/Bucket/Resource",'
            ' "property": "Properties.Statement[]", "reason": "legacy", "until": "2027-02-19"},\n'
            '  {"rule": "s3-versioning", "construct": "App/Bucket/Resource",'
            ' "property": "Properties.VersioningConfiguration", "reason": "legacy", "until": "2027-02-19"}\n'
            " ]\n}\n"
        )

    def test_it_comes_back_as_it_was(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        entries = made(WILD, PLAIN, FOUND, IN_CODE, own_rule()).entries
        file.write_text(render(entries), encoding="utf-8")
        assert set(load(file).entries) == set(entries)
        assert render(load(file).entries) == render(reversed(entries)) == file.read_text(encoding="utf-8")

    def test_without_entries(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        file.write_text(render([]), encoding="utf-8")
        assert file.read_text() == '{\n "version": 1,\n "entries": []\n}\n'
        assert load(file).entries == ()

    def test_names_from_templates_cannot_deceive_a_reviewer(self, tmp_path: Path) -> None:
        hostile = KNOWN._replace(construct_path='a"},\n{"rule": "x\u202e\u2028\x1b[31m\ud800\U000e0041é')
        text = render([entry(identity=hostile)])
        assert r"a\"},\n{\"rule\": \"x\u202e\u2028\u001b[31m\ud800\udb40\udc41é" in text
        file = tmp_path / "known.json"
        file.write_text(text, encoding="utf-8")
        assert load(file).entries[0].identity == hostile
        assert told(hostile).isprintable()

    def test_a_file_with_a_byte_order_mark_and_windows_lines_is_the_same(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        file.write_bytes(b"\xef\xbb\xbf" + render([entry()]).replace("\n", "\r\n").encode())
        assert load(file).entries == (entry(),)
        assert not write(load(file), [entry()])


def own_rule() -> Finding:
    """A finding about no resource and no file."""
    return FOUND._replace(rule="waiting", logical_id="", template="", path=(), origin=Origin())


def rows(**changes: Any) -> str:
    """A baseline with one entry, in which keys are changed, or with None left out."""
    row = {"rule": "s3-versioning", "construct": "App/B", "reason": "legacy", "until": "2027-02-19", **changes}
    row = {key: value for key, value in row.items() if value is not None}
    return json.dumps({"version": 1, "entries": [row]})


AT = "entry 1 (s3-versioning at App/B)"
ONE = json.loads(rows())["entries"][0]


class TestDamaged:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "not a baseline: expected JSON: "),
            (rows()[:-30], "not a baseline: expected JSON: "),
            ("<<<<<<< ours\n", "not a baseline: expected JSON: "),
            ("[" * 200_000, "not a baseline: expected JSON: "),
            ("[]", "not a baseline: expected an object with a 'version': cdk-guardrails baseline writes one"),
            ('{"version": true, "entries": []}', "not a baseline: expected an object with a 'version'"),
            ('{"version": "1", "entries": []}', "not a baseline: expected an object with a 'version'"),
            ('{"version": 2}', "written by a newer cdk-guardrails (version 2, this one reads 1); upgrade"),
            ('{"version": 1}', "not a baseline: expected a list 'entries'"),
            ('{"version": 1, "entries": {}}', "not a baseline: expected a list 'entries'"),
            ('{"version": 1, "entires": []}', "there is no key 'entires'. Did you mean 'entries'?"),
            ('{"version": 1, "entries": [3]}', "entry 1: expected an object with rule, construct or file, reason"),
            (rows(resaon="x"), f"{AT}: there is no key 'resaon'. Did you mean 'reason'?"),
            (rows(line="3"), f"{AT}: there is no key 'line'."),
            (rows(reason=None), f"{AT}: it has no 'reason': say why this is not fixed yet"),
            (rows(reason="  "), f"{AT}: it has no 'reason'"),
            (rows(reason=3), f"{AT}: reason: expected a string, not 3"),
            (rows(until=None), f"{AT}: it has no 'until': give its last day, such as 2027-01-31"),
            (rows(until="soon"), f"{AT}: until: expected a date such as 2027-01-31, not 'soon'"),
            (rows(until="20270131"), f"{AT}: until: expected a date such as 2027-01-31, not '20270131'"),
            (rows(until="2027-02-30"), f"{AT}: until: expected a date such as 2027-01-31, not '2027-02-30'"),
            (rows(rule=None), "entry 1 (App/B): it has no 'rule': expected a rule's id, such as s3-versioning"),
            (rows(rule=["x"]), "entry 1 (App/B): rule: expected a string, not ['x']"),
            (
                rows(rule="rule-crashed[x]"),
                "entry 1 (rule-crashed[x] at App/B): no baseline holds rule-crashed[x]: it is",
            ),
            (rows(construct=None), "entry 1 (s3-versioning): expected either 'construct' (a construct path) or 'file'"),
            (rows(file="a.yaml"), f"{AT}: expected either 'construct' (a construct path) or 'file'"),
            (rows(resource="B"), f"{AT}: 'resource' (a logical id) belongs to a 'file', not to a 'construct'"),
            (
                json.dumps({"version": 1, "entries": [ONE, {**ONE, "reason": "another"}]}),
                "entry 2 (s3-versioning at App/B) is the same as entry 1: keep one of them",
            ),
            (
                '{"version": 1, "entries": [{"rule": "a", "rule": "b"}]}',
                "not a baseline: expected JSON: the key 'rule' is there twice, in an entry about 'a'",
            ),
            (rows(rule="a\nb\x1b[31m", until=None), r"entry 1 (a\nb\x1b[31m at App/B): it has no 'until'"),
        ],
    )
    def test_one_clear_line_names_the_file_and_the_entry(self, tmp_path: Path, text: str, said: str) -> None:
        (tmp_path / "known.json").write_text(text)
        with pytest.raises(BaselineError) as raised:
            load(tmp_path / "known.json")
        assert str(raised.value).startswith(f"known.json: {said}")
        assert str(raised.value).isprintable()
        assert isinstance(raised.value, SettingsError)

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "known.json").write_bytes(b"\xff\xfe{}")
        with pytest.raises(BaselineError, match=r"^known\.json: not a baseline: expected UTF-8 text: "):
            load(tmp_path / "known.json")

    def test_what_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(BaselineError, match=r"^none\.json: the baseline cannot be read: No such file"):
            load(tmp_path / "none.json")
        with pytest.raises(BaselineError, match="the baseline cannot be read: Is a directory"):
            load_or_empty(tmp_path)

    def test_a_link_to_nowhere_is_not_a_missing_file(self, tmp_path: Path) -> None:
        (tmp_path / "known.json").symlink_to(tmp_path / "none.json")
        with pytest.raises(BaselineError, match="cannot be read"):
            load_or_empty(tmp_path / "known.json")


class TestHold:
    def test_what_is_known_is_held_back(self) -> None:
        outcome = held(baseline(), FOUND)
        assert outcome.findings == []
        [(finding, by)] = outcome.suppressed
        assert finding == FOUND
        assert (by.reason, by.until, by.where) == ("legacy", "2027-02-19", "baseline guardrails-baseline.json")

    @pytest.mark.parametrize(
        "same",
        [
            FOUND._replace(message="said in other words"),
            FOUND._replace(origin=Origin("App/Bucket/Resource", "other.py:99")),
            FOUND._replace(severity=Severity.WARNING),
        ],
        ids=["message", "line", "severity"],
    )
    def test_the_same_finding_in_other_words_is_known(self, same: Finding) -> None:
        assert held(baseline(), same).findings == []

    @pytest.mark.parametrize(
        "new",
        [
            FOUND._replace(origin=Origin("App/Other/Resource")),
            FOUND._replace(path=("Resources", "B", "Properties", "LifecycleConfiguration")),
            FOUND._replace(detail="x"),
            FOUND._replace(rule="s3-encryption"),
        ],
        ids=["moved", "another property", "another detail", "another rule"],
    )
    def test_what_moved_or_grew_is_new(self, new: Finding) -> None:
        assert held(baseline(), new).findings == [new]

    def test_elements_of_a_list_may_move(self) -> None:
        known = baseline(*made(WILD).entries)
        assert held(known, WILD._replace(path=(*WILD.path[:-1], 5))).findings == []

    def test_a_resource_of_a_plain_template_and_a_file_of_code(self) -> None:
        known = baseline(*made(PLAIN, IN_CODE).entries)
        assert held(known, PLAIN, IN_CODE._replace(origin=Origin("", "app.py:80:2"))).findings == []
        other = PLAIN._replace(template="infra/other.yaml")
        assert held(known, other).findings == [other]

    def test_its_last_day_is_a_day_on_which_it_holds(self) -> None:
        assert held(baseline(entry(until=TODAY)), FOUND).findings == []

    def test_past_it_the_finding_is_back_and_says_so(self) -> None:
        outcome = held(baseline(entry(until=datetime.date(2026, 11, 20))), FOUND)
        said = "versioning is not enabled (its entry in guardrails-baseline.json ran out on 2026-11-20)"
        assert [finding.message for finding in outcome.findings] == [said]
        assert outcome.suppressed == []

    def test_an_audit_holds_nothing_back(self) -> None:
        settings = dataclasses.replace(SETTINGS, ignore_suppressions=True)
        assert held(baseline(), FOUND, settings=settings).findings == [FOUND]

    def test_a_rule_that_may_not_be_suppressed(self) -> None:
        settings = dataclasses.replace(SETTINGS, unsuppressable=frozenset({"s3-versioning"}))
        assert held(baseline(), FOUND, settings=settings).findings == [FOUND]


class TestNotes:
    def notes(self, known: Baseline, *findings: Finding, settings: Settings = SETTINGS) -> list[str]:
        outcome = held(known, *findings, settings=settings)
        return list(known.notes(settings, outcome.findings))

    def test_how_many_hold_and_until_when(self) -> None:
        other = entry(identity=KNOWN._replace(rule="iam-wildcard-action[s3:*]"), until=TODAY)
        assert self.notes(baseline(entry()), FOUND) == [
            "guardrails-baseline.json holds back findings by 1 entry; the first ends after 2027-02-19"
        ]
        known = baseline(entry(), other)
        known.used.add(other.identity)
        assert self.notes(known, FOUND) == [
            "guardrails-baseline.json holds back findings by 2 entries; the first ends after 2026-11-21"
        ]

    def test_those_that_are_gone(self) -> None:
        assert self.notes(baseline()) == ["1 entry of guardrails-baseline.json is gone: run cdk-guardrails baseline"]
        others = [entry(identity=KNOWN._replace(construct_path=path)) for path in "ABC"]
        assert self.notes(baseline(*others)) == [
            "3 entries of guardrails-baseline.json are gone: run cdk-guardrails baseline"
        ]

    def test_what_could_not_be_judged_is_not_called_gone(self) -> None:
        assert self.notes(baseline(), own("stage-uncovered", "not reached", "App")) == []

    def test_one_that_ran_out_is_neither(self) -> None:
        assert self.notes(baseline(entry(until=datetime.date(2026, 1, 1))), FOUND) == []

    def test_one_that_is_not_there_yet(self, tmp_path: Path) -> None:
        known = load_or_empty(tmp_path / "known.json")
        assert self.notes(known, FOUND) == ["there is no baseline known.json yet: cdk-guardrails baseline writes it"]

    def test_an_audit_has_none(self) -> None:
        assert self.notes(baseline(), settings=dataclasses.replace(SETTINGS, ignore_suppressions=True)) == []

    def test_settings_that_name_the_same_file_use_it_together(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        file.write_text(render(made(FOUND, WILD).entries))
        settings = dataclasses.replace(SETTINGS, baseline=file)
        both = Baselines()
        for finding in (FOUND, WILD):
            outcome = Outcome(findings=[finding])
            both.hold(outcome, dataclasses.replace(settings))
            assert outcome.findings == []
        assert both.notes([]) == ["known.json holds back findings by 2 entries; the first ends after 2027-02-19"]

    def test_settings_that_name_none(self) -> None:
        outcome = Outcome(findings=[FOUND])
        Baselines().hold(outcome, SETTINGS)
        assert outcome.findings == [FOUND]
        assert baseline_of(SETTINGS) is None


class TestUpdate:
    def test_the_first_one(self) -> None:
        result = made(FOUND, WILD)
        assert len(result.entries) == 2
        assert entry() in result.entries
        assert list(result.lines()) == [
            "new: iam-wildcard-action[s3:*] at App/Bucket/Resource, Properties.Statement[]",
            "new: s3-versioning at App/Bucket/Resource, Properties.VersioningConfiguration",
        ]
        assert result.summary() == "new 2, known 0, gone 0"

    def test_known_ones_keep_their_reason_and_date(self) -> None:
        mine = entry(reason="ticket 12", until=datetime.date(2026, 12, 1))
        result = made(FOUND, known=(mine,))
        assert result.entries == (mine,)
        assert list(result.lines()) == []

    def test_what_is_gone_is_dropped_and_listed(self) -> None:
        result = made(known=(entry(),))
        assert result.entries == ()
        assert list(result.lines()) == [
            "gone: s3-versioning at App/Bucket/Resource, Properties.VersioningConfiguration"
        ]

    def test_two_findings_of_one_identity_are_one_entry(self) -> None:
        assert len(made(WILD, WILD._replace(path=(*WILD.path[:-1], 5))).entries) == 1

    def test_the_same_report_twice_gives_the_same_bytes(self) -> None:
        findings = (FOUND, WILD, PLAIN, IN_CODE)
        first = made(*findings)
        again = update(reversed(first.entries), report(*reversed(findings)), Terms("other", TODAY), TODAY)
        assert render(again.entries) == render(first.entries)

    def test_what_a_baseline_held_back_is_not_gone(self) -> None:
        outcome = held(baseline(), FOUND)
        with_it = from_json(to_json(Report.build([outcome], SETTINGS)))
        assert with_it.findings == ()
        result = update([entry()], with_it, GIVEN, TODAY)
        assert (result.entries, result.gone, result.new) == ((entry(),), (), ())

    def test_what_somebody_suppressed_is(self) -> None:
        suppression = Suppression("s3-versioning", "scratch", path="App/Bucket")
        result = update([entry()], report(suppressed=[(FOUND, suppression)]), GIVEN, TODAY)
        assert result.gone == (KNOWN,)

    def test_one_that_ran_out_stays_so_unless_it_is_renewed(self) -> None:
        old = entry(reason="ticket 12", until=datetime.date(2026, 1, 1))
        result = made(FOUND, known=(old,))
        assert result.entries == (old,)
        assert list(result.lines()) == [
            "ran out: s3-versioning at App/Bucket/Resource, Properties.VersioningConfiguration"
        ]
        renewed = made(FOUND, known=(old,), renew=True)
        assert renewed.entries == (entry(reason="ticket 12"),)
        assert list(renewed.lines()) == []

    def test_renewing_leaves_alone_what_holds(self) -> None:
        mine = entry(until=datetime.date(2026, 12, 1))
        assert made(FOUND, known=(mine,), renew=True).entries == (mine,)

    def test_what_could_not_be_done_is_not_taken(self) -> None:
        result = made(own("stage-uncovered", "not reached", "Prod"), own("environment-unset", "none", ""))
        assert result.entries == ()
        why = "it is not what a rule found, but what could not be done"
        assert list(result.lines()) == [
            f"not taken: environment-unset at the whole app: {why}",
            f"not taken: stage-uncovered at Prod: {why}",
        ]

    def test_a_rule_that_may_not_be_suppressed_is_not_taken(self) -> None:
        settings = dataclasses.replace(SETTINGS, unsuppressable=frozenset({"s3-versioning"}))
        strict = Report.build([Outcome(findings=[FOUND])], settings)
        result = update([entry()], strict, GIVEN, TODAY)
        assert (result.entries, result.gone) == ((), (KNOWN,))
        assert [refused.why for refused in result.refused] == ["the settings say that this rule may not be suppressed"]

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            (own("rule-crashed", "", "App/Other", detail="s3-versioning"), True),
            (own("rule-crashed", "", "App/Bucket/Resource", detail="s3-encryption"), False),
            (own("rule-crashed", "the templates could not be checked", ""), True),
            (own("stage-uncovered", "", "App"), True),
            (own("stage-uncovered", "", "Ap"), False),
            (own("unresolved-construct", "", "App/Bucket/Resource"), True),
            (own("unresolved-construct", "", "App/Bucket/Resource/Child"), False),
            (own("linter-missing", "", ""), False),
            (own("source-unread", "", "", source="app.py:1"), False),
            (own("unused-suppression", "", "App"), False),
        ],
    )
    def test_what_was_not_judged_is_not_gone(self, said: Finding, kept: bool) -> None:
        result = made(said, known=(entry(),))
        assert (result.entries == (entry(),)) is kept
        assert (result.gone == (KNOWN,)) is not kept
        assert any(line.startswith("kept, since it was not judged: s3-versioning") for line in result.lines()) is kept

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            (own("linter-missing", "", ""), True),
            (own("linter-failed", "", ""), True),
            (own("source-unread", "", "", source="app.py:1"), True),
            (own("source-unread", "", "", source="other.py:1"), False),
        ],
    )
    def test_nor_is_what_stands_in_code(self, said: Finding, kept: bool) -> None:
        known = made(IN_CODE).entries
        assert (made(said, known=known).entries == known) is kept

    def test_names_from_templates_stay_in_their_line(self) -> None:
        [line] = made(FOUND._replace(origin=Origin("a\nnew: \x1b[31m\u202eb"))).lines()
        assert line == (r"new: s3-versioning at a\nnew: \x1b[31m\u202eb, Properties.VersioningConfiguration")


class TestTerms:
    def test_days_or_a_date(self) -> None:
        assert terms("", "90", TODAY) == ("known since 2026-11-21, not fixed yet", LATER)
        assert terms(" mine ", "2027-02-19", TODAY) == ("mine", LATER)
        assert terms("x", "0", TODAY).until == terms("x", "2026-11-21", TODAY).until == TODAY

    @pytest.mark.parametrize("text", ["", "soon", "-1", "3651", "2026-11-20", "9999-01-01", "9" * 30, "٣", "1.5"])
    def test_no_day_to_come(self, text: str) -> None:
        with pytest.raises(BaselineError, match=r"^--expires: expected a number of days up to 3650, or a date from"):
            terms("x", text, TODAY)


class TestWrite:
    def test_only_what_changes(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        assert write(load_or_empty(file), [entry()])
        assert not write(load(file), [entry()])
        assert write(load(file), [], only_check=True)
        assert load(file).entries == (entry(),)

    def test_a_file_by_hand_gets_its_form_back(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        file.write_text(json.dumps(json.loads(render([entry()])), indent=8))
        assert write(load(file), load(file).entries)
        assert file.read_text() == render([entry()])

    def test_there_is_no_first_one_without_entries(self, tmp_path: Path) -> None:
        assert not write(load_or_empty(tmp_path / "known.json"), [])
        assert list(tmp_path.iterdir()) == []

    def test_a_disk_that_takes_nothing_leaves_the_old_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "known.json"
        write(load_or_empty(file), [entry()])

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(
            BaselineError, match=r"^known\.json: the baseline cannot be written: No space left on device$"
        ):
            write(load(file), [])
        assert load(file).entries == (entry(),)
        assert [path.name for path in tmp_path.iterdir()] == ["known.json"]
