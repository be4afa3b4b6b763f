"""Cloud assemblies on disk: what is read of them, and what is said of damaged ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdk_guardrails import assembly
from cdk_guardrails.assembly import AssemblyError, describe, is_assembly, read_templates
from cdk_guardrails.template import App, Origin
from tests.assemblies import BUCKET, at, made, write

NESTED = {
    "Type": "AWS::CloudFormation::Stack",
    "Properties": {"TemplateURL": "https://..."},
    "Metadata": {"aws:asset:path": "Inner.nested.template.json", "aws:asset:property": "TemplateURL"},
}
NESTED_PATH = "Shop/Inner.NestedStack/Inner.NestedStackResource"


def app_of(folder: Path) -> App:
    app = App()
    assert read_templates(describe(folder), app) == []
    return app


class TestDescribe:
    def test_a_stack(self, tmp_path: Path) -> None:
        frames = (
            "...aws-cdk-lib, jsii runtime...",
            "__init__ (/x/site-packages/lib/stack.py:3)",
            "__init__ (shop.py:12)",
            "<module> (app.py:5)",
        )
        stack = {
            "resources": {"Bucket83": BUCKET},
            "environment": "aws://111122223333/eu-west-1",
            "metadata": {"/Shop/Bucket/Resource": made("Bucket83", *frames)},
        }
        folder = write(tmp_path, {"Shop": stack})
        assert describe(folder) == {
            "templates": {
                str(folder / "Shop.template.json"): {
                    "path": "Shop",
                    "account": "111122223333",
                    "region": "eu-west-1",
                    "elements": {"Bucket83": {"path": "Shop/Bucket/Resource", "source": "shop.py:12"}},
                }
            },
            "assets": {},
            "suppressions": [],
        }

    def test_an_environment_that_only_the_deployment_knows(self, tmp_path: Path) -> None:
        folder = write(tmp_path, {"Shop": {"resources": {"A": at("Shop/A")}}})
        [stack] = describe(folder)["templates"].values()
        assert (stack["account"], stack["region"]) == ("", "")
        assert stack["elements"] == {"A": {"path": "Shop/A", "source": ""}}

    def test_metadata_in_the_manifest(self, tmp_path: Path) -> None:
        folder = write(tmp_path, {"Shop": {"resources": {"A": BUCKET}}})
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["artifacts"]["Shop"]["metadata"] = {"/Shop/A": made("A", "f (shop.py:3)")}
        del manifest["artifacts"]["Shop"]["additionalMetadataFile"]
        (folder / "manifest.json").write_text(json.dumps(manifest))
        [stack] = describe(folder)["templates"].values()
        assert stack["elements"] == {"A": {"path": "Shop/A", "source": "shop.py:3"}}

    def test_stages_lie_in_assemblies_of_their_own(self, tmp_path: Path) -> None:
        stack = {"resources": {"A": BUCKET}, "path": "Pipeline/Prod/Shop"}
        write(tmp_path / "assembly-Prod", {"ProdShop": stack})
        folder = write(tmp_path, {"Pipeline": {"resources": {}}}, Prod="assembly-Prod")
        assert [stack["path"] for stack in describe(folder)["templates"].values()] == ["Pipeline", "Pipeline/Prod/Shop"]

    def test_an_assembly_in_itself_ends(self, tmp_path: Path) -> None:
        with pytest.raises(AssemblyError, match="nested more than 20 levels deep"):
            describe(write(tmp_path, {}, Self="."))

    @pytest.mark.parametrize("is_in_template", [True, False])
    def test_nested_stacks(self, tmp_path: Path, is_in_template: bool) -> None:
        (tmp_path / "Inner.nested.template.json").write_text(json.dumps({"Resources": {"Twin": BUCKET}}))
        metadata = {
            "/Shop/Inner": [{"type": "aws:cdk:templateFile", "data": "Inner.nested.template.json"}],
            f"/{NESTED_PATH}": made("Inner"),
            "/Shop/Twin": made("Twin", "f (shop.py:1)"),
            "/Shop/Inner/Twin": made("Twin", "f (inner.py:2)"),
        }
        bare = {key: value for key, value in NESTED.items() if key != "Metadata"}
        nested = at(NESTED_PATH, NESTED) if is_in_template else bare
        write(tmp_path, {"Shop": {"resources": {"Inner": nested, "Twin": BUCKET}, "metadata": metadata}})
        outer, inner = describe(tmp_path)["templates"].values()
        assert outer["elements"]["Inner"]["path"] == NESTED_PATH
        assert outer["elements"]["Twin"] == {"path": "Shop/Twin", "source": "shop.py:1"}
        assert (inner["path"], inner["elements"]) == (
            "Shop/Inner",
            {"Twin": {"path": "Shop/Inner/Twin", "source": "inner.py:2"}},
        )

    def test_a_nested_stack_of_a_url_is_no_template_of_ours(self, tmp_path: Path) -> None:
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://..."}}
        write(tmp_path, {"Shop": {"resources": {"Other": at("Shop/Other", nested)}}})
        assert len(describe(tmp_path)["templates"]) == 1

    def test_suppressions_of_constructs(self, tmp_path: Path) -> None:
        suppressed = {"id": "s3-versioning", "reason": "logs", "until": "2027-01-31"}
        acknowledged = {"cdk-guardrails::s3-access-logs": "so", "AwsSolutions::S1": "other", "Annotation::x": "bare"}
        metadata = {
            "/Shop/A": [
                {"type": "cdk-guardrails:suppress", "data": suppressed},
                {"type": "aws:cdk:acknowledged-rules", "data": acknowledged},
            ]
        }
        write(tmp_path, {"Shop": {"resources": {}, "metadata": metadata}})
        assert describe(tmp_path)["suppressions"] == [
            {"path": "Shop/A", "form": "suppress", **suppressed},
            {"path": "Shop/A", "form": "acknowledge", "id": "cdk-guardrails::s3-access-logs", "reason": "so"},
            {"path": "Shop/A", "form": "acknowledge", "id": "Annotation::x", "reason": "bare"},
        ]


class TestTemplates:
    def test_they_know_where_they_come_from(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        frame = f"f ({tmp_path}/shop.py:12)"
        stack = {"resources": {"A": BUCKET}, "environment": "aws://1/r", "metadata": {"/Shop/A": made("A", frame)}}
        [template] = app_of(write(tmp_path / "cdk.out", {"Shop": stack})).templates
        assert (template.name, template.account, template.region) == ("Shop", "1", "r")
        assert template.file == str(tmp_path / "cdk.out" / "Shop.template.json")
        assert template.origin("A") == Origin("Shop/A", "shop.py:12")

    def test_one_that_is_missing_is_an_error(self, tmp_path: Path) -> None:
        write(tmp_path, {"Shop": {"resources": {}}})
        (tmp_path / "Shop.template.json").unlink()
        [finding] = read_templates(describe(tmp_path), App())
        assert (finding.id, finding.origin.construct_path) == ("stage-uncovered", "Shop")

    def test_a_template_without_resources(self, tmp_path: Path) -> None:
        write(tmp_path, {"Shop": {"resources": {}}})
        (tmp_path / "Shop.template.json").write_text("{}")
        [template] = app_of(tmp_path).templates
        assert template.resources == {}


class TestDamage:
    def test_a_folder_that_is_none(self, tmp_path: Path) -> None:
        assert not is_assembly(tmp_path)
        (tmp_path / "manifest.json").write_text('{"name": "a web app"}')
        assert not is_assembly(tmp_path)
        (tmp_path / "manifest.json").write_text('{"artifacts": {}}')
        assert is_assembly(tmp_path)

    @pytest.mark.parametrize("file", ["manifest.json", "Shop.template.json", "Shop.metadata.json"])
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"Resources": {', "expected JSON: Expecting property name"),
            ("[]", "expected a JSON object, found a list"),
            ("[" * 100_000, "expected JSON"),
            ("\x00", "expected JSON"),
        ],
    )
    def test_files_that_are_damaged(self, file: str, text: str, message: str, tmp_path: Path) -> None:
        write(tmp_path, {"Shop": {"resources": {"A": BUCKET}}})
        (tmp_path / file).write_text(text)
        assert is_assembly(tmp_path)
        with pytest.raises(AssemblyError, match=message) as caught:
            describe(tmp_path)
        assert str(caught.value).startswith(f"{tmp_path / file}: ")
        assert "\n" not in str(caught.value)

    def test_a_file_that_is_no_text(self, tmp_path: Path) -> None:
        write(tmp_path, {"Shop": {"resources": {}}})
        (tmp_path / "Shop.metadata.json").write_bytes(b'{"\xff": 1}')
        with pytest.raises(AssemblyError, match=r"Shop\.metadata\.json: expected JSON"):
            describe(tmp_path)

    def test_metadata_of_another_form(self, tmp_path: Path) -> None:
        metadata = {"/Shop/A": "?", "/Shop/B": [3, {"type": "aws:cdk:logicalId"}, {"type": "aws:cdk:creationStack"}]}
        folder = write(tmp_path, {"Shop": {"resources": {"A": BUCKET, "B": "?"}, "metadata": metadata}})
        [stack] = describe(folder)["templates"].values()
        assert stack["elements"] == {"A": {"path": "", "source": ""}, "B": {"path": "", "source": ""}}

    @pytest.mark.parametrize("artifacts", [[], None, "x"])
    def test_a_manifest_without_artifacts(self, artifacts: object, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        with pytest.raises(AssemblyError, match="expected the manifest of a cloud assembly"):
            describe(tmp_path)

    def test_artifacts_of_another_form(self, tmp_path: Path) -> None:
        artifacts = {"a": 3, "b": {"type": "aws:cloudformation:stack"}, "c": {"type": "cdk:cloud-assembly"}}
        (tmp_path / assembly.MANIFEST).write_text(json.dumps({"artifacts": artifacts}))
        assert describe(tmp_path)["templates"] == {}
