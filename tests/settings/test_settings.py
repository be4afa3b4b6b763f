"""Settings: which source wins, what is allowed, and what an error says."""

from __future__ import annotations

import dataclasses
import datetime
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from cdk_guardrails.errors import SettingsError
from cdk_guardrails.rules.base import Option, Severity
from cdk_guardrails.rules.registry import all_rules, rule_of
from cdk_guardrails.settings import PROFILES, RuleOverride, Settings
from cdk_guardrails.settings.values import PACKS, options


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The root of a repository."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def refused(arguments: dict[str, Any] | None = None, context: Any = None, directory: Path | None = None) -> str:
    with pytest.raises(SettingsError) as raised:
        Settings.load(arguments, context, directory)
    return str(raised.value)


class TestProfiles:
    def test_without_an_environment_it_is_the_strictest(self) -> None:
        settings = Settings.load()
        assert (settings.environment, settings.profile) == (None, "prod")

    @pytest.mark.parametrize("name", PROFILES)
    def test_a_built_in_environment_is_its_own_profile(self, name: str) -> None:
        assert Settings.load({"environment": name}).profile == name
        assert Settings(environment=name).profile == name

    def test_an_environment_of_one_s_own_is_strict_unless_it_says(self) -> None:
        context = {"environments": {"qa": {"profile": "staging"}, "live": {}}}
        assert Settings.load({"environment": "qa"}, context).profile == "staging"
        assert Settings.load({"environment": "live"}, context).profile == "prod"
        assert Settings(environment="qa").profile == "prod"

    def test_the_profile_decides_which_rules_are_on(self) -> None:
        rule = rule_of("s3-versioning")
        assert Settings.load({"environment": "dev"}).for_rule(rule).severity is Severity.OFF
        assert Settings.load({"environment": "prod"}).for_rule(rule).severity is Severity.ERROR
        assert Settings.load({"environment": "dev", "rules": {rule.id: "warning"}}).for_rule(rule).severity is (
            Severity.WARNING
        )

    def test_and_the_defaults_of_options(self) -> None:
        rule = rule_of("logs-retention")
        days = {name: Settings.load({"environment": name}).for_rule(rule)["days"] for name in PROFILES}
        assert days["dev"] < days["prod"]
        assert Settings.load({"environment": "prod", "rules": {rule.id: {"days": 30}}}).for_rule(rule)["days"] == 30


class TestPrecedence:
    """Each step of the order, with the weaker sources still there."""

    FILE = """
        mode = "check"
        names = "file-{env}-*"
        quiet = true
        unsafe_fixes = true
        tags = {Owner = "file", Project = "file", Department = "file", Team = "file"}
        [rules.logs-retention]
        days = 5
        severity = "warning"
        [environments.dev]
        quiet = false
        tags = {Project = "file dev"}
        [environments.dev.rules.logs-retention]
        fix = false
    """
    CONTEXT: ClassVar[dict[str, Any]] = {
        "environment": "dev",
        "names": "context-{env}",
        "tags": {"Owner": "context", "Department": "context"},
        "environments": {"dev": {"tags": {"Department": "context dev"}}},
    }

    def loaded(self, project: Path, arguments: dict[str, Any]) -> Settings:
        (project / "guardrails.toml").write_text(self.FILE)
        return Settings.load(arguments, self.CONTEXT, project)

    def test_arguments_context_file_profile(self, project: Path) -> None:
        settings = self.loaded(project, {"tags": {"Owner": "argument"}, "unsafe_fixes": False})
        assert settings.tags == {
            "Owner": "argument",
            "Department": "context dev",
            "Project": "file dev",
            "Team": "file",
        }
        assert (settings.environment, settings.names, settings.mode) == ("dev", "context-{env}", "check")
        assert (settings.quiet, settings.unsafe_fixes) == (False, False)

    def test_a_rule_sees_every_text_that_was_set(self) -> None:
        rules = {"required-tags": {"keys": ["Owner", "Team"]}, "iam-wildcard-action": "off"}
        assert Settings.load({"rules": rules}).for_rule(rule_of("s3-versioning")).texts == {"Owner", "Team"}
        assert Settings.load().for_rule(rule_of("s3-versioning")).texts == frozenset()

    def test_rules_merge_by_what_is_said_of_each(self, project: Path) -> None:
        settings = self.loaded(project, {"rules": {"logs-retention": "error", "s3-versioning": "off"}})
        assert settings.rules["logs-retention"] == RuleOverride("error", False, {"days": 5})
        assert settings.rules["s3-versioning"] == RuleOverride("off")
        seen = settings.for_rule(rule_of("logs-retention"))
        assert (seen.severity, seen.fixes, seen["days"]) == (Severity.ERROR, False, 5)

    def test_the_table_of_another_environment_plays_no_part(self, project: Path) -> None:
        settings = self.loaded(project, {"environment": "prod"})
        assert settings.tags["Project"] == "file"
        assert settings.tags["Department"] == "context"
        assert settings.quiet

    def test_an_argument_that_is_none_is_not_given(self, project: Path) -> None:
        assert self.loaded(project, {"environment": None, "names": None}).environment == "dev"

    def test_a_file_may_name_the_environment(self, project: Path) -> None:
        (project / "guardrails.toml").write_text('environment = "qa"\n[environments.qa]\nprofile = "dev"\n')
        settings = Settings.load({}, None, project)
        assert (settings.environment, settings.profile) == ("qa", "dev")

    def test_the_context_may_be_json_as_from_the_command_line(self) -> None:
        assert Settings.load({}, json.dumps({"environment": "dev"})).environment == "dev"


