"""The HTML page in a real browser: filters, keys, no request, nothing hostile runs. Skipped without Chromium."""

from __future__ import annotations

import datetime
import importlib.util
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cdk_guardrails.report.html import render
from cdk_guardrails.report.model import Report
from tests.report import test_html as reports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and importlib.util.find_spec("playwright")), reason="needs Playwright and Chromium"
)

TODAY = datetime.datetime(2027, 1, 20, 12, 0)


@dataclass
class Opened:
    """A report in the browser, and what it did that it should not."""

    page: Page
    file: Path
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def rows(self) -> list[str]:
        """The entries that can be seen, by name."""
        return self.page.locator("details.e:visible > summary b").all_text_contents()

    def status(self) -> str:
        return self.page.locator("[role=status]").inner_text()

    def address(self) -> str:
        return str(self.page.evaluate("decodeURIComponent(location.hash)"))

    def search(self, text: str) -> None:
        self.page.get_by_role("searchbox").fill(text)
        self.page.wait_for_timeout(250)

    def focused(self) -> Locator:
        return self.page.locator(":focus")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opener:
    browser: Browser
    folder: Path
    made: list[Opened] = field(default_factory=list)

    def __call__(self, report: Report, hash_: str = "", **context: Any) -> Opened:
        from cdk_guardrails.report.output import write_text

        file = self.folder / "report.html"
        write_text(render(report), file)
        page = self.browser.new_context(**context).new_page()
        page.set_default_timeout(10_000)
        opened = Opened(page, file)
        page.on("console", lambda message: opened.problems.append(message.text))
        page.on("pageerror", lambda error: opened.problems.append(str(error)))
        page.on("dialog", lambda dialog: opened.problems.append(dialog.message))
        page.on("request", lambda request: opened.requests.append(request.url))
        if context.get("java_script_enabled", True):
            page.clock.set_fixed_time(TODAY)
        page.goto(file.as_uri() + hash_)
        self.made.append(opened)
        return opened


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens reports; at the end, none of them may have said anything on the console or asked for another file."""
    opener = Opener(browser, tmp_path)
    yield opener
    for opened in opener.made:
        opened.page.context.close()
        assert opened.problems == []
        assert {url.partition("#")[0] for url in opened.requests} <= {opened.file.as_uri(), "data:,"}


class TestFilters:
    def test_by_text(self, show: Opener) -> None:
        opened = show(reports.shop())
        assert opened.status() == "9 of 9"
        opened.search("SITE suspended")
        assert opened.rows() == ["Site"]
        assert (opened.status(), opened.address()) == ("1 of 9", "#q=SITE+suspended")
        opened.search("no such thing")
        assert opened.rows() == []
        assert opened.page.get_by_text("Nothing matches these filters.").is_visible()
        opened.page.get_by_role("button", name="Clear").click()
        assert (opened.status(), opened.address()) == ("9 of 9", "")

    def test_by_state(self, show: Opener) -> None:
        opened = show(reports.shop())
        fixed = opened.page.get_by_role("button", name="1 fixed")
        fixed.click()
        assert (opened.rows(), opened.address()) == (["Site"], "#state=fixed")
        assert fixed.get_attribute("aria-pressed") == "true"
        opened.page.get_by_role("button", name="3 suppressed").click()
        assert opened.rows() == ["Site", "Soon", "Late", "Ever"]
        fixed.click()
        assert opened.address() == "#state=suppressed"

    @pytest.mark.parametrize(
        ("label", "choice", "rows", "address"),
        [
            ("Rule", "s3-lifecycle (1)", ["Logs"], "#rule=s3-lifecycle"),
            ("Service", "DynamoDB (1)", ["Table"], "#service=DynamoDB"),
            ("Stack", "The app (1)", ["shop.py"], "#stack="),
        ],
    )
    def test_by_choice(self, show: Opener, label: str, choice: str, rows: list[str], address: str) -> None:
        opened = show(reports.shop())
        opened.page.get_by_role("combobox", name=label).select_option(label=choice)
        assert (opened.rows(), opened.address()) == (rows, address)
        again = show(reports.shop(), address)
        assert again.rows() == rows
        assert again.page.get_by_role("combobox", name=label).locator("option:checked").inner_text() == choice

    def test_all_at_once_from_the_address(self, show: Opener) -> None:
        opened = show(reports.shop(), "#state=error,warning&service=S3&stack=Shop&q=lifecycle")
        assert opened.rows() == ["Logs"]
        assert opened.page.get_by_role("searchbox").input_value() == "lifecycle"

    def test_an_address_of_another_report_shows_everything(self, show: Opener) -> None:
        opened = show(reports.shop(), "#state=none&rule=gone&service=gone&stack=gone&resource=gone")
        assert opened.status() == "9 of 9"

    def test_counts_say_what_is_shown(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.search("soon")
        assert opened.page.locator("details.g:visible > summary .n").all_text_contents() == ["1 of 3"]
        assert opened.page.locator("section.part:visible > h3 .n").all_text_contents() == ["1 of 3"]


class TestMap:
    def test_a_resource_shows_what_is_said_of_it(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.get_by_label("Logs, AWS::S3::Bucket").click()
        assert opened.rows() == ["Logs", "Logs"]
        assert (opened.status(), opened.address()) == ("2 of 9, Logs only", "#stack=Shop&resource=Logs")
        assert opened.page.locator("details.e[open]").count() == 2
        assert show(reports.shop(), "#stack=Shop&resource=Logs").rows() == ["Logs", "Logs"]
        opened.page.get_by_role("button", name="Clear").click()
        assert opened.status() == "9 of 9"

    def test_what_does_not_match_is_dimmed(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.get_by_role("combobox", name="Service").select_option(label="DynamoDB (1)")
        assert opened.page.locator(".cells a:not(.dim)").count() == 1

    def test_one_stop_of_the_tab_key_then_arrows(self, show: Opener) -> None:
        opened = show(reports.shop())
        cells = opened.page.locator(".cells a")
        assert opened.page.locator('.cells a[tabindex="0"]').count() == 1
        cells.first.focus()
        opened.page.keyboard.press("ArrowRight")
        opened.page.keyboard.press("ArrowDown")
        assert opened.focused().get_attribute("aria-label") == "Late, AWS::S3::Bucket: 1 suppressed"
        assert opened.page.locator("#told").inner_text() == "Late, AWS::S3::Bucket: 1 suppressed"
        opened.page.keyboard.press("Enter")
        assert opened.rows() == ["Late"]


class TestKeys:
    def test_slash_searches_and_escape_clears(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.keyboard.press("/")
        assert opened.focused().get_attribute("name") == "q"
        opened.page.keyboard.type("a/b")
        opened.page.wait_for_timeout(250)
        assert opened.page.get_by_role("searchbox").input_value() == "a/b"
        opened.page.keyboard.press("Escape")
        assert (opened.page.get_by_role("searchbox").input_value(), opened.status()) == ("", "9 of 9")

    def test_the_first_stop_skips_to_the_findings(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.keyboard.press("Tab")
        assert opened.focused().inner_text() == "Skip to the findings"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert opened.page.evaluate(outline) == "solid"
        opened.page.keyboard.press("Enter")
        opened.page.keyboard.press("Tab")
        assert opened.focused().get_attribute("name") == "q"

    def test_arrows_go_from_row_to_row_and_enter_opens(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.locator("details.g > summary").first.focus()
        opened.page.keyboard.press("ArrowDown")
        opened.page.keyboard.press("Enter")
        assert opened.page.locator("details.e").first.get_attribute("open") == ""
        opened.page.keyboard.press("ArrowUp")
        assert "source-unread" in opened.focused().inner_text()

    def test_all_can_be_opened_and_closed(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.get_by_role("button", name="Open all").click()
        assert opened.page.locator("details.e[open]").count() == 9
        opened.page.get_by_role("button", name="Close all").click()
        assert opened.page.locator("details.e[open]").count() == 0


class TestDates:
    def test_what_ends_soon_and_what_has_ended(self, show: Opener) -> None:
        opened = show(reports.shop())
        assert opened.page.locator("time.soon").all_text_contents() == ["2027-01-31 (11 days)"]
        assert opened.page.locator("time.over").count() == 0
        note = "Suppressions that end within 30 days or have ended: 1, the first on 2027-01-31."
        assert opened.page.locator("#ending").inner_text() == note
        opened.page.clock.set_fixed_time(datetime.datetime(2027, 2, 1, 12, 0))
        opened.page.reload()
        assert opened.page.locator("time.over").all_text_contents() == ["2027-01-31 (ended)"]


class TestHostileValues:
    def test_nothing_runs_and_nothing_breaks_out(self, show: Opener) -> None:
        opened = show(reports.hostile())
        opened.page.get_by_role("button", name="Open all").click()
        for cell in opened.page.locator(".cells a[href]").all()[:30]:
            cell.dispatch_event("click")
        for text in reports.HOSTILE[:8]:
            opened.search(text)
        opened.page.get_by_role("button", name="Clear").click()
        assert opened.page.evaluate("window.ran") is None
        assert opened.page.locator("img, iframe, object, body > script[src]").count() == 0
        total = 4 * len(reports.HOSTILE)
        assert opened.status() == f"{total} of {total}"

    @pytest.mark.parametrize("value", reports.HOSTILE[:8])
    def test_a_hostile_address_is_only_a_search(self, show: Opener, value: str) -> None:
        from urllib.parse import quote

        opened = show(reports.shop(), f"#q={quote(value)}&stack={quote(value)}&state={quote(value)}")
        assert opened.page.evaluate("window.ran") is None
        assert opened.page.get_by_role("searchbox").input_value() == value
        opened.page.goto(f"{opened.file.as_uri()}#{quote(value)}")
        assert opened.page.evaluate("window.ran") is None

    def test_the_policy_holds_even_if_markup_came_through(self, show: Opener) -> None:
        opened = show(reports.shop())
        text = opened.file.read_text(encoding="utf-8")
        smuggled = (
            "<script>window.ran=1</script><script src='data:text/javascript,window.ran=1'></script>"
            "<img src=data:x onerror=window.ran=1><img src=https://example.invalid/x><p style='color: red' id=red>"
        )
        opened.file.write_text(text.replace("<h1>", f"{smuggled}<h1>"), encoding="utf-8")
        opened.page.reload()
        opened.page.wait_for_timeout(200)
        assert opened.page.evaluate("window.ran") is None
        assert opened.page.locator("#red").get_attribute("style") == "color: red"
        assert opened.page.evaluate("getComputedStyle(document.getElementById('red')).color") != "rgb(255, 0, 0)"
        said = [problem for problem in opened.problems if "Content Security Policy" in problem]
        assert len(said) == 5
        opened.problems.clear()
        opened.requests.clear()


class TestWithoutScript:
    def test_everything_can_be_read(self, show: Opener) -> None:
        opened = show(reports.shop(), java_script_enabled=False)
        assert len(opened.rows()) == 9
        assert opened.page.locator("form.bar").is_hidden()
        opened.page.locator("details.e.fixed > summary").click()
        assert opened.page.locator("details.e.fixed ins").inner_text() == "+ Enabled"
        assert opened.page.get_by_text("until 2027-01-31").is_visible()


class TestLooks:
    def test_it_fits_a_phone(self, show: Opener) -> None:
        opened = show(reports.shop(), viewport={"width": 400, "height": 800})
        opened.page.get_by_role("button", name="Open all").click()
        assert opened.page.evaluate("document.documentElement.scrollWidth") == 400
        opened = show(reports.hostile(), viewport={"width": 400, "height": 800})
        opened.page.get_by_role("button", name="Open all").click()
        assert opened.page.evaluate("document.documentElement.scrollWidth") == 400

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_words_stand_out_from_their_ground(self, show: Opener, scheme: str) -> None:
        opened = show(reports.shop(), color_scheme=scheme)
        opened.page.get_by_role("button", name="Open all").click()
        faint = opened.page.evaluate(CONTRAST)
        assert faint == []

    def test_on_paper_all_is_open_and_the_filters_are_gone(self, show: Opener) -> None:
        opened = show(reports.shop())
        opened.page.emulate_media(media="print")
        assert opened.page.locator("details.e.fixed ins").is_visible()
        assert opened.page.locator("form.bar").is_hidden()

    def test_a_screen_reader_hears_the_map_and_the_filters(self, show: Opener) -> None:
        tree = show(reports.shop()).page.locator("body").aria_snapshot()
        for line in (
            'link "Logs, AWS::S3::Bucket: 1 error, 1 warning"',
            'img "Queue, AWS::SQS::Queue: clean"',
            'searchbox "Search"',
            'combobox "Rule"',
            'button "4 errors left"',
            'heading "Shop"',
        ):
            assert line in tree, line


def test_five_thousand_findings(show: Opener) -> None:
    from playwright.sync_api import expect

    began = time.monotonic()
    opened = show(reports.many(5000))
    assert opened.status() == "6,000 of 6,000"
    loaded = time.monotonic() - began
    began = time.monotonic()
    opened.page.get_by_role("searchbox").fill("bucket77 stack4")
    expect(opened.page.locator("[role=status]")).not_to_have_text("6,000 of 6,000")
    filtered = time.monotonic() - began
    # Seconds; on a quiet machine 2 (Python's part included) and 0.4. A step that grows with the square takes minutes.
    assert loaded < 40
    assert filtered < 20


CONTRAST = r"""() => {
  const parse = (color) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => (v / 255 <= .04045 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e);
    const says = [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !e.checkVisibility() || style.fontSize === "0px" || e.matches(":disabled, option")) continue;
    const [a, b] = [light(parse(style.color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) faint.push(`${e.tagName} ${e.className} ${e.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
