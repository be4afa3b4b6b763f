"""Foreign text in one line, in logs and in Markdown."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from cdk_guardrails.report.escaping import for_log, html_words, markdown, markdown_code, plain, plain_lines
from tests.report.made import HOSTILE

GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_is_one_visible_line(text: str) -> None:
    assert plain(text).isprintable()
    plain(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is: é 漢", "as it is: é 漢"),
        ("a\nb\x1b[31m", r"a\nb\x1b[31m"),
        ("\u202e", r"\u202e"),
        ("\ud800", r"\ud800"),
        ("\x00", r"\x00"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_lines_are_kept_in_lines() -> None:
    assert plain_lines("a\n\tb\x1b\n") == "a\n        b\\x1b\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("AWS::S3::Bucket", "AWS::S3::Bucket"),
        ("::error::x", r"\::error::x"),
        ("a\n   ::add-mask::x", "a\n   \\::add-mask::x"),
        ("x ##[error]y", r"x #\#[error]y"),
        ("x ##vso[task.setvariable variable=a]b", r"x #\#vso[task.setvariable variable=a]b"),
        ("## heading", "## heading"),
    ],
)
def test_a_log_holds_no_command(text: str, shown: str) -> None:
    assert for_log(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_says_what_was_said_and_nothing_else(text: str) -> None:
    [paragraph] = [token for token in GFM.parse(f"x {markdown(text)} x") if token.type == "inline"]
    assert {child.type for child in paragraph.children or ()} <= {"text", "text_special"}
    said = "".join(child.content for child in paragraph.children or ())
    assert said.replace("\u200b", "") == f"x {plain(text)} x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ask @bob", "ask @&#8203;bob"),
        ("see #12", r"see \#&#8203;12"),
        ("see GH-12", "see GH-&#8203;12"),
        ("# heading", r"\# heading"),
        ("a|b", r"a\|b"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("{{resolve:ssm:x}} s3:*", r"{{resolve:ssm:x}} s3:\*"),
    ],
)
def test_nobody_is_called(text: str, shown: str) -> None:
    assert markdown(text) == shown


def test_in_html_a_backslash_is_one() -> None:
    assert html_words("a_b <i> @bob #1\n") == r"a_b &lt;i&gt; @&#8203;bob #&#8203;1\n"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("in_table", [False, True])
def test_code_is_one_span(text: str, in_table: bool) -> None:
    code = markdown_code(text, in_table=in_table)
    source = f"| a | b |\n|---|---|\n| {code} | y |\n" if in_table else f"- at {code}: x"
    cells = [token for token in GFM.parse(source) if token.type == "inline"]
    [span] = [child for token in cells for child in token.children or () if child.type == "code_inline"]
    assert span.content.strip() == plain(text).strip()
    assert len(cells) == (4 if in_table else 1)


def test_no_code_is_nothing() -> None:
    assert markdown_code("") == markdown_code("  ") == ""
