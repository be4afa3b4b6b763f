"""The report as one HTML page for people: it loads nothing, and can be read without its script.

Every value is escaped by Jinja2. The content security policy allows the page's own style and script, by their hashes,
and nothing else: what a template smuggles in could neither run nor reach the network.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib import resources
from typing import Any, Final

import jinja2
from markupsafe import Markup

from cdk_guardrails.report.html.page import Page
from cdk_guardrails.report.model import Report

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Characters that show nothing, change the direction of what follows, or that UTF-8 cannot hold."""


def render(report: Report) -> str:
    """The page. Equal reports give equal bytes: what depends on the day, the page's script works out."""
    style, script = _part("page.css"), _part("page.js")
    page = Page.of(report)
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(page=page, report=report, style=style, script=script, policy=_policy(style, script))
    )


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader(__name__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )


def _visible(value: Any) -> Any:
    """``value``, with characters that a reader would not see written as their escapes."""
    if type(value) is str and _UNSEEN.search(value):
        return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), value)
    return value


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def _part(name: str) -> Markup:
    return Markup(resources.files(__name__).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - our own file