class TestFiles:
    def test_pyproject_toml(self, project: Path) -> None:
        (project / "pyproject.toml").write_text('[tool.cdk-guardrails]\nenvironment = "dev"\n')
        assert Settings.load(directory=project).environment == "dev"

    def test_the_closest_folder_upwards(self, project: Path) -> None:
        (project / "guardrails.toml").write_text('environment = "dev"')
        app = project / "infra" / "app"
        app.mkdir(parents=True)
        (project / "infra" / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.ruff]\n')
        assert Settings.load(directory=app).environment == "dev"
        (project / "infra" / "pyproject.toml").write_text('[tool.cdk-guardrails]\nenvironment = "staging"\n')
        assert Settings.load(directory=app).environment == "staging"

    def test_not_beyond_the_repository(self, project: Path) -> None:
        (project / "guardrails.toml").write_text('environment = "dev"')
        inner = project / "vendored"
        (inner / ".git").mkdir(parents=True)
        assert Settings.load(directory=inner).environment is None

    def test_not_beyond_the_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "guardrails.toml").write_text('environment = "dev"')
        home = tmp_path / "home"
        (home / "app").mkdir(parents=True)
        monkeypatch.setattr(Path, "home", lambda: home)
        assert Settings.load(directory=home / "app").environment is None

    def test_no_directory_no_file(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "guardrails.toml").write_text('environment = "dev"')
        monkeypatch.chdir(project)
        assert Settings.load().environment is None

    def test_a_pyproject_that_is_silent_on_us_may_be_broken(self, project: Path) -> None:
        (project / "pyproject.toml").write_text("[[[")
        assert Settings.load(directory=project).environment is None

    def test_both_files_in_one_folder(self, project: Path) -> None:
        (project / "guardrails.toml").write_text('environment = "dev"')
        (project / "pyproject.toml").write_text('[project]\ndependencies = ["cdk-guardrails"]\n')
        assert Settings.load(directory=project).environment == "dev"
        (project / "pyproject.toml").write_text("[tool.cdk-guardrails]\n")
        assert "both have settings: keep one of them" in refused(directory=project)

    def test_what_is_no_toml(self, project: Path) -> None:
        path = project / "guardrails.toml"
        path.write_text("environment = dev")
        assert refused(directory=project).startswith(f"{path}: expected TOML: ")
        path.write_bytes(b'names = "\xff"')
        assert refused(directory=project).startswith(f"{path}: expected UTF-8 text")

    def test_an_error_names_the_file(self, project: Path) -> None:
        path = project / "pyproject.toml"
        path.write_text("[tool.cdk-guardrails.environments.prod.rules]\ns3-versionin = 'off'\n")
        assert refused(directory=project) == (
            f"{path} [tool.cdk-guardrails]: environments.prod: rules: there is no rule 's3-versionin'."
            " Did you mean 's3-versioning'?"
        )

    def test_a_table_that_is_none(self, project: Path) -> None:
        (project / "pyproject.toml").write_text("[tool]\ncdk-guardrails = 3\n")
        assert "[tool.cdk-guardrails]: expected a table (a mapping), not 3" in refused(directory=project)


