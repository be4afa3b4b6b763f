"""Rules of other packages: the example, found by its entry point and used everywhere; and packages that are broken."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import cli
from cdk_guardrails.docs_pages import service
from cdk_guardrails.errors import RuleError
from cdk_guardrails.rules import registry
from tests.distributions import distribution
from tests.docs.pages import Block, blocks

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "custom_rule"
PAGE = EXAMPLE.parent.parent / "docs" / "write_a_rule.md"
GROUP = registry.ENTRY_POINT_GROUP
RULE = "acme-on-call-alarm"
TOPIC = {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:acme-on-call"}
APP = """\
import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from cdk_guardrails import Guardrails, suppress

app = cdk.App(outdir="cdk.out")
stack = cdk.Stack(app, "Shop")
metric = cloudwatch.Metric(namespace="Shop", metric_name="Errors")
for name in ("Loud", "Trend", "Quiet"):
    alarm = cloudwatch.Alarm(stack, name, metric=metric, threshold=1, evaluation_periods=1, alarm_name=name)
suppress(alarm, "acme-on-call-alarm", reason="for the demo")
tags = {"Owner": "payments", "Project": "shop", "Department": "retail"}
rules = {"hardcoded-name": "off", "alarm-actions": "off"}
cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, rules=rules))
app.synth()
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder in which the example is installed, as its pyproject.toml says."""
    toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = toml.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    distribution(tmp_path / "site", project["name"], **project["entry-points"])
    return tmp_path / "site"


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python in an environment that has the example."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    path = os.pathsep.join(map(str, (site, EXAMPLE, EXAMPLE.parent.parent)))
    environment = kept | {"PYTHONPATH": path, "CDK_VALIDATION": "false", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("block", [block for block in blocks(PAGE) if block.title], ids=lambda block: block.title)
def test_the_page_shows_the_example(block: Block) -> None:
    assert (EXAMPLE / block.title).read_text(encoding="utf-8") == block.text


def test_the_page_shows_every_file() -> None:
    files = {file.relative_to(EXAMPLE).as_posix() for file in EXAMPLE.rglob("*") if file.suffix in (".py", ".toml")}
    assert {block.title for block in blocks(PAGE) if block.title} == files


def test_its_own_tests_pass(run: Run) -> None:
    done = run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(EXAMPLE), str(EXAMPLE)
    )
    assert done.returncode == 0, done.stdout
    assert "9 passed" in done.stdout


def test_guardrails_fix_with_it(run: Run, tmp_path: Path) -> None:
    [settings] = [block.text for block in blocks(PAGE) if block.text.startswith("[rules.")]
    (tmp_path / "guardrails.toml").write_text(settings)
    (tmp_path / "app.py").write_text(APP)
    done = run("app.py")
    assert done.returncode == 0, done.stderr
    resources = json.loads((tmp_path / "cdk.out" / "Shop.template.json").read_text())["Resources"].values()
    alarms = [item["Properties"] for item in resources if item["Type"] == "AWS::CloudWatch::Alarm"]
    called = {alarm["AlarmName"]: TOPIC in alarm.get("AlarmActions", []) for alarm in alarms}
    assert called == {"Loud": True, "Trend": False, "Quiet": False}
    report = json.loads((tmp_path / "cdk.out" / "guardrails-report.json").read_text())
    [fixed] = [fix for fix in report["fixes"] if fix["rule"] == RULE]
    assert fixed["construct_path"] == "Shop/Loud/Resource"
    assert fixed["property_path"].endswith(".Properties.AlarmActions")
    assert [entry["construct_path"] for entry in report["suppressed"] if entry["rule"] == RULE] == [
        "Shop/Quiet/Resource"
    ]


def test_settings_of_it_are_checked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "guardrails.toml").write_text(f'[rules.{RULE}]\ntopics = "x"\n')
    (tmp_path / "app.py").write_text(APP)
    done = run("app.py")
    assert done.returncode != 0
    assert f"{RULE} has no option 'topics'. Did you mean 'topic'?" in done.stderr


def test_the_command_line_explains_it(run: Run) -> None:
    [command] = [
        line for block in blocks(PAGE) for line in block.text.splitlines() if line.startswith("cdk-guardrails")
    ]
    done = run("-m", *command.replace("-", "_", 1).split())
    assert done.returncode == 0, done.stderr
    for said in ("Alarms wake the people on call", "acme-on-call", "silent", "the alarm does not call acme-on-call"):
        assert said in done.stdout


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs a module of rules for one test, as the distribution ``acme-rules 1.0``."""
    caches = (registry._from_entry_points, registry.all_rules, registry.source_rules, registry.every_rule)

    def clear() -> None:
        for cache in caches:
            cache.cache_clear()

    def install(text: str, entry: str = "acme_rules", name: str = "acme-rules") -> None:
        site = tmp_path / name
        distribution(site, name, **{GROUP: {"acme": entry}})
        (site / f"{entry.partition(':')[0]}.py").write_text(textwrap.dedent(text))
        monkeypatch.syspath_prepend(str(site))
        clear()

    before = set(sys.modules)
    clear()
    yield install
    for name in set(sys.modules) - before:
        del sys.modules[name]
    monkeypatch.undo()
    clear()


