"""The comment on a pull request."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from cdk_guardrails.report.markdown import LONGEST, MARK, render
from tests.report.made import HOSTILE, crash, entry, failed, fix, held, hostile, many, report, uncovered

GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = re.compile(r"</?(?:details|summary|br)>|<!-- cdk-guardrails -->|\s")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_whole_of_a_small_one() -> None:
    made = report(
        entry(), entry(severity="warning", rule="s3-a", source=""), suppressed=[held()], fixes=[fix(), fix(rule="a[b]")]
    )
    assert render(made) == (
        "<!-- cdk-guardrails -->\n"
        "### cdk-guardrails: 1 error, 1 warning\n"
        "\n"
        "2 fixed, 1 suppressed, environment prod\n"
        "\n"
        "| Rule | What is wrong | Where |\n"
        "| --- | --- | --- |\n"
        "| `s3-versioning` | versioning is not enabled | `app.py:7` `App/Logs` |\n"
        "\n"
        "<details><summary>App: 1 error, 1 warning</summary>\n"
        "\n"
        "- **error** `s3-versioning`: versioning is not enabled\n"
        "  - at `app.py:7` `App/Logs` `Properties.VersioningConfiguration`\n"
        "  - do `s3.Bucket(..., versioned=True)`\n"
        '  - or `suppress(construct, "s3-versioning", reason="...")`\n'
        "- **warning** `s3-a`: versioning is not enabled\n"
        "  - at `App/Logs` `Properties.VersioningConfiguration`\n"
        "  - do `s3.Bucket(..., versioned=True)`\n"
        '  - or `suppress(construct, "s3-versioning", reason="...")`\n'
        "\n"
        "</details>\n"
        "\n"
        "<details><summary>Suppressed: 1</summary>\n"
        "\n"
        "- `s3-versioning` at `App/Logs` until 2027-01-31: scratch\n"
        "\n"
        "</details>\n"
        "\n"
        "<details><summary>Fixed: 2</summary>\n"
        "\n"
        "- `a`: 1 change. Buckets keep old versions of objects\n"
        "- `s3-versioning`: 1 change. Buckets keep old versions of objects\n"
        "\n"
        "</details>\n"
    )


def test_nothing_found() -> None:
    assert render(report()) == f"{MARK}\n### cdk-guardrails: nothing found\n\n0 fixed, 0 suppressed, environment prod\n"


def test_what_says_the_same_of_many_places_is_one_row() -> None:
    made = render(report(*(entry(construct_path=f"App/B{number}") for number in range(5))))
    rows = [line for line in made.splitlines() if line.startswith("| `s3-versioning`")]
    [row] = rows
    assert row == (
        "| `s3-versioning` | versioning is not enabled | `app.py:7` `App/B0`<br>`app.py:7` `App/B1`<br>"
        "`app.py:7` `App/B2`<br>and 2 more |"
    )
    assert made.count("\n  - at ") == 5


def test_the_table_is_short() -> None:
    made = render(report(*(entry(message=f"m{number}") for number in range(22))))
    assert len(re.findall(r"^\| `", made, re.MULTILINE)) == 20
    assert "\n2 more kinds of error below.\n" in made


def test_what_went_wrong_stands_at_the_top() -> None:
    made = report(crashes=[crash()], uncovered=[uncovered()], failed_fixes=[failed()], settled=False)
    text = render(made)
    assert (
        "0 fixed, 0 suppressed, environment prod, **rules crashed: 1**, **fixes failed: 1**, **not covered: 1**,"
        " **the fixes did not settle**\n"
    ) in text
    assert (
        "- `rule-crashed`: the rule x crashed on this resource\n"
        "- `stage-uncovered`: this Stage was not judged\n"
        "- `s3-versioning` was not fixed: cannot set\n"
    ) in text


@pytest.mark.parametrize("number", [100, 700, 5000])
def test_it_fits_into_a_comment(number: int) -> None:
    text = render(many(number))
    assert len(text) < LONGEST
    assert text.count("<details>") == text.count("</details>")
    shown = len(re.findall(r"^- \*\*", text, re.MULTILINE))
    assert text.startswith(f"{MARK}\n### cdk-guardrails: ")
    missing = re.search(r"no room for more: (\d+) entr", text)
    if number == 100:
        assert (missing, shown) == (None, 100)
    else:
        assert missing
        assert len(text) > LONGEST - 2000
        assert text.endswith("_\n")


def test_many_stacks_fit_too() -> None:
    text = render(report(*(entry(template=f"Stack{number}", message=f"m{number}") for number in range(3000))))
    assert LONGEST - 2000 < len(text) < LONGEST
    assert text.count("<details>") == text.count("</details>") > 100


def test_no_entry_is_lost_uncounted() -> None:
    made = many(5000)
    text = render(made)
    groups = {(f.place.template, f.severity, f.message) for f in made.findings}
    missing = re.search(r"no room for more: (\d+) entries", text)
    assert missing
    assert len(re.findall(r"^- \*\*", text, re.MULTILINE)) + int(missing[1]) == len(groups)


@pytest.mark.parametrize("field", ["message", "construct_path", "remedy", "rule", "template", "property_path"])
def test_one_value_does_not_fill_it(field: str) -> None:
    text = render(report(entry(**{field: "x" * 200_000}), entry()))
    assert len(text) < 10_000
    assert text.count("versioning is not enabled") >= 2


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    comment = render(hostile(text))
    assert all(line.isprintable() for line in comment.split("\n"))
    assert not re.search(r"[@](?=\w)", re.sub(r"(`+).*?\1", "", comment))
    for token in GFM.parse(comment):
        if token.type == "html_block":
            held_text = re.sub(r"<summary>.*?</summary>", lambda match: no_markup(match[0]), token.content)
            assert OURS.sub("", held_text) == ""
        for child in token.children or ():
            assert child.type not in ("link_open", "image", "em_open", "s_open")
            assert child.type != "html_inline" or child.content == "<br>"
    blocks = "".join(token.content for token in GFM.parse(comment) if token.type == "html_block")
    assert blocks.count("<details>") == blocks.count("</details>") == 5


def no_markup(summary: str) -> str:
    """Nothing, when there is no tag in the words of a summary."""
    words = summary.removeprefix("<summary>").removesuffix("</summary>")
    assert "<" not in words
    assert ">" not in words
    return ""


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_keeps_its_columns(text: str) -> None:
    tokens = GFM.parse(render(hostile(text)))
    rows = [token for token in tokens if token.type == "tr_open"]
    cells = [token for token in tokens if token.type in ("td_open", "th_open")]
    assert len(rows) >= 3
    assert len(cells) == 3 * len(rows)