CONTEXT = "cdk.json, context 'cdk-guardrails'"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"enviroment": "dev"}, "there is no setting 'enviroment'. Did you mean 'environment'?"),
        ({"zzz": 1}, "there is no setting 'zzz'. Expected one of environment, tags, rules, mode, "),
        ({"environments": {}}, "there is no setting 'environments'. Did you mean 'environment'?"),
        ({"environment": 3}, "environment: expected a string, not 3"),
        ({"environment": " "}, "environment: expected a string that is not empty"),
        (
            {"environment": "pord"},
            "environment: there is no environment 'pord', only dev, staging, prod. Did you mean 'prod'?",
        ),
        ({"mode": "chek"}, "mode: 'chek' is not one of fix, check. Did you mean 'check'?"),
        ({"unsafe_fixes": "yes"}, "unsafe_fixes: expected true or false, not 'yes'"),
        ({"quiet": 1}, "quiet: expected true or false, not 1"),
        ({"ignore_suppressions": "false"}, "ignore_suppressions: expected true or false, not 'false'"),
        ({"packs": "AwsSolutions"}, "packs: expected a list of strings, not 'AwsSolutions'"),
        ({"packs": ["AwsSolution"]}, "packs: 'AwsSolution' is not one of AwsSolutions, "),
        ({"packs": ["AwsSolutionsChecks"]}, "Did you mean 'AwsSolutions'?"),
        ({"names": "shop-*"}, "names: expected a pattern with {env}, such as '{env}-*', not 'shop-*'"),
        ({"names": "{env}-{team}-*"}, "names: there is no placeholder '{team}', only '{env}'"),
        ({"names": ["{env}"]}, "names: expected a string, not ['{env}']"),
        ({"unsuppressable": ["s3-tls"]}, "unsuppressable: there is no rule 's3-tls'. Did you mean 's3-tls-only'?"),
        ({"today": "2027-01-31"}, "today: expected a datetime.date, not '2027-01-31'"),
        ({"tags": ["Owner"]}, "tags: expected a table (a mapping), not ['Owner']"),
        ({"tags": {1: "x"}}, "tags: expected strings as keys, not 1"),
        ({"tags": {"Owner": 7}}, "tags.Owner: expected a string, not 7"),
        ({"tags": {"Owner": None}}, "tags.Owner: expected a string, not None"),
        ({"tags": {"": "x"}}, "tags: a tag key must not be empty"),
        (
            {"tags": {"aws:cloudformation": "x"}},
            "the tag key 'aws:cloudformation' begins with 'aws:', which AWS reserves",
        ),
        ({"tags": {"Owner": "AWS:me"}}, "the tag value 'AWS:me' begins with 'aws:'"),
        ({"tags": {"k" * 129: "x"}}, "has 129 characters, 128 at most"),
        ({"tags": {"Owner": "v" * 257}}, "tags.Owner: the tag value has 257 characters, 256 at most"),
        ({"tags": {"Cost Center!": "x"}}, "the tag key 'Cost Center!' has the character '!'"),
        ({"tags": {"Owner": "a\nb"}}, "has the character '\\n'; AWS takes letters, digits, spaces and _ . : / = + - @"),
        ({"rules": ["s3-versioning"]}, "rules: expected a table (a mapping), not ['s3-versioning']"),
        ({"rules": {"s3-version": "off"}}, "rules: there is no rule 's3-version'. Did you mean 's3-versioning'?"),
        (
            {"rules": {"s3-versioning": "warn"}},
            "rules.s3-versioning: 'warn' is not one of off, warning, error. Did you mean",
        ),
        (
            {"rules": {"s3-versioning": False}},
            "rules.s3-versioning: expected off, warning, error, or a table with severity",
        ),
        ({"rules": {"s3-versioning": {"severity": 1}}}, "rules.s3-versioning.severity: expected a string, not 1"),
        ({"rules": {"s3-versioning": {"fix": "no"}}}, "rules.s3-versioning.fix: expected true or false, not 'no'"),
        (
            {"rules": {"s3-versioning": {"sevrity": "off"}}},
            "s3-versioning has no option 'sevrity'. Did you mean 'severity'?",
        ),
        ({"rules": {"logs-retention": {"day": 3}}}, "logs-retention has no option 'day'. Did you mean 'days'?"),
        ({"rules": {"logs-retention": {"days": "30"}}}, "rules.logs-retention.days: expected a whole number, not '30'"),
        ({"rules": {"logs-retention": {"days": True}}}, "rules.logs-retention.days: expected a whole number, not True"),
        ({"rules": {"logs-retention": {"days": 31}}}, "rules.logs-retention.days: 31 is not one of 1, 3, 5, "),
    ],
)
def test_what_is_refused(given: dict[str, Any], said: str) -> None:
    message = refused(given)
    assert message.startswith("Guardrails(...): ")
    assert said in message


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ("dev", "expected a table (a mapping) or its JSON, not 'dev'"),
        ([], "expected a table (a mapping), not []"),
        ({"today": "x"}, "there is no setting 'today'."),
        ({"environments": ["dev"]}, "environments: expected a table (a mapping), not ['dev']"),
        ({"environments": {"dev": "x"}}, "environments.dev: expected a table (a mapping), not 'x'"),
        ({"environments": {"dev": {"profile": "prod"}}}, "environments.dev: there is no setting 'profile'."),
        (
            {"environments": {"qa": {"profile": "stagin"}}},
            "environments.qa: profile: 'stagin' is not one of dev, staging, prod",
        ),
        ({"environments": {"qa": {"environment": "x"}}}, "environments.qa: there is no setting 'environment'."),
        ({"environments": {"q a": {}}}, "environments.q a: expected a name of letters, digits, '-', '_' and '.'"),
        ({"environments": {"qa": {"tags": {"a": 1}}}}, "environments.qa: tags.a: expected a string, not 1"),
        ({"environment": "qa2", "environments": {"qa": {}}}, "only dev, staging, prod, qa. Did you mean 'qa'?"),
    ],
)
def test_what_is_refused_in_the_context(context: Any, said: str) -> None:
    message = refused({}, context)
    assert message.startswith(f"{CONTEXT}: ")
    assert said in message


