"""The HTML page: self-contained, hostile values shown and nothing more, the same bytes for the same report."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.engine import Crash, Fix, Judged, Outcome
from cdk_guardrails.masking import MASKED
from cdk_guardrails.report.html import render
from cdk_guardrails.report.html.changes import MAX_LINES, compared, in_short
from cdk_guardrails.report.html.map import Cell, Map, short_type
from cdk_guardrails.report.html.page import Page
from cdk_guardrails.report.model import FixEntry, Place, Report
from cdk_guardrails.rules.base import Finding, FixSafety, Severity
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppression
from cdk_guardrails.template import Edit, Origin

BUCKET = "AWS::S3::Bucket"
HOSTILE = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    '"><img src=x onerror=window.ran=1>',
    "' onfocus='window.ran=1' autofocus='",
    "javascript:window.ran=1",
    "<!--<script>",
    "]]>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;",
    "</title></style></textarea></pre></details>",
    "\u202egnp.exe\u2066",
    "\u05d0\u05d1\u05d2",
    "a\u2028b\x00c\x1b[31md\ud800",
)


class Seen(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]


def found(rule: str = "s3-versioning", logical_id: str = "Logs", **given: Any) -> Finding:
    known: dict[str, Any] = {
        "message": "the bucket keeps no old versions",
        "path": ("Resources", logical_id, "Properties", "VersioningConfiguration"),
        "remedy": "versioned=True",
        "template": "Shop",
        "resource_type": BUCKET,
        "origin": Origin(f"Shop/{logical_id}/Resource", "shop.py:7"),
    }
    return Finding(rule, logical_id=logical_id, **{**known, **given})


def fixed(finding: Finding, op: str = "set", before: Any = None, after: Any = "Enabled") -> Fix:
    path = ("Resources", finding.logical_id, "Properties", "VersioningConfiguration", "Status")
    return Fix(finding, Edit(op, path, after), before, FixSafety.SAFE)  # type: ignore[arg-type]


def shop() -> Report:
    """One of everything."""
    crashed = found("rule-crashed", "Table", message="it crashed", resource_type="AWS::DynamoDB::Table")
    outcome = Outcome(
        fixes=[fixed(found(logical_id="Site"), before="Suspended")],
        findings=[
            found(),
            found("s3-lifecycle", severity=Severity.WARNING, remedy="a lifecycle rule"),
            crashed,
            Finding("unused-suppression", "it is of no use", "", template="Shop/Logs", origin=Origin("Shop/Logs")),
            Finding("source-unread", "not linted", "", origin=Origin("", "shop.py:1")),
        ],
        suppressed=[
            (found(logical_id="Late"), Suppression("s3-versioning", "scratch", "2030-01-31", path="Shop/Late")),
            (found(logical_id="Soon"), Suppression("s3-versioning", "scratch", "2027-01-31", path="Shop/Soon")),
            (found(logical_id="Ever"), Suppression("s3-versioning", "scratch", "", path="Shop/Ever")),
        ],
        crashes=[Crash(crashed, "Traceback (most recent call last)")],
        failed=[(found(), "cannot set it")],
        resources=[
            *(Judged("Shop", f"Shop/{id_}/Resource", id_, BUCKET) for id_ in ("Late", "Logs", "Site", "Soon", "Ever")),
            Judged("Shop", "Shop/Queue/Resource", "Queue", "AWS::SQS::Queue"),
            Judged("Shop", "Shop/Table", "Table", "AWS::DynamoDB::Table"),
        ],
    )
    return Report.build([outcome], Settings(environment="prod", today=datetime.date(2026, 11, 21)))


def hostile() -> Report:
    """Hostile text wherever a template or a person can put some."""
    outcomes = []
    for number, text in enumerate(HOSTILE):
        type_ = f"AWS::{text}::T"
        origin = Origin(f"{text}/{text}", f"{text}:1")
        given: dict[str, Any] = {"detail": text, "template": text, "origin": origin, "resource_type": type_}
        finding = found(logical_id=text, message=text, remedy=text, path=("Resources", text, text), **given)
        path = ("Resources", text, "Properties", text)
        outcomes.append(
            Outcome(
                fixes=[Fix(finding, Edit("set", path, {text: [text]}), text, FixSafety.UNSAFE)],
                findings=[finding, finding._replace(rule=f"rule-{number}{text}", severity=Severity.WARNING)],
                suppressed=[(finding, Suppression("s3-versioning", text, text, path=text))],
                crashes=[Crash(finding, text)],
                failed=[(finding, text)],
                resources=[Judged(text, f"{text}/{text}", text, type_), Judged(text, text, f"{text}2", text)],
            )
        )
    return Report.build(outcomes, Settings(environment="prod"))


def many(findings: int) -> Report:
    """A large app: ``findings`` findings and a fifth as many fixes, of 20 rules on resources of 25 stacks."""
    outcome = Outcome()
    for number in range(findings):
        stack, id_ = f"Stack{number % 25}", f"Bucket{number // 2}"
        given: dict[str, Any] = {"template": stack, "origin": Origin(f"{stack}/{id_}/Resource", f"shop.py:{number}")}
        severity = Severity.ERROR if number % 3 else Severity.WARNING
        finding = found(f"rule-{number % 20}", id_, message="m" * 80, remedy="r" * 40, severity=severity, **given)
        outcome.findings.append(finding)
        outcome.resources.append(Judged(stack, f"{stack}/{id_}/Resource", id_, BUCKET))
        if number % 5 == 0:
            outcome.fixes.append(fixed(finding, after={"Status": "Enabled", "Rules": [{"Id": "x" * 40}] * 3}))
    return Report.build([outcome], Settings(environment="prod"))


class TestSelfContained:
    def test_it_refers_to_nothing_outside(self) -> None:
        seen = Seen(render(shop()))
        links = {
            value for _, given in seen.elements for key, value in given.items() if key in ("src", "href", "action")
        }
        assert all(link == "data:," or re.fullmatch(r"#(list|[es]\d+)", link or "") for link in links), links
        assert "http" not in re.sub(r"http-equiv", "", render(shop()))
        assert "@import" not in render(shop())
        assert "url(" not in render(shop())

    def test_its_policy_allows_its_own_style_and_script_only(self) -> None:
        page = render(shop())
        [policy] = [given["content"] for _, given in Seen(page).elements if "http-equiv" in given]
        rules = dict(rule.split(" ", 1) for rule in str(policy).split("; "))
        assert rules["default-src"] == "'none'"
        [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        for part, text in (("style-src", style), ("script-src", script)):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert rules[part] == f"'sha256-{digest}'"
        assert "unsafe" not in str(policy)

    def test_its_own_parts_are_ascii_so_that_no_encoding_breaks_the_hashes(self, root: Path) -> None:
        for file in (root / "cdk_guardrails" / "report" / "html").glob("page.[chj]*"):
            assert file.read_text(encoding="utf-8").isascii(), file.name

    def test_no_style_attribute_and_no_handler_stand_in_it(self) -> None:
        for page in (render(shop()), render(hostile())):
            names = {name for _, given in Seen(page).elements for name in given}
            assert "style" not in names
            assert [name for name in names if name.startswith("on")] == []


class TestHostileValues:
    def test_they_make_no_element(self) -> None:
        seen = Seen(render(hostile()))
        assert set(seen.tags) <= set(Seen(render(shop())).tags)
        assert seen.tags.count("script") == 2
        assert seen.tags.count("style") == seen.tags.count("title") == 1

    def test_they_are_shown_as_they_are(self) -> None:
        text = "".join(Seen(render(hostile())).text)
        for value in HOSTILE[:10]:
            assert value in text

    def test_what_nobody_would_see_is_spelled_out(self) -> None:
        page = render(hostile())
        assert "\\u202egnp.exe\\u2066" in page
        assert "a\\u2028b\\x00c\\x1b[31md\\ud800" in page
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\x00\x1b\ud800]", page)
        page.encode()

    def test_the_data_of_the_script_cannot_end_it(self) -> None:
        [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', render(hostile()), re.DOTALL)
        assert not re.search("[<>&\u2028\u2029]", data)
        assert set(HOSTILE) <= set(json.loads(data)["stack"])

    def test_secrets_stay_masked(self) -> None:
        path = ("Resources", "F", "Properties", "Environment", "Variables")
        change = Fix(found(), Edit("set", path, {"DB_PASSWORD": "hunter2"}), {"DB_PASSWORD": "hunter1"}, FixSafety.SAFE)
        crashed = found("rule-crashed", message='KeyError: DB_PASSWORD="hunter3"')
        outcome = Outcome(
            fixes=[change],
            findings=[crashed],
            crashes=[Crash(crashed, 'DB_PASSWORD="hunter4"')],
            failed=[(crashed, 'DB_PASSWORD="hunter5"')],
        )
        page = render(Report.build([outcome], Settings(environment="prod")))
        assert "hunter" not in page
        assert MASKED in page


class TestWhatItSays:
    def test_each_stack_has_what_is_left_fixed_and_suppressed(self) -> None:
        app, stack = Page.of(shop()).stacks
        assert (app.name, stack.name) == ("", "Shop")
        assert [(part.title, part.number) for part in stack.sections] == [
            ("Left to do", 4),
            ("Fixed", 1),
            ("Suppressed", 3),
        ]
        assert dict(stack.counts) == {"error": 3, "warning": 1, "fixed": 1, "suppressed": 3}
        assert [entry.rule for entry in app.entries] == ["source-unread"]

    def test_errors_come_first_then_the_rules_that_say_the_most(self) -> None:
        findings = [found("a-rule", severity=Severity.WARNING), found("c-rule"), found("b-rule"), found("c-rule", "Z")]
        [stack] = Page.of(Report.build([Outcome(findings=findings)], Settings(environment="prod"))).stacks
        groups = stack.sections[0].groups
        assert [(group.first.rule, len(group.entries)) for group in groups] == [
            ("c-rule", 2),
            ("b-rule", 1),
            ("a-rule", 1),
        ]
        assert groups[0].facts[0] == ("Do", "versioned=True")

    def test_suppressions_by_the_day_on_which_they_end(self) -> None:
        stack = Page.of(shop()).stacks[1]
        [group] = stack.sections[2].groups
        assert [entry.until for entry in group.entries] == ["2027-01-31", "2030-01-31", ""]
        page = render(shop())
        assert 'until <time datetime="2027-01-31">2027-01-31</time>' in page
        assert "<em>no end</em>" in page
        assert group.facts == [("Because", "scratch"), ("Source", "shop.py:7")]

    def test_crashes_and_fixes_that_failed_say_why(self) -> None:
        page = render(shop())
        assert "<pre>Traceback (most recent call last)</pre>" in page
        assert "<pre>The fix could not be applied: cannot set it</pre>" in page
        assert "Rules crashed: 1." in page
        assert "Fixes that could not be applied: 1." in page

    def test_before_and_after(self) -> None:
        page = render(shop())
        assert "<del>- Suspended</del>\n<ins>+ Enabled</ins>" in page
        assert "<code>VersioningConfiguration.Status</code> Suspended \u2192 Enabled" in page

    def test_a_report_of_nothing(self) -> None:
        page = render(Report.build([], Settings(environment="prod")))
        assert "Nothing was found and nothing needed a fix." in page
        assert 'class="map"' not in page

    def test_what_was_not_judged_and_did_not_settle_stands_at_the_top(self) -> None:
        missed = Finding("stage-uncovered", "not reached", "", template="Prod", origin=Origin("Prod"))
        page = render(Report.build([Outcome(findings=[missed], settled=False)], Settings(environment="prod")))
        assert "Parts of the app that were not judged: 1." in page
        assert "The fixes did not settle" in page

    def test_numbers_of_elements_are_those_of_the_data(self) -> None:
        page = render(shop())
        ids = [given["id"] for tag, given in Seen(page).elements if tag == "details" and "id" in given]
        data = Page.of(shop()).data
        assert ids == [f"e{number}" for number in range(len(data["entries"]))]
        assert [data["rule"][rule] for _, rule, _, _ in data["entries"]][:1] == ["source-unread"]


class TestMap:
    def test_a_cell_for_every_resource_by_service(self) -> None:
        stack = Page.of(shop()).stacks[1]
        assert [(service, [cell.name for cell in cells]) for service, cells in stack.map.services] == [
            ("DynamoDB", ["Table"]),
            ("S3", ["Ever", "Late", "Logs", "Site", "Soon"]),
            ("SQS", ["Queue"]),
        ]
        assert stack.map.states == [("error", 2), ("warning", 0), ("suppressed", 3), ("fixed", 1), ("clean", 1)]

    def test_what_the_cdk_counts_its_users_by_is_left_out(self) -> None:
        listed = Judged("Shop", "Shop/CDKMetadata/Default", "CDKMetadata", "AWS::CDK::Metadata")
        outcome = Outcome(findings=[found()], resources=[listed])
        [stack] = Page.of(Report.build([outcome], Settings(environment="prod"))).stacks
        assert list(stack.cells) == ["Logs"]

    def test_its_state_in_words(self) -> None:
        page = render(shop())
        assert 'aria-label="Logs, AWS::S3::Bucket: 1 error, 1 warning"' in page
        assert 'aria-label="Queue, AWS::SQS::Queue: clean"' in page
        assert 'aria-label="Site, AWS::S3::Bucket: 1 fix"' in page

    def test_a_resource_that_was_not_listed_is_there_when_something_is_said_of_it(self) -> None:
        [stack] = Page.of(Report.build([Outcome(findings=[found()])], Settings(environment="prod"))).stacks
        assert [cell.name for cell in stack.cells.values()] == ["Logs"]

    def test_what_a_fix_added_is_fixed(self) -> None:
        added = Fix(found(), Edit("set", ("Resources", "Key"), {"Type": "AWS::KMS::Key"}), None, FixSafety.SAFE)
        outcome = Outcome(fixes=[added], resources=[Judged("Shop", "", "Key", "AWS::KMS::Key")])
        [stack] = Page.of(Report.build([outcome], Settings(environment="prod"))).stacks
        assert {cell.name: cell.state for cell in stack.cells.values()} == {"Key": "fixed", "Logs": "fixed"}

    def test_types_in_short(self) -> None:
        assert short_type("AWS::S3::Bucket") == "S3 Bucket"
        assert short_type("Custom::Thing") == "Custom Thing"
        assert short_type("") == "App"
        assert Map([Cell("x", Place("", "", "", "", "", ""))]).services[0][0] == "App"


class TestChanges:
    @staticmethod
    def fix(op: str, before: Any, after: Any) -> FixEntry:
        return FixEntry("r", "t", Place("", "", "", "", "", ""), op, before, after, "safe", {})

    def test_what_stays_is_shown_around(self) -> None:
        long = "x" * 90
        fix = self.fix("set", {"a": long, "b": 1, "c": [1, 2]}, {"a": long, "b": 2, "c": [1, 2]})
        assert compared(fix) == [
            (" ", "{"),
            (" ", f'  "a": "{long}",'),
            ("-", '  "b": 1,'),
            ("+", '  "b": 2,'),
            (" ", '  "c": [1, 2]'),
            (" ", "}"),
        ]

    def test_parts_that_are_far_apart(self) -> None:
        items = ["x" * 40 + str(number) for number in range(30)]
        lines = compared(self.fix("set", items, ["new", *items[1:-1], "new"]))
        assert lines.count((" ", "...")) == 1
        assert len(lines) < 16

    @pytest.mark.parametrize(
        ("op", "before", "after", "lines", "short"),
        [
            ("set", None, "on", [("+", "on")], "on"),
            ("set", False, True, [("-", "false"), ("+", "true")], "false \u2192 true"),
            ("remove", "on", None, [("-", "on")], "on removed"),
            ("append", [1], {"a": 1}, [("+", '{"a": 1}')], '{"a": 1} appended'),
            ("set", "", "a\nb", [("-", ""), ("+", "a"), ("+", "b")], '"" \u2192 a b'),
            ("set", None, "x" * 61, [("+", "x" * 61)], "x" * 57 + "..."),
        ],
    )
    def test_in_lines_and_in_one(self, op: str, before: Any, after: Any, lines: Any, short: str) -> None:
        assert compared(self.fix(op, before, after)) == lines
        assert in_short(self.fix(op, before, after)) == short

    def test_very_long_ones_are_cut(self) -> None:
        lines = compared(self.fix("set", None, "\n".join("x" * 500)))
        assert len(lines) == MAX_LINES + 1
        assert lines[-1] == (" ", f"... {500 - MAX_LINES} more lines")


def test_five_thousand_findings_stay_below_five_megabytes() -> None:
    assert len(render(many(5000)).encode()) < 5_000_000


def test_the_same_bytes_whatever_the_hash_seed(root: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/report'); import test_html, hashlib;"
        "print(hashlib.sha256(test_html.render(test_html.hostile()).encode()).hexdigest())"
    )
    assert len({_run(code, root, PYTHONHASHSEED=seed) for seed in ("0", "1", "2")}) == 1


def test_jinja2_is_imported_only_when_html_is_asked_for(root: Path) -> None:
    code = (
        "import sys; from cdk_guardrails.report.output import render; from cdk_guardrails.report.model import Report;"
        "from cdk_guardrails.settings import Settings; made = Report.build([], Settings(), rules={});"
        "render(made, 'json'); print('jinja2' in sys.modules); render(made, 'html'); print('jinja2' in sys.modules)"
    )
    assert _run(code, root).split() == ["False", "True"]


def _run(code: str, root: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
