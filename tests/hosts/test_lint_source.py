"""``Guardrails(lint_source=True)``: the app's own Python judged at synth, through the real CDK."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_guardrails import Guardrails, GuardrailsChecks, Identity, Maintainability, suppress
from cdk_guardrails.rules.registry import all_rules, every_rule
from tests.hosts.conftest import CDK, since_262, synth

NewApp = Callable[..., cdk.App]
HARD = "source-hardcoded-value"
ONE_FILE = "source-one-file"
STACK = """\
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3


class ShopStack(cdk.Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        self.images = s3.Bucket(self, "Images")
        cdk.CfnOutput(self, "Region", value="us-east-1")
        self.password = cdk.SecretValue.unsafe_plain_text("TempPass123!")
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Loads a module of an app in the current folder."""

    def load(text: str = STACK, path: str = "shop.py") -> Any:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)
        spec = importlib.util.spec_from_file_location(path.removesuffix(".py"), Path(path).absolute())
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        spec.loader.exec_module(module)
        return module

    return load


def only(*ids: str, **said: Any) -> dict[str, Any]:
    return {id_: "off" for id_ in every_rule() if id_ not in ids} | {id_: said.get(id_, {}) for id_ in ids}


def lint(scope: Any, *ids: str, aspect: type[Guardrails] = Guardrails, **given: Any) -> None:
    arguments = {"environment": "prod", "rules": only(*ids), "quiet": True, "lint_source": True, **given}
    cdk.Aspects.of(scope).add(aspect(**arguments))


def places(report: dict[str, Any], key: str = "findings") -> list[str]:
    return [f"{item['rule']} @ {item['source']}" for item in report[key]]


FOUND = [f"{HARD}[region] @ shop.py:9:45", f"{HARD}[secret] @ shop.py:10:59"]


class TestFindings:
    def test_they_are_in_the_report_with_file_line_and_column(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD)
        result = synth(app)
        assert places(result.report) == FOUND
        [region, secret] = result.report["findings"]
        assert (region["severity"], secret["severity"]) == ("warning", "error")
        assert (region["construct_path"], region["logical_id"], region["template"]) == ("", "", "")
        assert secret["acknowledge"] == f"# guardrails: ignore[{HARD}[secret]] ..."
        assert result.report["summary"]["errors"] == 1
        assert result.report["summary"]["warnings"] == 1

    @since_262
    def test_cdk_prints_the_place(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD)
        result = synth(app)
        assert "ValidationFailed" in result.error
        assert "shop.py:9:45: the Region us-east-1 is written out" in result.error
        assert "shop.py:10:59: SecretValue holds a literal where a secret belongs" in result.error
        written = json.loads((result.folder / "validation-report.json").read_text())
        said = [item["description"] for plugin in written["pluginReports"] for item in plugin["violations"]]
        assert any(text.startswith("shop.py:10:59: ") for text in said)

    def test_the_secret_is_written_nowhere(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD)
        result = synth(app)
        files = [file for file in result.folder.rglob("*") if file.is_file()]
        assert [file.name for file in files if b"TempPass123!" in file.read_bytes()] == []
        assert "TempPass123!" not in result.error

    def test_warnings_do_not_fail(self, app: cdk.App, shop: Any) -> None:
        shop(STACK.replace("TempPass123!", "<password>")).ShopStack(app, "Shop")
        lint(app, HARD)
        result = synth(app)
        assert (places(result.report), result.error) == (FOUND[:1], "")

    def test_it_is_off_by_default(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD, lint_source=None)
        result = synth(app)
        assert (places(result.report), result.error) == ([], "")

    @pytest.mark.parametrize("place", ["guardrails.toml", "cdk.json"])
    def test_it_can_be_set_elsewhere(self, new_app: NewApp, shop: Any, place: str) -> None:
        if place == "guardrails.toml":
            Path(place).write_text("lint_source = true\n")
            app = new_app()
        else:
            app = new_app(**{"cdk-guardrails": {"lint_source": True}})
        shop().ShopStack(app, "Shop")
        lint(app, HARD, lint_source=None)
        assert places(synth(app).report) == FOUND

    def test_the_same_finding_at_two_lines_stays_two(self, app: cdk.App, shop: Any) -> None:
        text = STACK + '        self.other = {"REGION": "us-east-1", "A_REGION": "us-east-1", "N": 1}\n'
        shop(text).ShopStack(app, "Shop")
        lint(app, HARD)
        result = synth(app)
        assert [place.rpartition("@ ")[2] for place in places(result.report) if "region" in place] == [
            "shop.py:9:45",
            "shop.py:11:33",
            "shop.py:11:58",
        ]

    def test_only_what_was_loaded_from_the_app_s_folder(self, app: cdk.App, shop: Any) -> None:
        Path("unused.py").write_text(STACK)
        shop(STACK, "tests/helper.py")
        shop(STACK, ".venv/lib/site-packages/theirs.py")
        shop("import aws_cdk as cdk\nstack = cdk.Stack\n").stack(app, "Shop")
        lint(app, HARD)
        assert [place for place in places(synth(app).report) if "source-" in place] == []

    def test_templates_are_judged_all_the_same(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD, "s3-versioning", mode="check")
        result = synth(app)
        assert sorted({item["rule"] for item in result.report["findings"]}) == [
            "s3-versioning",
            f"{HARD}[region]",
            f"{HARD}[secret]",
        ]

    def test_a_file_that_cannot_be_read(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        Path("shop.py").write_text("a = (\n")
        lint(app, HARD)
        result = synth(app)
        assert places(result.report) == ["source-unread @ shop.py:1:1"]

    def test_a_rule_that_crashes_hides_nothing(self, app: cdk.App, shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object) -> None:
            raise ValueError("TempPass123!")

        from cdk_guardrails.rules.registry import source_rules

        monkeypatch.setattr(source_rules()[HARD], "check", crash)
        shop().ShopStack(app, "Shop")
        lint(app, HARD, "s3-versioning", mode="check")
        result = synth(app)
        assert sorted(item["rule"] for item in result.report["findings"]) == [
            f"rule-crashed[{HARD}]",
            "s3-versioning",
        ]
        assert "TempPass123!" not in json.dumps(result.report)
        assert "Traceback" in result.report["crashes"][0]["traceback"]

    def test_a_fault_of_the_linter_hides_nothing(
        self, app: cdk.App, shop: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash() -> None:
            raise ValueError("TempPass123!")

        monkeypatch.setattr("cdk_guardrails.linting.loaded_project", crash)
        shop().ShopStack(app, "Shop")
        lint(app, HARD, "s3-versioning", mode="check")
        report = synth(app).report
        assert sorted(item["rule"] for item in report["findings"]) == ["rule-crashed", "s3-versioning"]

    def test_the_pack_alone(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        checks = GuardrailsChecks(app, environment="prod", rules=only(HARD), quiet=True, lint_source=True)
        cdk.Validations.of(app).add_plugins(checks)
        assert places(synth(app).report) == FOUND


class TestScopes:
    def test_once_with_several_scopes(self, app: cdk.App, shop: Any) -> None:
        module = shop()
        for name in ("A", "B"):
            lint(module.ShopStack(app, name), HARD)
        lint(app, HARD)
        assert places(synth(app).report) == FOUND

    def test_once_in_a_stage(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(cdk.Stage(app, "Prod"), "Shop")
        lint(app, HARD)
        assert places(synth(app).report) == FOUND

    def test_a_second_synth_says_the_same(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD)
        first = synth(app).bytes()
        assert synth(app, force=True).bytes() == first

    def test_a_concern_has_its_own_rules_only(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD, aspect=Identity)
        assert places(synth(app).report) == []

    def test_each_concern_by_the_settings_that_want_it(self, app: cdk.App, shop: Any) -> None:
        shop().ShopStack(app, "Shop")
        lint(app, HARD, aspect=Identity)
        lint(app, HARD, aspect=Maintainability, rules=only(HARD, **{HARD: "warning"}))
        result = synth(app)
        assert places(result.report) == FOUND
        assert {item["severity"] for item in result.report["findings"]} == {"warning"}

    def test_a_scope_that_does_not_want_it_is_not_asked(self, app: cdk.App, shop: Any) -> None:
        stack = shop().ShopStack(app, "Shop")
        lint(app, HARD, lint_source=False)
        lint(stack, HARD, rules=only(HARD, **{HARD: "warning"}))
        assert {item["severity"] for item in synth(app).report["findings"]} == {"warning"}


class TestSuppressions:
    COMMENTED = STACK.replace(
        'value="us-east-1")', f'value="us-east-1")  # guardrails: ignore[{HARD}] of the companion'
    )

    def test_a_comment(self, app: cdk.App, shop: Any) -> None:
        shop(self.COMMENTED).ShopStack(app, "Shop")
        lint(app, HARD)
        result = synth(app)
        assert places(result.report) == FOUND[1:]
        assert places(result.report, "suppressed") == FOUND[:1]
        [held] = result.report["suppressed"]
        assert (held["reason"], held["where"]) == ("of the companion", "shop.py:9")

    def test_one_of_no_use_is_said_once(self, app: cdk.App, shop: Any) -> None:
        module = shop(STACK.replace('"Images")', f'"Images")  # guardrails: ignore[{ONE_FILE}] small'))
        module.ShopStack(app, "Shop")
        lint(app, HARD, ONE_FILE)
        lint(app, HARD, ONE_FILE)
        assert places(synth(app).report)[:1] == [f"unused-suppression[{ONE_FILE}] @ shop.py:8"]

    def test_a_wrong_one_is_said_once(self, app: cdk.App, shop: Any) -> None:
        shop(STACK.replace('"Images")', f'"Images")  # guardrails: ignore[{HARD}]')).ShopStack(app, "Shop")
        lint(app, HARD)
        assert places(synth(app).report).count(f"invalid-suppression[{HARD}] @ shop.py:8") == 1

    @pytest.mark.parametrize("how", ["suppress", "acknowledge"])
    def test_on_the_app_it_is_about_its_code_too(self, app: cdk.App, shop: Any, how: str) -> None:
        shop().ShopStack(app, "Shop")
        if how == "suppress":
            suppress(app, HARD, reason="a sample")
        else:
            id_ = f"cdk-guardrails::{HARD}"
            cdk.Validations.of(app).acknowledge(cdk.Acknowledgment(id=id_, reason="a sample"))
        lint(app, HARD)
        result = synth(app)
        assert (places(result.report), result.error) == ([], "")
        assert places(result.report, "suppressed") == FOUND

    def test_on_a_construct_it_is_not(self, app: cdk.App, shop: Any) -> None:
        suppress(shop().ShopStack(app, "Shop"), HARD, reason="a sample")
        lint(app, HARD)
        assert places(synth(app).report) == FOUND

    @since_262
    def test_a_comment_on_the_line_that_makes_a_resource(self, app: cdk.App, shop: Any) -> None:
        text = STACK.replace('"Images")', '"Images")  # guardrails: ignore[s3-versioning] scratch data')
        shop(text).ShopStack(app, "Shop")
        lint(app, "s3-versioning", lint_source=None)
        result = synth(app)
        assert result.report["findings"] == []
        assert result.of_type("Shop", "AWS::S3::Bucket") == [{}], "the fix is held back, too"
        [held] = result.report["suppressed"]
        assert (held["rule"], held["reason"]) == ("s3-versioning", "scratch data")

    @since_262
    def test_such_a_comment_that_is_of_no_use(self, app: cdk.App, shop: Any) -> None:
        text = STACK.replace('"Images")', '"Images", versioned=True)  # guardrails: ignore[s3-versioning] scratch data')
        shop(text).ShopStack(app, "Shop")
        lint(app, "s3-versioning", lint_source=None)
        assert places(synth(app).report) == ["unused-suppression[s3-versioning] @ shop.py:8"]


APP = """
import sys
import aws_cdk as cdk
from shop import ShopStack
from cdk_guardrails import Guardrails

app = cdk.App()
ShopStack(app, "Shop")
rules = {id_: "off" for id_ in __IDS__} | {"source-hardcoded-value": sys.argv[1]}
cdk.Aspects.of(app).add(Guardrails(environment="prod", lint_source=True, rules=rules))
app.synth()
"""


@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("warning", 0)])
def test_plain_python_exits_with(tmp_path: Path, severity: str, code: int, plain_env: dict[str, str]) -> None:
    (tmp_path / "shop.py").write_text(STACK)
    (tmp_path / "app.py").write_text(APP.replace("__IDS__", repr(sorted(every_rule()))))
    command = [sys.executable, "app.py", severity]
    ran = subprocess.run(command, cwd=tmp_path, env=plain_env, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stderr
    assert "shop.py:10:59: " in ran.stderr
    assert "TempPass123!" not in ran.stderr + ran.stdout
    assert "fixed 0, errors" in ran.stderr


def test_without_it_nothing_of_it_is_loaded(tmp_path: Path, plain_env: dict[str, str]) -> None:
    (tmp_path / "app.py").write_text(
        "import sys\nimport aws_cdk as cdk\nfrom aws_cdk import aws_s3 as s3\nfrom cdk_guardrails import Guardrails\n"
        'app = cdk.App()\ns3.Bucket(cdk.Stack(app, "Stack"), "Bucket")\n'
        'cdk.Aspects.of(app).add(Guardrails(environment="dev", quiet=True, '
        f"rules={dict.fromkeys(all_rules(), 'warning')}))\napp.synth()\n"
        "print([name for name in ('cdk_guardrails.linting', 'cdk_guardrails.source.loaded') if name in sys.modules])\n"
    )
    command = [sys.executable, "app.py"]
    ran = subprocess.run(command, cwd=tmp_path, env=plain_env, capture_output=True, text=True, check=False)
    assert CDK < (2, 262) or ran.stdout.splitlines()[-1] == "[]", ran.stderr
