"""Templates on disk: what is read, what is passed over, and that all of a run is one app."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import checking
from cdk_guardrails.checking import judge, read
from cdk_guardrails.errors import TemplateError
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from tests.assemblies import BUCKET, at, made, write

TEMPLATE = json.dumps({"Resources": {"Logs": BUCKET}})
YAML = "# ours\nResources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Sub '${AWS::Region}-a'}\n"
VERSIONING = rule_of("s3-versioning")
SETTINGS = Settings(environment="prod", mode="check")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(name.replace("__", "/").replace("_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(*paths: str, settings: Settings = SETTINGS, **options: Any) -> list[tuple[str, str, str]]:
    outcome = judge(read(paths), settings, rules=[VERSIONING], **options)
    return [(finding.id, finding.template, finding.origin.source) for finding in outcome.findings]


class TestFiles:
    def test_json_and_yaml_with_their_lines(self) -> None:
        files(a_json=json.dumps({"Resources": {"Logs": BUCKET}}, indent=1), b_yaml=YAML)
        assert found("a.json", "b.yaml") == [
            ("s3-versioning", "a.json", "a.json:3"),
            ("s3-versioning", "b.yaml", "b.yaml:3"),
        ]

    def test_a_template_of_the_cdk_knows_its_constructs(self) -> None:
        files(a_json=json.dumps({"Resources": {"Logs": at("Shop/Logs/Resource")}}))
        [finding] = judge(read(["a.json"]), SETTINGS, rules=[VERSIONING]).findings
        assert finding.origin.construct_path == "Shop/Logs/Resource"

    def test_stdin(self) -> None:
        templates = read(["-"], io.BytesIO(YAML.encode()))
        [finding] = judge(templates, SETTINGS, rules=[VERSIONING]).findings
        assert (finding.template, finding.origin.source) == ("-", "-:3")
        assert templates.app.templates[0].file == ""

    def test_a_file_that_is_named_twice_is_read_once(self) -> None:
        files(a_json=TEMPLATE)
        assert len(found("a.json", "./a.json", ".")) == 1

    def test_what_lies_beside_a_template_is_found(self) -> None:
        files(in__a_json=TEMPLATE)
        assert read(["in/a.json"]).app.templates[0].file == str(Path("in/a.json"))

    def test_the_text_is_kept_for_edits(self) -> None:
        files(b_yaml=YAML)
        templates = read(["b.yaml"])
        outcome = judge(templates, Settings(environment="prod"), rules=[VERSIONING], fix=True)
        assert [edit.path[-2:] for edit in outcome.edits("b.yaml")] == [("VersioningConfiguration", "Status")]
        assert templates.sources["b.yaml"].text == YAML
        assert outcome.findings == []


class TestFolders:
    def test_templates_below_it(self) -> None:
        files(app__a_json=TEMPLATE, app__b__c_yml=YAML, app__b__d_template=YAML)
        files(app__package_json='{"name": "AWS::"}', app__e_txt=TEMPLATE, app__venv__f_json=TEMPLATE)
        Path("app/.hidden").mkdir()
        Path("app/.hidden/a.json").write_text(TEMPLATE)
        assert [template for _, template, _ in found("app")] == [
            str(Path("app/a.json")),
            str(Path("app/b/c.yml")),
            str(Path("app/b/d.template")),
        ]

    def test_an_assembly_below_it_is_one(self) -> None:
        files(app__a_json=TEMPLATE)
        write(Path("app/cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}}})
        assert [template for _, template, _ in found("app")] == ["Shop", str(Path("app/a.json"))]

    def test_a_damaged_template_is_not_passed_over(self) -> None:
        files(app__a_json=TEMPLATE, app__b_json=TEMPLATE[:-4])
        with pytest.raises(TemplateError, match=r"b\.json:1: expected JSON"):
            read(["app"])

    @pytest.mark.parametrize("name", ["empty", "other/file.json"])
    def test_one_that_holds_none(self, name: str) -> None:
        path = Path(name)
        (path.parent if path.suffix else path).mkdir()
        if path.suffix:
            path.write_text('{"a": 1}')
        with pytest.raises(TemplateError, match="expected a template, a folder with templates") as caught:
            read([path.parts[0]])
        assert "or a cloud assembly (a folder with manifest.json); it holds none" in str(caught.value)


class TestAssemblies:
    def test_stacks_are_one_app(self) -> None:
        stack = {"resources": {"A": BUCKET}, "metadata": {"/Shop/A": made("A", "f (shop.py:3)")}}
        write(Path("cdk.out"), {"Shop": stack, "Bar": {"resources": {"A": at("Bar/A")}}})
        templates = read(["cdk.out"])
        assert len(templates.app.templates) == 2
        assert templates.assemblies == [Path("cdk.out")]
        in_template = f"{Path('cdk.out', 'Bar.template.json')}:1"
        assert found("cdk.out") == [("s3-versioning", "Shop", "shop.py:3"), ("s3-versioning", "Bar", in_template)]

    def test_twins_in_two_stages(self) -> None:
        for stage in ("Dev", "Prod"):
            stack = {"resources": {"A": at(f"{stage}/Shop/A")}, "path": f"{stage}/Shop"}
            write(Path(f"cdk.out/assembly-{stage}"), {"Shop": stack})
        write(Path("cdk.out"), {}, Dev="assembly-Dev", Prod="assembly-Prod")
        assert [template for _, template, _ in found("cdk.out")] == ["Dev/Shop", "Prod/Shop"]

    def test_two_apps_with_a_stack_of_one_name(self) -> None:
        for folder in ("one", "two"):
            write(Path(folder), {"Shop": {"resources": {}}})
        with pytest.raises(TemplateError, match="Shop: two templates have this name"):
            read(["one", "two"])

    def test_a_stack_that_was_not_written_is_an_error(self) -> None:
        write(Path("cdk.out"), {"Shop": {"resources": {}}})
        Path("cdk.out/Shop.template.json").unlink()
        assert found("cdk.out") == [("stage-uncovered", "Shop", "")]


class TestSuppressions:
    SUPPRESS = {"cdk-guardrails": {"suppress": [{"id": "s3-versioning", "reason": "logs only"}]}}  # noqa: RUF012

    def test_in_metadata(self) -> None:
        files(a_json=json.dumps({"Resources": {"Logs": {**BUCKET, "Metadata": self.SUPPRESS}}}))
        outcome = judge(read(["a.json"]), SETTINGS, rules=[VERSIONING])
        assert outcome.findings == []
        assert [by.reason for _, by in outcome.suppressed] == ["logs only"]
        assert len(found("a.json", settings=Settings(environment="prod", ignore_suppressions=True))) == 1

    def test_of_no_use(self) -> None:
        good = {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}, "Metadata": self.SUPPRESS}
        files(a_json=json.dumps({"Resources": {"Logs": good}}))
        assert [id_ for id_, *_ in found("a.json")] == ["unused-suppression[s3-versioning]"]

    def test_of_constructs(self) -> None:
        data = {"id": "s3-versioning", "reason": "logs"}
        metadata = {"/Shop": [{"type": "cdk-guardrails:suppress", "data": data}]}
        write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}, "metadata": metadata}})
        assert found("cdk.out") == []

    def test_in_comments_on_the_lines_that_made_it(self) -> None:
        files(shop_py="bucket = 1  # guardrails: ignore[s3-versioning] logs only\n")
        stack = {"resources": {"A": BUCKET}, "metadata": {"/Shop/A": made("A", "f (shop.py:1)")}}
        write(Path("cdk.out"), {"Shop": stack})
        assert found("cdk.out") == []


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "a.json:1: expected JSON: Expecting value"),
            ('{"Resources": {"A": ', "a.json:1: expected JSON"),
            ('{"resources": {}}', "is 'resources' meant to be it"),
            ("[]", "a.json:1: expected a CloudFormation template, a mapping with 'Resources'; found a list"),
            ("[" * 100_000, "nested more than"),
        ],
    )
    def test_texts(self, text: str, message: str) -> None:
        files(a_json=text)
        with pytest.raises(TemplateError) as caught:
            read(["a.json"])
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_yaml_bomb(self) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        files(a_yaml="\n".join([*lines, "Resources: {}", ""]))
        with pytest.raises(TemplateError, match=r"^a\.yaml"):
            read(["a.yaml"])

    def test_a_file_that_is_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking, "MAX_BYTES", 1_000_000)
        files(a_json=TEMPLATE + " " * 1_000_000)
        expected = r"^a\.json: expected a CloudFormation template, which has at most 1 MB; this is larger than 1 MB$"
        with pytest.raises(TemplateError, match=expected):
            read(["a.json"])
        with pytest.raises(TemplateError, match=expected):
            read(["."])
        with pytest.raises(TemplateError, match=r"^-: expected a CloudFormation template"):
            read(["-"], io.BytesIO(b" " * 1_000_001))

    @pytest.mark.parametrize("path", ["gone.json", "gone"])
    def test_a_path_that_is_not_there(self, path: str) -> None:
        with pytest.raises(TemplateError, match=f"^{path}: cannot be read: No such file or directory$"):
            read([path])

    def test_what_is_no_text(self) -> None:
        Path("a.json").write_bytes(b'{"\xff": 1}')
        with pytest.raises(TemplateError, match="expected UTF-8 text, byte 3"):
            read(["a.json"])
        with pytest.raises(TemplateError, match=r"^-: expected UTF-8 text, byte 3"):
            read(["-"], io.BytesIO(b'{"\xff": 1}'))
