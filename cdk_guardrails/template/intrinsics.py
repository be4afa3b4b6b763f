"""Intrinsic functions: what is a reference, what is unknown, what can be read all the same.

An intrinsic is any single-key mapping whose key is ``Ref`` or starts with ``Fn::``
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html),
or the marker that the bridge puts in place of a reference to another stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

FOREIGN_REF: Final = "Fn::ForeignRef"
"""A reference to a resource of another stack: never a neighbour, whatever its logical id."""

NO_VALUE: Final = {"Ref": "AWS::NoValue"}

_SUB_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")


class _Unknown:
    """The type of UNKNOWN: a value that only the deployment knows. It equals nothing but itself."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false; compare it with `is UNKNOWN` first")


UNKNOWN: Final = _Unknown()


class Reference(NamedTuple):
    """One reference to a logical id: the attribute ("" for Ref) and where it stands."""

    logical_id: str
    attribute: str
    path: tuple[str | int, ...]


def is_intrinsic(value: Any) -> bool:
    """Whether ``value`` is an intrinsic function (or a reference to another stack)."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = next(iter(value))
    return isinstance(key, str) and (key == "Ref" or key.startswith("Fn::"))


def is_no_value(value: Any) -> bool:
    """Whether ``value`` is ``{"Ref": "AWS::NoValue"}``, which CloudFormation treats as absent."""
    return isinstance(value, dict) and value == NO_VALUE


def is_unknown(value: Any) -> bool:
    """Whether only the deployment knows ``value``: an intrinsic, a dynamic reference, or UNKNOWN itself."""
    if value is UNKNOWN:
        return True
    if isinstance(value, str):
        return _DYNAMIC_REFERENCE.search(value) is not None
    return is_intrinsic(value) and not is_no_value(value)


def known(value: Any) -> Any:
    """``value`` as a rule may read it: None when absent, UNKNOWN when only the deployment knows it."""
    if isinstance(value, dict):
        if len(value) != 1:
            return value
    elif not isinstance(value, str) or "{{" not in value:
        return value
    if is_no_value(value):
        return None
    literal = _literal_text(value)
    if literal is not None:
        value = literal
    return UNKNOWN if is_unknown(value) else value


def _literal_text(value: Any) -> str | None:
    """The text of a Fn::Sub or Fn::Join that has no variable part: it is written as a function, but known."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    if isinstance(text := value.get("Fn::Sub"), str) and "${" not in text:
        return text
    join = value.get("Fn::Join")
    if isinstance(join, list) and len(join) == 2 and isinstance(join[0], str) and isinstance(join[1], list):
        if all(isinstance(part, str) for part in join[1]):
            return join[0].join(join[1])
    return None


def references(value: Any, path: tuple[str | int, ...] = ()) -> list[Reference]:
    """Every Ref, GetAtt and Sub variable in ``value``, at any depth, in any intrinsic. Pseudo parameters aside."""
    found: list[Reference] = []
    if isinstance(value, dict | list):
        _collect(value, list(path), found)
    return found


def _collect(value: Any, path: list[str | int], found: list[Reference]) -> None:
    """One path for the whole walk, copied only where a reference stands: this is the engine's hottest loop."""
    items: Any
    if isinstance(value, dict):
        if len(value) == 1:
            key, argument = next(iter(value.items()))
            if key == FOREIGN_REF:
                return
            found.extend(_direct(key, argument, tuple(path)))
        items = value.items()
    else:
        items = enumerate(value)
    for key, item in items:
        if isinstance(item, dict | list):
            path.append(key)
            _collect(item, path, found)
            path.pop()


def _direct(key: Any, argument: Any, path: tuple[str | int, ...]) -> Iterator[Reference]:
    if key == "Ref" and isinstance(argument, str):
        if not argument.startswith("AWS::"):
            yield Reference(argument, "", path)
    elif key == "Fn::GetAtt":
        logical_id, attribute = get_att(argument)
        if logical_id:
            yield Reference(logical_id, attribute, path)
    elif key == "Fn::Sub":
        yield from _sub_references(argument, path)


def get_att(argument: Any) -> tuple[str, str]:
    """The logical id and attribute of a ``Fn::GetAtt`` argument, in its list or its dotted form."""
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if isinstance(argument, list) and len(argument) >= 2 and isinstance(argument[0], str):
        return argument[0], ".".join(str(part) for part in argument[1:])
    return "", ""


def _sub_references(argument: Any, path: tuple[str | int, ...]) -> Iterator[Reference]:
    text, local = (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str):
        return
    for name in _SUB_VARIABLE.findall(text):
        name = name.strip()
        if name.startswith("AWS::") or (isinstance(local, dict) and name in local):
            continue
        logical_id, _, attribute = name.partition(".")
        yield Reference(logical_id, attribute, path)


def target(value: Any) -> str | None:
    """The logical id that ``value`` stands for when it IS a Ref, a GetAtt or a Sub of one variable, else None."""
    if not is_intrinsic(value):
        return None
    key, argument = next(iter(value.items()))
    if key == "Ref" and isinstance(argument, str):
        return None if argument.startswith("AWS::") else argument
    found = list(_direct(key, argument, ()))
    if len(found) != 1:
        return None
    sub = value.get("Fn::Sub")
    if sub is not None and not re.fullmatch(r"\$\{[^}]*\}", sub if isinstance(sub, str) else ""):
        return None
    return found[0].logical_id
