"""The words that people name environments by."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FAMILIES: Final = {
    "dev": ("dev", "development"),
    "test": ("test", "testing", "qa", "uat"),
    "staging": ("staging", "stg", "stage", "preprod"),
    "prod": ("prod", "production", "prd"),
}
_FAMILY_OF: Final = {word: family for family, members in _FAMILIES.items() for word in members}

_AMBIGUOUS: Final = frozenset({*_FAMILIES["test"], "stage"})
"""Words that stand in names for other reasons, too: ``load-test-results``."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Placed(NamedTuple):
    """A path or name without the environment that it names first: ``Prod/Api`` is ``{env}/Api`` of ``prod``."""

    environment: str
    rest: str


def words(text: str) -> list[str]:
    """The words of a name in lower case, whether parted by signs or by capitals: ``ProdOrders``, ``prod-orders``."""
    return [match[0].casefold() for match in _WORD.finditer(text)]


def is_deployed_to(word: str) -> bool:
    """Whether a word of a name can only mean an environment."""
    return word in _FAMILY_OF and word not in _AMBIGUOUS


def forms(environment: str) -> tuple[str, ...]:
    """The ways to write an environment in a name: ``prod``, ``production``, ``prd``; the given one first."""
    given = environment.casefold()
    return tuple(dict.fromkeys((given, *_FAMILIES.get(family(given), ()))))


def family(environment: str) -> str:
    """What an environment is one of: ``prod`` for ``production``; "" when its name does not say."""
    return _FAMILY_OF.get(environment.casefold(), "")


def placed_at_edge(text: str) -> Placed | None:
    """``text`` without the word that it begins or ends with, when that can only mean an environment; else None."""
    found = list(_WORD.finditer(text))
    for match in (found[0], found[-1]) if len(found) > 1 else ():
        if is_deployed_to(word := match[0].casefold()):
            return Placed(_FAMILY_OF[word], f"{text[: match.start()]}{{env}}{text[match.end() :]}")
    return None


def placed(text: str) -> Placed | None:
    """``text`` without the first environment that it names; None when it names none."""
    for match in _WORD.finditer(text):
        if family := _FAMILY_OF.get(match[0].casefold()):
            return Placed(family, f"{text[: match.start()]}{{env}}{text[match.end() :]}")
    return None
