"""Suppressions in comments: what they say, and which lines they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.comments import suppressions_in, suppressions_in_files
from cdk_guardrails.source.project import Module, Project

MARK = "# guardrails: ignore[source-a] why"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def module(text: str) -> Module:
    Path("app.py").write_text(text, encoding="utf-8")
    [read] = Project([Path("app.py")]).modules
    return read


def said(comment: str) -> list[tuple[str, str, str]]:
    return [(entry["id"], entry["reason"], entry["until"]) for entry in suppressions_in(module(f"a = 1  {comment}\n"))]


def lines(text: str) -> list[tuple[str, int, int]]:
    """Where each comment stands, and the lines that it is about."""
    return [(entry["line"], *entry["lines"]) for entry in suppressions_in(module(text))]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# guardrails: ignore[a-b] why", [("a-b", "why", "")]),
        ("#guardrails:ignore[a-b]why", [("a-b", "why", "")]),
        ("#  Guardrails: Ignore [a-b]: why so", [("a-b", "why so", "")]),
        ("# guardrails: ignore[a, b] - why", [("a", "why", ""), ("b", "why", "")]),
        ("# guardrails: ignore[a b,] why", [("a", "why", ""), ("b", "why", "")]),
        ("# guardrails: ignore[a, until=2027-01-31] why", [("a", "why", "2027-01-31")]),
        ("# guardrails: ignore[until = 2027-01-31, a] why", [("a", "why", "2027-01-31")]),
        ("# guardrails: ignore[a, until=soon] why", [("a", "why", "soon")]),
        ("# guardrails: ignore[a, until=] why", [("a", "why", "?")]),
        ("# guardrails: ignore[a[s3:*], b[c, d]] why", [("a[s3:*]", "why", ""), ("b[c, d]", "why", "")]),
        ("# guardrails: ignore[a]", [("a", "", "")]),
        ("# guardrails: ignore[]", [("", "", "")]),
        ("# guardrails: ignore", [("", "", "")]),
        ("# guardrails: ignore why", [("", "why", "")]),
        ("# guardrails: ignore[a", [("", "[a", "")]),
        ("# noqa: E501  # guardrails: ignore[a] why", [("a", "why", "")]),
        ("# guardrails: ignore[a] why  # noqa: E501", [("a", "why", "")]),
        ("# guardrails: ignore[a] as in #12", [("a", "as in #12", "")]),
        ("# guardrails: ignore[a] warum: Größe", [("a", "warum: Größe", "")]),
        ("# guardrails: ignored[a] why", []),
        ("# guardrails: see the README", []),
        ('# write "# guardrails: ignore[a] why"', []),
        ("# the guardrails: ignore[a] why", []),
        ("# noqa", []),
    ],
)
def test_what_a_comment_says(comment: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(comment) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"a = '{MARK}'\n",
        f'"""\n{MARK}\n"""\n',
        f"def f():\n    '''{MARK}'''\n",
        f"a = '''\n  {MARK}\n'''\n",
        "a = 1\n",
        "",
    ],
)
def test_a_comment_in_a_text_is_none(text: str) -> None:
    assert lines(text) == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (f"a = 1\nb = 2  {MARK}\n", 2, 2),
        (f"{MARK}\na = 1\nb = 2\n", 2, 2),
        (f"{MARK}\n# more\n\n\na = 1\n", 5, 5),
        (f"if a:\n    b = 1\n    {MARK}\n    c = 2\n", 4, 4),
        (f"if a:\n    b = 1\n{MARK}\nc = 2\n", 4, 4),
        # A statement over several lines: its first or last line, or above it.
        (f"f(  {MARK}\n    1,\n    2,\n)\n", 1, 4),
        (f"f(\n    1,\n    2,\n)  {MARK}\n", 1, 4),
        (f"{MARK}\nf(\n    1,\n)\n", 2, 4),
        (f"f(\n    1,  {MARK}\n    2,\n)\n", 2, 2),
        (f"f(\n    1,\n    {MARK}\n    2,\n)\n", 4, 4),
        (f"f(\n    1,\n    {MARK}\n)\n", 4, 4),
        (f"a = '''\n\n'''  {MARK}\n", 1, 3),
        (f"f('''\n\n''',  {MARK}\n  1)\n", 1, 3),
        (f"a = 1 + \\\n  2  {MARK}\n", 1, 2),
        # Heads.
        (f"class A(B):  {MARK}\n    a = 1\n    b = 2\n", 1, 1),
        (f"{MARK}\n@a\n@b\ndef f():\n    pass\n", 2, 4),
        (f"@a  {MARK}\ndef f():\n    pass\n", 1, 2),
        (f"@a\ndef f():  {MARK}\n    pass\n", 1, 2),
        (f"def f(\n    a,\n):  {MARK}\n    pass\n", 1, 3),
        (f"def f(  {MARK}\n    a,\n):\n    @b\n    def g(): pass\n", 1, 3),
        (f"def f(\n    a,  {MARK}\n):\n    pass\n", 2, 2),
        (f"def f():\n    pass  {MARK}\n", 2, 2),
        (f"with a as b, \\\n  c as d:  {MARK}\n    pass\n", 1, 2),
        (f"for a in b:  {MARK}\n    pass\nelse:\n    pass\n", 1, 1),
        (f"try:\n    pass\nexcept A:  {MARK}\n    pass\n", 3, 3),
        (f"try:\n    pass\nfinally:  {MARK}\n    pass\n", 3, 3),
        (f"match a:  {MARK}\n    case 1:\n        pass\n", 1, 1),
        (f"if a: b = 1  {MARK}\n", 1, 1),
        (f"a = 1; b = 2  {MARK}\n", 1, 1),
        (f"lambda a: (  {MARK}\n  a\n)\n", 1, 3),
        (f"a = 1\r\nb = 2  {MARK}\r\n", 2, 2),
    ],
)
def test_the_lines_that_it_is_about(text: str, first: int, last: int) -> None:
    [(place, *about)] = lines(text)
    assert about == [first, last]
    assert place == f"app.py:{text[: text.index('# guardrails')].count(chr(10)) + 1}", "it is known by its own line"


def test_several_comments_above_a_line() -> None:
    text = f"{MARK}\n# guardrails: ignore[source-b] so\na = 1  # guardrails: ignore[source-c] too\n"
    assert lines(text) == [("app.py:1", 3, 3), ("app.py:2", 3, 3), ("app.py:3", 3, 3)]


def test_one_at_the_end_is_about_nothing() -> None:
    for text in (f"a = 1\n{MARK}\n", f"a = 1\n{MARK}"):
        [(_, first, last)] = lines(text)
        assert first == last != 1


def test_a_large_file_takes_no_time() -> None:
    text = "".join(f"def f{number}():\n    return {number}  {MARK}\n" for number in range(5000))
    assert len(lines(text)) == 5000


class TestFiles:
    def test_of_the_files_that_findings_name(self, tmp_path: Path) -> None:
        Path("functions").mkdir()
        Path("functions/app.py").write_text(f"a = 1  {MARK}\n")
        Path("b.py").write_text("a = 1\n")
        Path("broken.py").write_text(f"a =  {MARK}\n")
        Path("c.txt").write_text(MARK)
        absolute = str(tmp_path / "functions" / "app.py")
        names = ["functions/app.py", "b.py", "broken.py", "c.txt", "gone.py", absolute, "", "functions"]
        [entry] = suppressions_in_files([*names, *names])
        assert (entry["id"], entry["line"], entry["lines"]) == ("source-a", "functions/app.py:1", (1, 1))

    def test_only_marked_files_are_parsed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("a.py").write_text("a = 1\n")
        monkeypatch.setattr("cdk_guardrails.source.comments.Project", lambda files: pytest.fail(str(list(files))))
        with pytest.raises(pytest.fail.Exception, match=r"\[\]"):
            suppressions_in_files(["a.py"])