def test_a_fix_cannot_be_asked_of_a_rule_without_one() -> None:
    id_ = next(id_ for id_, rule in all_rules().items() if rule.fix_safety.value == "none")
    assert f"rules.{id_}.fix: {id_} has no fix, a person must decide" in refused({"rules": {id_: {"fix": True}}})
    assert Settings.load({"rules": {id_: {"fix": False}}}).rules[id_].fix is False


class TestOptions:
    """The types that a rule's options can have."""

    RULE: Any = SimpleNamespace(
        id="a-rule",
        options=(
            Option("rate", 1.5, ""),
            Option("count", 1, "", minimum=1, maximum=9),
            Option("on", False, ""),
            Option("word", "a", "", choices=("a", "b")),
            Option("arn", None, ""),
            Option("names", ("a",), ""),
        ),
    )

    @pytest.mark.parametrize(
        ("name", "value", "taken"),
        [
            ("rate", 2, 2.0),
            ("count", 2, 2),
            ("on", True, True),
            ("word", "b", "b"),
            ("arn", "arn:aws:kms", "arn:aws:kms"),
            ("names", ["x", "y", "x"], ("x", "y")),
            ("names", [], ()),
        ],
    )
    def test_taken(self, name: str, value: Any, taken: Any) -> None:
        [(_, got)] = options("rules.a-rule", self.RULE, {name: value}).items()
        assert (got, type(got)) == (taken, type(taken))

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("rate", True, "expected a number, not True"),
            ("count", 2.0, "expected a whole number, not 2.0"),
            ("count", 0, "0 is too small, the minimum is 1"),
            ("count", 10, "10 is too large, the maximum is 9"),
            ("on", 1, "expected true or false, not 1"),
            ("word", "c", "'c' is not one of a, b"),
            ("arn", 3, "expected a string, not 3"),
            ("names", "x", "expected a list of strings, not 'x'"),
            ("names", [3], "expected a string, not 3"),
        ],
    )
    def test_refused(self, name: str, value: Any, said: str) -> None:
        with pytest.raises(SettingsError, match=r"^rules\.a-rule") as raised:
            options("rules.a-rule", self.RULE, {name: value})
        assert str(raised.value) == f"rules.a-rule.{name}: {said}"


