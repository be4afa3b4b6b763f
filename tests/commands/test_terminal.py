"""What commands write: plain text, remarks, bars."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cdk_guardrails.commands import terminal
from cdk_guardrails.commands.terminal import plain, print_text, progress, say, working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_terminal(monkeypatch: pytest.MonkeyPatch, patience: float) -> Terminal:
    """What stderr is from now on. (In a fixture it would be put back before the test.)"""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(terminal, "PATIENCE", patience)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    return stream


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grüße \u4e16", "grüße \u4e16"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred\x07\x00", "\\x1b[31mred\\x07\\x00"),
        ("\u202eevil\u2028", "\\u202eevil\\u2028"),
        ("\ud800", "\\ud800"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_remarks_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("a result\n")
    say("a remark")
    assert capsys.readouterr() == ("a result\n", "cdk-guardrails: a remark\n")


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", b"gr\\xfc\\xdf \\u4e16"), ("latin-1", b"gr\xfc\xdf \\u4e16")]
)
def test_what_an_encoding_lacks_is_escaped(encoding: str, shown: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = {name: io.TextIOWrapper(io.BytesIO(), encoding) for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    print_text("grüß \u4e16")
    say("grüß \u4e16")
    streams["stderr"].flush()
    assert streams["stdout"].buffer.getvalue() == shown  # type: ignore[attr-defined]
    assert streams["stderr"].buffer.getvalue() == b"cdk-guardrails: " + shown + b"\n"  # type: ignore[attr-defined]


class TestBars:
    def test_nothing_is_drawn_for_what_is_quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stderr = at_terminal(monkeypatch, 60.0)
        assert list(progress([1, 2], "reading", 2)) == [1, 2]
        with working("judging"):
            pass
        assert stderr.getvalue() == ""

    def test_what_takes_long_has_a_bar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stderr = at_terminal(monkeypatch, 0.0)
        for _ in progress(range(2), "read\x1b[31ming", 2):
            _wait_for(lambda: "ing" in stderr.getvalue())
        assert "read\\x1b[31ming" in stderr.getvalue()

    def test_one_thing_that_takes_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stderr = at_terminal(monkeypatch, 0.0)
        with working("judging"):
            _wait_for(lambda: "judging" in stderr.getvalue())

    @pytest.mark.parametrize("term", ["dumb", None])
    def test_none_where_there_is_no_terminal(
        self, term: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def started(*_: object) -> None:
            raise AssertionError

        monkeypatch.setattr("threading.Timer.start", started)
        if term:
            monkeypatch.setenv("TERM", term)
            monkeypatch.setattr("sys.stderr", Terminal())
        with working("judging"):
            pass
        assert list(progress([1], "reading")) == [1]

    def test_an_error_ends_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stderr = at_terminal(monkeypatch, 0.0)

        def items() -> Iterator[int]:
            yield 1
            _wait_for(lambda: "reading" in stderr.getvalue())
            raise ValueError("x")

        with pytest.raises(ValueError, match="x"):
            list(progress(items(), "reading"))
        before = stderr.getvalue()
        time.sleep(0.2)
        assert stderr.getvalue() == before


def _wait_for(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")
