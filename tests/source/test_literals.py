"""The texts that are written out in a module, and what they stand under."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.literals import Literal, literals, speaking_name
from cdk_guardrails.source.project import Project


def found(folder: Path, text: str) -> list[Literal]:
    (folder / "app.py").write_text(f"{text}\n", encoding="utf-8")
    project = Project([folder / "app.py"])
    assert project.unread == []
    return literals(project.modules[0])


def named(folder: Path, text: str) -> dict[str, str]:
    """The names of those that have one, by text."""
    return {each.text: each.name for each in found(folder, text) if each.name}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = '1'", {"1": "a"}),
        ("a = b = '1'", {"1": "a"}),
        ("a.b: str = '1'", {"1": "b"}),
        ("a += '1'", {"1": "a"}),
        ("a['k'] = '1'", {"1": "k"}),
        ("a[0]['k'] = '1'", {"1": "k"}),
        ("f(k='1')", {"1": "k"}),
        ("f(k=['1', ('2',)])", {"1": "k", "2": "k"}),
        ("f(**{'k': '1'})", {"1": "k"}),
        ("{'k': '1', k2: '2', f(): '3'}", {"1": "k", "2": "k2"}),
        ("{'k': {'l': ['1']}}", {"1": "l"}),
        ("x = 'a' + 'b' if y else ('c' or 'd')", {"a": "x", "b": "x", "c": "x", "d": "x"}),
        ("def f(a, p='1', *, q='2', r): pass", {"1": "p", "2": "q"}),
        ("lambda p='1': p", {"1": "p"}),
        ("os.environ.get('N', '1')", {"1": "N"}),
        ("os.getenv(NAME, '1')", {"1": "NAME"}),
        ("fn.add_environment('N', '1')", {"1": "N"}),
        ("a = b'1'", {"1": "a"}),
        ("a = 111122223333", {"111122223333": "a"}),
        # nothing that gives it a name
        ("f('1')", {}),
        ("f(*['1'])", {}),
        ("get()['1']", {}),
        ("a = f('1')", {}),
        ("return_('1', '2')", {}),
        ("if a == '1': pass", {}),
        ("a = 5; b = 11112222333; c = 1.5; d = True; e = ...", {}),
    ],
)
def test_names(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert named(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("Parameter(self, 'Password', default='1')", "1", "Password"),
        ("Parameter(self, 'a/b/Password', default='1')", "1", "Password"),
        ("Parameter(self, 'Id', name='Other', value='1')", "1", "Other"),
        ("{'name': 'DB_PASSWORD', 'value': '1'}", "1", "DB_PASSWORD"),
        ("{'ParameterKey': 'Pass', 'Value': '1'}", "1", "Pass"),
        ("f(value='1')", "1", "value"),
        ("f(a, b, value='1')", "1", "value"),
        ("value = '1'", "1", "value"),
        ("f(self, 'Id', other='1')", "1", "other"),
    ],
)
def test_names_that_speak(tmp_path: Path, text: str, value: str, expected: str) -> None:
    [literal] = [each for each in found(tmp_path, text) if each.text == value]
    assert speaking_name(literal) == expected


def test_what_is_known_of_a_template(tmp_path: Path) -> None:
    [template] = [each for each in found(tmp_path, "a = f'x{b}y{c!r}'") if each.name]
    assert (template.text, template.is_whole) == ("x\0y\0", False)
    assert all(each.is_whole for each in found(tmp_path, "a = f'x' 'y'"))


@pytest.mark.parametrize(
    "text", ["'''Docs.'''", "def f():\n    'Docs.'", "class A:\n    a = 1\n    'Of a.'", "f\n'text'", "# 'a'", ""]
)
def test_what_only_describes_is_none(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_in_the_order_of_the_text_and_asked_once(tmp_path: Path) -> None:
    each = found(tmp_path, "a = '1'\nf('2', k=['3', '4'])\nb = '5'")
    assert [literal.text for literal in each] == ["1", "2", "3", "4", "5"]
    module = each[0].module
    assert literals(module) is literals(module)


def test_a_deep_sum(tmp_path: Path) -> None:
    assert set(named(tmp_path, "a = " + " + ".join(["'1'"] * 900)).values()) == {"a"}