LAMP = '''
from cdk_guardrails.rules.base import Concern, Example, Rule

class Lamp(Rule):
    """Lamps are lit."""

    id = "acme-lamp"
    why = "It is dark."
    resource_types = ("Test::Lamp",)
    concern = Concern.OUTPUTS
    bad = good = Example("Resources: {Lamp: {Type: Test::Lamp}}")

    def check(self, resource, template, settings):
        yield self.finding(resource, "it is not lit")
'''


def test_a_module_of_one_rule(install: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    install(LAMP)
    assert registry.rule_of("acme-lamp").title == "Lamps are lit"
    assert service(registry.rule_of("acme-lamp")) == "acme_rules"
    assert cli.main(["rules"]) == 0
    assert "acme-lamp" in capsys.readouterr().out


def test_a_class_by_its_name(install: Callable[..., None]) -> None:
    install(LAMP, "acme_rules:Lamp")
    assert "acme-lamp" in registry.every_rule()


def test_two_entry_points_may_lead_to_one_rule(install: Callable[..., None]) -> None:
    install(LAMP)
    install("", "acme_rules:Lamp", name="acme-twice")
    (Path(sys.path[0]) / "acme_rules.py").unlink()
    assert "acme-lamp" in registry.every_rule()


NAMED = "the rules 'acme' (acme_rules) of acme-rules 1.0"
LAMP_NAMED = "acme_rules.Lamp of acme-rules 1.0"
BROKEN = [
    (
        "import acme_nothing",
        f"{NAMED} cannot be loaded: ModuleNotFoundError: No module named 'acme_nothing'",
    ),
    ("1 / 0", f"{NAMED} cannot be loaded: ZeroDivisionError: division by zero"),
    ("x = 1", f"{NAMED}: expected a Rule class, or a module or package that defines some"),
    (
        LAMP.replace("acme-lamp", "s3-versioning"),
        f"two rules have the id 's3-versioning': cdk_guardrails.rules.s3.versioning.Versioning and {LAMP_NAMED}",
    ),
    (
        LAMP.replace("acme-lamp", "Acme_Lamp"),
        f"{LAMP_NAMED}: the id 'Acme_Lamp' is not kebab-case, as 's3-versioning' is",
    ),
    (
        LAMP.replace("    why =", "    whence ="),
        f"{LAMP_NAMED} is not a complete rule: it has no why",
    ),
    (
        LAMP.replace('"Test::Lamp",', '"Test::Lamp"'),
        f"{LAMP_NAMED}: expected a tuple as resource_types, not 'Test::Lamp'",
    ),
    (
        LAMP.replace("Concern.OUTPUTS", '"Outputs"'),
        f"{LAMP_NAMED}: expected a Concern as concern, not 'Outputs'",
    ),
    (
        LAMP.replace('    """Lamps are lit."""\n', ""),
        f"{LAMP_NAMED}: expected a str as __doc__, not None",
    ),
    (
        LAMP.replace("    def check", "    def __init__(self): self.x\n\n    def check"),
        f"{LAMP_NAMED} cannot be made: AttributeError: 'Lamp' object has no attribute 'x'",
    ),
]


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[str(number) for number in range(len(BROKEN))])
def test_a_broken_package_is_named(text: str, message: str, install: Callable[..., None]) -> None:
    install(text)
    with pytest.raises(RuleError) as error:
        registry.every_rule()
    assert str(error.value) == message


@pytest.mark.parametrize("entry", ["acme_rules:Lamps", "acme_rules:Concern"])
def test_an_entry_point_that_leads_nowhere(entry: str, install: Callable[..., None]) -> None:
    install(LAMP, entry)
    with pytest.raises(RuleError, match=rf"the rules 'acme' \({entry}\) of acme-rules 1\.0"):
        registry.every_rule()


def test_a_broken_package_is_one_line_on_the_command_line(
    install: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    install("1 / 0")
    assert cli.main(["rules"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "acme-rules 1.0 cannot be loaded: ZeroDivisionError" in said.err
