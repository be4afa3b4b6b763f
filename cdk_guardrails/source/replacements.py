"""What a manifest's deprecation text says, with the names that it uses as they are in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cdk_guardrails.source.cdk_index import Index
from cdk_guardrails.source.cdk_types import CdkType, Kind, Member
from cdk_guardrails.source.python_names import snake_case

MAX_CHARACTERS: Final = 200
MAX_TEXT: Final = 4000
"""Characters of a manifest's text that are looked at: packages of others may say anything."""

_MARKS: Final = re.compile(r"\{@link\s+([^{}|]+?)\s*\}|`+([^`]+)`+|`")
_NAME: Final = re.compile(r"(?<![\w@/<.-])[A-Za-z_]\w*(?:[.#][A-Za-z_]\w*)*(?:\(\))?(?![\w/-])")
_SENTENCE_END: Final = re.compile(r"(?<=[\w)`'])[.!](?=\s|$)|\n\s*\n")
_CALLED: Final = re.compile(r"\.([a-z]+[A-Z]\w*)\(")
_CAMEL: Final = re.compile(r"(^|\.)[a-z]+[A-Z]")
_LINK: Final = re.compile(r"[\s-]*https?://\S+")
_EMPTY: Final = re.compile(r"(this|the) \w+ (has been|is) deprecated\.?", re.IGNORECASE)
_ADVICE: Final = re.compile(
    r"\b(use|instead|see|replaced|superseded|migrate|moved|favou?r|rename[ds]?|prefer|call|create|leave|pass|set)\b",
    re.IGNORECASE,
)


class Deprecation(NamedTuple):
    """Why something is deprecated, in one sentence without its full stop, and what to do about it ("" when unsaid).

    ``names`` are the Python names in the advice that the installed packages have.
    """

    reason: str
    advice: str
    names: tuple[str, ...]


def explained(index: Index, owner: str, text: str) -> Deprecation:
    """The deprecation ``text`` of the type ``owner`` or of one of its members."""
    sentences = [sentence for sentence in _sentences(text) if not _EMPTY.fullmatch(sentence)]
    if not sentences:
        return Deprecation("", "", ())
    said = [_translated(index, owner, sentence) for sentence in sentences]
    advice = next(((spoken, names) for spoken, names in said if names and _ADVICE.search(spoken)), None)
    advice = advice or next(((spoken, names) for spoken, names in said if _ADVICE.search(spoken)), ("", []))
    return Deprecation(_cut(said[0][0]), _cut(advice[0]), tuple(dict.fromkeys(advice[1])))


def _sentences(text: str) -> list[str]:
    plain = _LINK.sub("", text[:MAX_TEXT].strip().lstrip("-").strip())
    found = (" ".join(part.split()) for part in _SENTENCE_END.split(plain))
    return [part.strip(" .-") for part in found if part.strip(" .-")]


def _cut(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    start = text[:MAX_CHARACTERS]
    return f"{start.rpartition(' ')[0] or start} ..."


def _translated(index: Index, owner: str, sentence: str) -> tuple[str, list[str]]:
    """The sentence in Python's names, and the code in it that is known: names, and what is marked as code with one."""
    parts: list[str] = []
    known: list[str] = []
    end = 0
    for match in _MARKS.finditer(sentence):
        plain, names = _names(index, owner, sentence[end : match.start()])
        code, inside = _names(index, owner, match[1] or match[2] or "", marked=True)
        parts += [plain, code]
        known += [*names, *([_as_argument(code)] if inside else [])]
        end = match.end()
    plain, names = _names(index, owner, sentence[end:])
    return "".join([*parts, plain]), [*known, *names]


def _names(index: Index, owner: str, text: str, marked: bool = False) -> tuple[str, list[str]]:
    """``text`` with its names as they are in Python, and those that are known."""
    known: list[str] = []

    def one(match: re.Match[str]) -> str:
        written = match[0].removesuffix("()")
        found = _resolved(index, owner, re.split(r"[.#]", written))
        if found:
            known.append(found + match[0][len(written) :])
        elif marked and _CAMEL.search(written):
            found = ".".join(snake_case(part) for part in written.split("."))
        return (found or written) + match[0][len(written) :]

    named = _NAME.sub(one, text)
    return _CALLED.sub(lambda match: f".{snake_case(match[1])}(", named), known


def _as_argument(code: str) -> str:
    """``name: value``, as JavaScript has it, is ``name=value``."""
    return re.sub(r"^(\w+): ", r"\1=", code)


def _resolved(index: Index, owner: str, parts: list[str]) -> str:
    """The Python name of what ``parts`` name, seen from the type ``owner``; "" when it is no such thing."""
    type_ = index.type(owner)
    if type_ is None:
        return ""
    if len(parts) == 1 and (member := _by_jsii_name(index, owner, parts[0])) and _is_telling(parts[0]):
        return member.name if type_.kind is Kind.STRUCT or not member.static else f"{type_.qualified}.{member.name}"
    for start, end in _ways(parts):
        named = _type(index, type_, parts[:start], parts[start:end])
        if named:
            return _with_members(index, named, parts[end:])
    return ""


def _is_telling(word: str) -> bool:
    """Whether a word in a sentence is a name: ``warningsV2`` is, ``instance`` may be a plain word."""
    return not word.islower() or "_" in word


def _ways(parts: list[str]) -> Iterator[tuple[int, int]]:
    """How much of a dotted name is the module, and where the type's name ends."""
    yield 0, 1
    if len(parts) > 1:
        yield 1, 2


def _type(index: Index, near: CdkType, module: list[str], name: list[str]) -> CdkType | None:
    if not name or not name[0][:1].isupper():
        return None
    root = near.module.partition(".")[0]
    if module:
        places = [f"{root}.{module[0]}", f"{root}.aws_{module[0]}"]
    else:
        related = (other for other in index.modules if other.startswith(f"{near.module}_"))
        places = [near.module, root, *sorted(related)]
    return next((found for place in places if (found := index.in_module(place, name[0]))), None)


def _with_members(index: Index, type_: CdkType, rest: list[str]) -> str:
    found = type_.qualified
    fqn = type_.fqn
    for name in rest:
        member = _by_jsii_name(index, fqn, name)
        found += f".{member.name if member else snake_case(name)}"
        fqn = member.ref.name if member and member.ref and member.ref.kind == "type" else ""
    return found


def _by_jsii_name(index: Index, fqn: str, name: str) -> Member | None:
    return next((member for member in index.members(fqn).values() if member.jsii_name == name), None)