class TestTags:
    @pytest.mark.parametrize(
        "tags",
        [{"k" * 128: "v" * 256}, {"Größe": "5 €".replace("€", "m")}, {"a:b/c=d+e-f@g_h.i": ""}, {"awsome": "aws"}],
    )
    def test_what_aws_takes(self, tags: dict[str, str]) -> None:
        assert Settings.load({"tags": tags}).tags == tags


def test_the_packs_are_those_of_cdk_nag() -> None:
    cdk_nag = pytest.importorskip("cdk_nag")
    assert sorted(PACKS) == sorted(name[: -len("Checks")] for name in cdk_nag.__all__ if name.endswith("Checks"))


def test_all_arguments() -> None:
    settings = Settings.load(
        {
            "environment": "staging",
            "packs": ("AwsSolutions", "AwsSolutions"),
            "unsuppressable": {"s3-versioning"},
            "today": datetime.datetime(2027, 1, 31, 12),
            "names": "*-{env}",
        }
    )
    assert settings.packs == ("AwsSolutions",)
    assert settings.unsuppressable == frozenset({"s3-versioning"})
    assert (settings.today, settings.names) == (datetime.date(2027, 1, 31), "*-{env}")


def test_settings_do_not_change_and_can_be_keys() -> None:
    settings = Settings.load({"tags": {"Owner": "a"}, "rules": {"logs-retention": {"days": 5}}})
    with pytest.raises(TypeError):
        settings.tags["Owner"] = "b"  # type: ignore[index]
    with pytest.raises(TypeError):
        settings.rules["logs-retention"].options["days"] = 7  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.mode = "check"  # type: ignore[misc]
    assert {settings: 1}[dataclasses.replace(settings)] == 1


def test_rules_are_imported_only_when_a_setting_names_one(root: Path) -> None:
    code = (
        "import sys; from cdk_guardrails.settings import Settings; Settings.load({'environment': 'dev'}, None, None);"
        "print([name for name in sys.modules if name.startswith(('cdk_guardrails.rules', 'yaml', 'tomllib'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestBaseline:
    """The path of the baseline begins where its source stands."""

    def test_in_a_file_it_begins_at_the_folder_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "guardrails.toml").write_text(
            'baseline = "a/../known.json"\nenvironments.dev.baseline = "dev.json"\n', encoding="utf-8"
        )
        app = tmp_path / "apps" / "shop"
        app.mkdir(parents=True)
        assert Settings.load({}, None, app).baseline == tmp_path / "known.json"
        assert Settings.load({"environment": "dev"}, None, app).baseline == tmp_path / "dev.json"

    def test_elsewhere_at_the_app_s_folder(self, tmp_path: Path) -> None:
        assert Settings.load({"baseline": "known.json"}, None, tmp_path).baseline == tmp_path / "known.json"
        assert Settings.load({"baseline": Path("known.json")}, None, tmp_path).baseline == tmp_path / "known.json"
        assert Settings.load({}, {"baseline": "known.json"}, tmp_path).baseline == tmp_path / "known.json"
        assert Settings.load({"baseline": "known.json"}).baseline == Path("known.json")

    def test_an_absolute_path_stays_as_it_is(self, tmp_path: Path) -> None:
        file = tmp_path / "known.json"
        assert Settings.load({"baseline": str(file)}, None, tmp_path / "app").baseline == file

    def test_there_is_none_unless_it_is_given(self, tmp_path: Path) -> None:
        assert Settings.load({}, None, tmp_path).baseline is None

    @pytest.mark.parametrize("value", ["", 3, True, ["known.json"]])
    def test_what_is_no_path(self, value: object) -> None:
        with pytest.raises(SettingsError, match=r"Guardrails\(...\): baseline: expected a string"):
            Settings.load({"baseline": value})
