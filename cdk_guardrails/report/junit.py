"""JUnit XML, as Jenkins, GitLab and Azure Pipelines read it.

A suite is a stack, a template or a file of code; a test is a rule at a place, or a resource that is clean. An error has
failed, a rule that crashed is an error of the test, what is suppressed was skipped. A warning has passed, with its text
as output: as for the exit code, it fails nothing.

xml.etree writes it: of the libraries, junit-xml has had no release since 2020, and junitparser counts a suite anew for
each test that is added; tests read with it what is written here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from typing import Final

from cdk_guardrails.engine import Judged
from cdk_guardrails.report.escaping import plain, plain_lines
from cdk_guardrails.report.fingerprint import below_resource
from cdk_guardrails.report.model import FindingEntry, Place, Report, SuppressedEntry
from cdk_guardrails.report.order import WHOLE_APP, heading
from cdk_guardrails.report.spots import Spots

_NAME: Final = "cdk-guardrails"
_Key = tuple[str, str, Place]


def render(report: Report) -> str:
    """The report as XML. There is always a test: Jenkins takes a file without one for a mistake."""
    suites = _Suites({_key(crash): crash.traceback for crash in report.crashes})
    for entry in report.findings:
        suites.finding(entry)
    for held in report.suppressed:
        suites.suppressed(held)
    found = {(entry.place.template, entry.place.logical_id) for entry in (*report.findings, *report.suppressed)}
    for resource in report.resources:
        if (resource.template, resource.logical_id) not in found:
            suites.clean(resource)
    root = suites.element()
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


class _Suites:
    """Tests by suite, in the order in which they come."""

    def __init__(self, tracebacks: dict[_Key, str]) -> None:
        self._tracebacks = tracebacks
        self._spots = Spots()
        self._tests: dict[str, list[ET.Element]] = {}
        self._names: Counter[tuple[str, str]] = Counter()

    def finding(self, entry: FindingEntry) -> None:
        test = self._of(entry)
        traceback = self._tracebacks.get(_key(entry))
        if traceback is not None:
            _say(test, "error", entry, plain_lines(traceback))
        elif entry.severity == "error":
            _say(test, "failure", entry, _advice(entry))
        else:
            ET.SubElement(test, "system-out").text = f"{plain(f'warning: {entry.message}')}\n{_advice(entry)}"

    def suppressed(self, entry: SuppressedEntry) -> None:
        until = f" (until {entry.until})" if entry.until else ""
        ET.SubElement(self._of(entry), "skipped", message=plain(f"suppressed: {entry.reason}{until}"))

    def clean(self, resource: Judged) -> None:
        where = resource.construct_path or resource.logical_id
        self._add(resource.template or WHOLE_APP, f"clean: {where} ({resource.resource_type})")

    def element(self) -> ET.Element:
        """The root, with its counts."""
        if not self._tests:
            self._add(_NAME, "no findings")
        root = ET.Element("testsuites", name=_NAME)
        for name in sorted(self._tests):
            suite = ET.SubElement(root, "testsuite", {"name": plain(name), **_counts(self._tests[name])})
            suite.extend(self._tests[name])
        root.attrib.update(_counts([test for tests in self._tests.values() for test in tests]))
        return root

    def _of(self, entry: FindingEntry) -> ET.Element:
        place = entry.place
        parts = (place.construct_path or place.logical_id, below_resource(place))
        name = " ".join(part for part in (f"{entry.rule}:", *parts) if part).removesuffix(":")
        spot = self._spots.of(place)
        at = {"file": plain(spot.file)} | ({"line": str(spot.line)} if spot.is_known else {})
        return self._add(heading(place), name, **at)

    def _add(self, suite: str, name: str, **attributes: str) -> ET.Element:
        """A test under a name of its own: GitLab drops a second one of the same name."""
        self._names[suite, name] += 1
        number = self._names[suite, name]
        # Jenkins takes what stands before the last dot for a package.
        said = {
            "classname": plain(suite).replace(".", "_"),
            "name": plain(f"{name} ({number})" if number > 1 else name),
        }
        test = ET.Element("testcase", {**said, **attributes, "time": "0"})
        self._tests.setdefault(suite, []).append(test)
        return test


def _key(entry: FindingEntry) -> _Key:
    return entry.rule, entry.message, entry.place


def _say(test: ET.Element, tag: str, entry: FindingEntry, text: str) -> None:
    ET.SubElement(test, tag, message=plain(entry.message), type=plain(entry.rule_id)).text = text


def _advice(entry: FindingEntry) -> str:
    """Where it is, what to do, and how to suppress it; a line each."""
    parts = {"at": entry.place.source, "do": entry.remedy, "or": entry.acknowledge}
    return "\n".join(f"{label} {plain(text)}" for label, text in parts.items() if text)


def _counts(tests: list[ET.Element]) -> dict[str, str]:
    kinds = Counter(child.tag for test in tests for child in test)
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(tests)), **{name: str(kinds[tag]) for name, tag in tags.items()}, "time": "0"}
