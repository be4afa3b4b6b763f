"""The pytest plugin ``guardrails``: a fixture, and ``--guardrails``, which judges every template that tests synthesize.

Every pytest run in an environment with cdk-guardrails loads this module: it imports nothing of the library, and does
nothing until it is asked for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import cdk_guardrails

if TYPE_CHECKING:
    from cdk_guardrails.pytest_checks import BoundAssertions

if cdk_guardrails._source_lines_are_ours:  # they slow every call of the CDK; who uses the library sets them again
    os.environ.pop(cdk_guardrails._SOURCE_LINES, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--guardrails`` and the settings of the same name in pytest's configuration file."""
    group = parser.getgroup("guardrails", "cdk-guardrails")
    said = "fail tests whose synthesized CloudFormation templates have errors"
    group.addoption("--guardrails", action="store_true", default=None, help=said)
    parser.addini("guardrails", f"as --guardrails: {said}", type="bool", default=False)
    parser.addini("guardrails_environment", "the environment whose rules hold (default: the settings', else prod)")
    parser.addini("guardrails_settings", "the folder of the app whose cdk.json and guardrails.toml hold (default: .)")


def pytest_configure(config: pytest.Config) -> None:
    """Notes the marker; with ``--guardrails``, loads what judges."""
    config.addinivalue_line("markers", "no_guardrails: --guardrails lets what this test synthesizes pass")
    if config.getoption("--guardrails") or config.getini("guardrails"):
        from cdk_guardrails.pytest_checks import Checks

        config.pluginmanager.register(Checks(config), "guardrails-checks")


@pytest.fixture
def guardrails(request: pytest.FixtureRequest) -> BoundAssertions:
    """`assert_clean`, `assert_flags` and `assert_fixed` with the project's own settings.

    Those of cdk.json and the settings file in pytest's root folder (or ``guardrails_settings``), for the environment
    ``guardrails_environment``. Keywords of a call are stronger.
    """
    from cdk_guardrails.pytest_checks import bound

    return bound(request.config)
