"""source-one-file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.linting import lint
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.source import builders
from cdk_guardrails.source.project import Project, python_files

RULE = source_rules()["source-one-file"]
HEAD = "import aws_cdk as cdk\nfrom aws_cdk import aws_s3 as s3\n\n\n"
APP = 'import aws_cdk as cdk\nfrom shop import Shop\n\napp = cdk.App()\nShop(app, "Shop")\napp.synth()\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def stack(resources: int, name: str = "Shop", base: str = "cdk.Stack", *, blank: int = 0) -> str:
    """A class that makes all of its resources in ``__init__``."""
    made = "".join(f'        s3.Bucket(self, "B{number}")\n' for number in range(resources)) + "\n" * blank
    return f"class {name}({base}):\n    def __init__(self, scope, id):\n        super().__init__(scope, id)\n{made}\n"


def methods(*resources: int, init: int = 0) -> str:
    """A stack that makes so many in each of its methods."""
    text = stack(init)
    for number, count in enumerate(resources):
        made = "".join(f'        s3.Bucket(self, "B{number}-{item}")\n' for item in range(count))
        text += f"    def _create_{number}(self):\n{made}\n"
    return text


def findings(files: dict[str, str] | str, *paths: str, **options: int) -> list[Finding]:
    for name, text in ({"shop.py": HEAD + files} if isinstance(files, str) else files).items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    settings = Settings(environment="prod", rules={RULE.id: RuleOverride(options=options)})
    outcome = lint(Project(python_files([Path(path) for path in paths or (".",)])), settings, rules=[RULE])
    assert outcome.crashes == []
    return outcome.findings


def said(files: dict[str, str] | str, *paths: str, **options: int) -> list[str]:
    return [f"{item.origin.source} {item.message}" for item in findings(files, *paths, **options)]


MESSAGE = "all stacks and constructs of the app are in this one file, which"
RESOURCES = f"shop.py:5:1 {MESSAGE} makes 21 resources (the limit is 20)"


class TestFound:
    def test_too_many_resources(self) -> None:
        [finding] = findings(stack(21))
        assert f"{finding.origin.source} {finding.message}" == RESOURCES
        assert finding.severity.value == "warning"
        assert finding.remedy.endswith("in a module of its own.")

    def test_too_many_lines(self) -> None:
        assert said(stack(2, blank=400) + "# the end\n") == [f"shop.py:5:1 {MESSAGE} has 411 lines (the limit is 300)"]

    def test_both(self) -> None:
        assert said(stack(30, blank=400) + "a = 1\n") == [
            f"shop.py:5:1 {MESSAGE} has 439 lines (the limit is 300) and makes 30 resources (the limit is 20)"
        ]

    def test_several_stacks_in_one_file(self) -> None:
        text = stack(11, "Api") + stack(10, "Data")
        assert said(text) == [RESOURCES]

    def test_an_app_file_beside_it(self) -> None:
        assert said({"shop.py": HEAD + stack(21), "app.py": APP, "config.py": "a = 1\n"}) == [RESOURCES]

    def test_what_is_no_infrastructure_does_not_count(self) -> None:
        handler = "import boto3\n\nclass Construct: pass\n\ndef handler(event, context): pass\n" * 50
        tests = HEAD + stack(30, "TestStack")
        assert said({"shop.py": HEAD + stack(21), "functions/app.py": handler, "tests/test_shop.py": tests}) == [
            RESOURCES
        ]

    def test_a_little_elsewhere_is_next_to_nothing(self) -> None:
        files = {"shop.py": HEAD + stack(21), "topic.py": HEAD + stack(1, "Topic", "Construct")}
        assert said(files) == [RESOURCES]

    def test_without_a_class(self) -> None:
        made = "".join(f's3.Bucket(stack, "B{number}")\n' for number in range(21))
        assert said(f'stack = cdk.Stack(cdk.App(), "S")\n{made}') == [
            f"shop.py:1:1 {MESSAGE} makes 21 resources (the limit is 20)"
        ]

    @pytest.mark.parametrize(
        "text",
        [
            methods(7, 7, 7, init=0).replace("_create_1", "_create_0").replace("_create_2", "_create_0"),
            methods(15, 6),  # two parts are not many
            methods(5, 5, 5, init=6),  # too much is left in __init__
            methods(1, 1, 21),  # one part has it all
        ],
    )
    def test_methods_that_do_not_divide_it(self, text: str) -> None:
        assert len(said(text)) == 1

    @pytest.mark.parametrize(
        "call",
        [
            's3.Bucket(self, f"B{n}")',
            "s3.Bucket(scope=self, id=name)",
            "s3.Bucket(self, name, versioned=True)",
            's3.CfnBucket(self, "B")',
            'cdk.CfnResource(self, "B", type="AWS::S3::Bucket")',
            'cdk.aws_s3.Bucket(self, "B")',
            'Bucket(self, "B")',
        ],
    )
    def test_what_counts_as_a_resource(self, call: str) -> None:
        assert len(said("from aws_cdk.aws_s3 import Bucket\n" + f"{call}\n" * 3, max_resources=2)) == 1


class TestNearMisses:
    @pytest.mark.parametrize(
        "text",
        [
            stack(20),
            stack(2, blank=400),  # empty lines at the end are no lines
            methods(7, 7, 7),
            methods(20, 20, 20, init=2),
            "def handler(event, context): pass\n" * 400,
            "a = 1\n" * 400,
            "",
        ],
    )
    def test_it_is_small_divided_or_no_infrastructure(self, text: str) -> None:
        assert said(text) == []

    def test_an_app_that_is_divided_may_have_a_long_module(self) -> None:
        assert said({"shop.py": HEAD + stack(40), "data.py": HEAD + stack(5, "Data")}) == []

    def test_constructs_elsewhere_that_make_nothing_themselves(self) -> None:
        files = {f"part{number}.py": HEAD + stack(0, f"Part{number}", "Construct") for number in range(4)}
        assert said({"shop.py": HEAD + stack(21), **files}) == []

    def test_files_that_were_not_asked_for_count(self) -> None:
        files = {"cdk.json": "{}", "shop.py": HEAD + stack(21), "data/data.py": HEAD + stack(9, "Data")}
        assert said(files, "shop.py") == []
        assert said({"data/data.py": "a = 1\n"}, "shop.py") == [RESOURCES]

    def test_each_app_of_a_repository_for_itself(self) -> None:
        files = {"one/cdk.json": "{}", "one/shop.py": HEAD + stack(21), "two/cdk.json": "{}"}
        files["two/shop.py"] = HEAD + stack(15)
        assert [text.partition(":")[0] for text in said(files)] == ["one/shop.py"]

    @pytest.mark.parametrize(
        "call",
        [
            's3.Bucket.from_bucket_name(self, "B", "name")',
            'cdk.CfnOutput(self, "O", value="x")',
            'cdk.CfnParameter(self, "P")',
            'cdk.Stack(app, "S")',
            "s3.BlockPublicAccess(block_public_acls=True, block_public_policy=True)",
            "s3.CorsRule(allowed_methods=[], allowed_origins=[])",
            'Mine(self, "M")',
            's3.bucket(self, "B")',
            "s3.Bucket(*args)",
            's3.Bucket("self", "B")',
            "s3.Bucket()",
        ],
    )
    def test_what_is_no_resource(self, call: str) -> None:
        assert said("class S(cdk.Stack): pass\n" + f"{call}\n" * 3, max_resources=2) == []

    def test_limits_are_settings(self) -> None:
        assert said(stack(21), max_resources=21) == []
        assert len(said(stack(3), max_lines=9)) == 1

    def test_a_test_may_be_long(self) -> None:
        assert said({"test_shop.py": HEAD + stack(40)}) == []


def test_a_home_folder_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builders, "MAX_FILES", 1)
    files = {f"z{number}.py": HEAD + stack(5, f"Z{number}") for number in range(3)}
    assert said({"shop.py": HEAD + stack(21), **files}, "shop.py") == [RESOURCES]


def test_a_comment_at_the_class_holds_it() -> None:
    text = stack(21).replace("(cdk.Stack):", "(cdk.Stack):  # guardrails: ignore[source-one-file] a sample")
    assert said(text) == []
