"""The code of a function: its bundle, layers, runtime, from inline text and from the cloud assembly."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.lambda_code.bundle import FolderBundle, TextBundle, UnreadError, ZipBundle
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.lambda_.code import (
    at_line,
    bundles_of,
    code_of,
    functions_with_code,
    name_of,
    property_of,
    python_of,
)
from cdk_guardrails.template import App, Origin, Template

INLINE = {"ZipFile": "import yaml\n"}
MISSING = "its code is not in the cloud assembly"


class Assembly:
    """A cloud assembly on disk, and its templates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = App()
        self.assets: dict[str, Any] = {}

    def asset(self, name: str, files: dict[str, str]) -> dict[str, str]:
        """Adds an asset and returns its place in S3."""
        for file, text in files.items():
            path = self.folder / f"asset.{name}" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self._publish(name, f"asset.{name}")
        return {"S3Bucket": "assets", "S3Key": f"{name}.zip"}

    def archive(self, name: str, files: dict[str, str]) -> dict[str, str]:
        with zipfile.ZipFile(self.folder / f"asset.{name}.zip", "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        self._publish(name, f"asset.{name}.zip")
        return {"S3Bucket": "assets", "S3Key": f"{name}.zip"}

    def _publish(self, name: str, path: str) -> None:
        destinations = {"here": {"bucketName": "assets", "objectKey": f"{name}.zip"}}
        self.assets[name] = {"source": {"path": path, "packaging": "zip"}, "destinations": destinations}
        (self.folder / "One.assets.json").write_text(json.dumps({"files": self.assets}))

    def template(self, resources: dict[str, Any], name: str = "One", **sections: Any) -> Template:
        file = str(self.folder / f"{name}.template.json")
        return Template({"Resources": resources, **sections}, name=name, app=self.app, file=file)


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return Assembly(tmp_path)


def function(code: Any, **properties: Any) -> dict[str, Any]:
    given = {"Code": code, "Handler": "index.handler", "Runtime": "python3.13", **properties}
    return {"Type": "AWS::Lambda::Function", "Properties": {key: value for key, value in given.items() if value}}


def layer(content: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": content}}


def bare(properties: dict[str, Any], **resources: Any) -> Template:
    return Template({"Resources": {"Fn": properties, **resources}})


def unread(template: Template, id_: str = "Fn") -> str:
    with pytest.raises(UnreadError) as caught:
        code_of(template.resources[id_])
    return str(caught.value)


def test_inline_code() -> None:
    code = code_of(bare(function(INLINE)).resources["Fn"])
    assert isinstance(code.bundle, TextBundle)
    assert dict(code.bundle.files) == {"index.py": 12}
    assert (code.runtime, code.handler, code.language, code.is_inline) == (
        "python3.13",
        "index.handler",
        "python",
        True,
    )
    assert (code.layers, code.unknown_layers, code.search_path) == ((), (), "")


def test_inline_code_for_node() -> None:
    code = code_of(bare(function({"ZipFile": "1"}, Runtime="nodejs22.x")).resources["Fn"])
    assert set(code.bundle.files) == {"index.js"}
    assert code.language == "nodejs"


def test_a_folder_and_a_zip(assembly: Assembly) -> None:
    template = assembly.template(
        {
            "Folder": function(assembly.asset("a", {"index.py": "x"})),
            "Zip": function(assembly.archive("b", {"index.py": "y"})),
        }
    )
    folder, archive = (code_of(template.resources[id_]).bundle for id_ in ("Folder", "Zip"))
    assert isinstance(folder, FolderBundle)
    assert isinstance(archive, ZipBundle)
    assert (folder.read("index.py"), archive.read("index.py")) == (b"x", b"y")


def test_functions_that_share_an_asset_share_its_bundle(assembly: Assembly) -> None:
    place = assembly.asset("a", {"index.py": ""})
    one = assembly.template({"A": function(place), "B": function(place)})
    two = assembly.template({"C": function(place)}, "Two")
    bundles = {code_of(item).bundle for template in (one, two) for item in template.of_type("AWS::Lambda::Function")}
    assert len(bundles) == 1
    [bundle] = bundles
    assert python_of(assembly.app, bundle, (3, 13)) is python_of(assembly.app, bundle, (3, 13))
    assert python_of(assembly.app, bundle, (3, 13)).mount == "/var/task"
    assert python_of(assembly.app, bundle, (3, 13), ("python/",)).mount == "/opt"


def test_where_the_author_has_it(assembly: Assembly, tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "index.py").write_text("")
    assembly.app.asset_sources = {"a": str(source)}
    resource = assembly.template({"Fn": function(assembly.asset("a", {"index.py": ""}))}).resources["Fn"]
    bundle = code_of(resource).bundle
    assert bundle.shown("index.py") == str(source / "index.py")
    finding = Finding("x", "y", "Fn", origin=Origin("One/Fn/Resource", "app.py:3"))
    assert at_line(finding, bundle, "index.py", 7).origin == Origin("One/Fn/Resource", f"{source}/index.py:7")
    inline = TextBundle("inline code", "index.py", "")
    assert at_line(finding, inline, "index.py", 7) == finding, "the line that makes the function"


class TestTheAuthorsOwnFolder:
    """What is named where it lies, not copied, is shown as the author's."""

    SOURCE = Path("..", "src")

    @pytest.fixture(autouse=True)
    def _here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "index.py").write_text("")
        (tmp_path / "cdk.out").mkdir()
        monkeypatch.chdir(tmp_path)

    def shown(self, resource: dict[str, Any], assembly: Assembly) -> str:
        template = assembly.template({"Fn": resource})
        return code_of(template.resources["Fn"]).bundle.shown("index.py")

    @pytest.mark.parametrize("is_absolute", [True, False])
    def test_an_assembly_without_copies(self, is_absolute: bool) -> None:
        assembly = Assembly(Path("cdk.out"))
        assembly._publish("a", str(Path("src").resolve() if is_absolute else self.SOURCE))
        code = {"S3Bucket": "assets", "S3Key": "a.zip"}
        assert self.shown(function(code), assembly) == str(Path("src", "index.py"))

    def test_of_an_older_synthesizer(self) -> None:
        metadata = {"aws:asset:path": str(Path("src").resolve()), "aws:asset:is-bundled": False}
        resource = {**function({"S3Bucket": {"Ref": "B"}, "S3Key": {"Ref": "K"}}), "Metadata": metadata}
        assert self.shown(resource, Assembly(Path("cdk.out"))) == str(Path("src", "index.py"))

    def test_of_copies_nobody_knows_the_original(self) -> None:
        assembly = Assembly(Path("cdk.out"))
        assert self.shown(function(assembly.asset("a", {"index.py": ""})), assembly) == "index.py"

    @pytest.mark.parametrize("folder", [".", "templates"])
    def test_sam(self, folder: str) -> None:
        Path(folder).mkdir(exist_ok=True)
        uri = "src" if folder == "." else "../src"
        resource = {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": uri, "Handler": "index.handler", "Runtime": "python3.13"},
        }
        assert self.shown(resource, Assembly(Path(folder))) == str(Path("src", "index.py"))


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        (function({"ImageUri": "x"}), "it is a container image"),
        (function({"S3Bucket": "x", "S3Key": "y"}, PackageType="Image"), "it is a container image"),
        (function({"S3Bucket": "x", "S3Key": "y"}), MISSING),
        (function({"S3Bucket": "x", "S3Key": {"Ref": "Key"}}), MISSING),
        (function({"Ref": "Code"}), MISSING),
        (function(None), MISSING),
        (function({"ZipFile": {"Fn::Sub": "x = '${A}'"}}), "its inline code is put together at deployment"),
        (function(INLINE, Runtime={"Ref": "R"}), "its runtime or handler is known at deployment only"),
        (function(INLINE, Handler=None), "its runtime or handler is known at deployment only"),
        (function("src"), "where its template lies is not known"),
        (function("s3://bucket/key"), MISSING),
    ],
)
def test_code_that_is_not_known(properties: dict[str, Any], reason: str) -> None:
    assert unread(bare(properties)) == reason


def test_an_asset_that_is_gone(assembly: Assembly) -> None:
    place = assembly.asset("a", {"index.py": ""})
    (assembly.folder / "asset.a" / "index.py").unlink()
    (assembly.folder / "asset.a").rmdir()
    template = assembly.template({"Fn": function(place), "Again": function(place)})
    assert unread(template) == unread(template, "Again") == "asset.a is not there"


def test_an_asset_that_is_no_zip(assembly: Assembly) -> None:
    place = assembly.archive("a", {})
    (assembly.folder / "asset.a.zip").write_bytes(b"no zip")
    assert unread(assembly.template({"Fn": function(place)})).startswith("asset.a.zip is no zip file that can be read")


def test_older_synthesizers_leave_the_path_beside_the_function(assembly: Assembly) -> None:
    assembly.asset("abc", {"index.py": ""})
    code = {"S3Bucket": {"Ref": "AssetParametersabc"}, "S3Key": {"Fn::Join": ["", [{"Ref": "AssetParametersabc"}]]}}
    metadata = {"aws:asset:path": "asset.abc", "aws:asset:is-bundled": False, "aws:asset:property": "Code"}
    template = assembly.template({"Fn": {**function(code), "Metadata": metadata}})
    assert set(code_of(template.resources["Fn"]).bundle.files) == {"index.py"}
    assert unread(bare({**function(code), "Metadata": metadata})) == MISSING
    assert unread(bare({**function(code), "Metadata": {"aws:asset:path": 7}})) == MISSING
    assert unread(bare({**function(code), "Metadata": []})) == MISSING


def test_what_was_not_bundled_in_this_run(assembly: Assembly, tmp_path: Path) -> None:
    """`cdk deploy One` leaves the assets of the stack Two as the author has them."""
    place = assembly.asset("a", {"index.py": ""})
    metadata = {"aws:asset:path": str(tmp_path / "src"), "aws:asset:is-bundled": True}
    assert unread(assembly.template({"Fn": {**function(place), "Metadata": metadata}})) == (
        "the CDK has not bundled it in this run"
    )
    bundled = {"aws:asset:path": "asset.a", "aws:asset:is-bundled": True}
    plain = {"aws:asset:path": str(tmp_path / "src"), "aws:asset:is-bundled": False}
    for said in (bundled, plain):
        assert code_of(assembly.template({"Fn": {**function(place), "Metadata": said}}).resources["Fn"]).bundle


def test_what_python_function_did_not_bundle(assembly: Assembly) -> None:
    place = assembly.asset("a", {"index.py": ""})
    info = {"fqn": "@aws-cdk/aws-lambda-python-alpha.PythonFunction"}
    tree = {"tree": {"path": "", "children": {"One": {"path": "One/Fn", "constructInfo": info}}}}
    (assembly.folder / "tree.json").write_text(json.dumps(tree))
    metadata = {"aws:asset:path": "asset.a", "aws:asset:is-bundled": False}

    def made(path: str, is_bundled: bool = False) -> dict[str, Any]:
        said = {**metadata, "aws:asset:is-bundled": is_bundled, "aws:cdk:path": path}
        return {**function(place), "Metadata": said}

    template = assembly.template({"Fn": made("One/Fn/Resource"), "Other": made("One/Other/Resource")})
    assert unread(template) == "the CDK has not bundled it in this run"
    assert code_of(template.resources["Other"]).bundle
    assert code_of(assembly.template({"Fn": made("One/Fn/Resource", is_bundled=True)}).resources["Fn"]).bundle


def test_sam(assembly: Assembly) -> None:
    source = assembly.folder / "src"
    source.mkdir()
    (source / "app.py").write_text("")
    properties = {"CodeUri": "src/", "Handler": "app.handler"}
    sam = {"Type": "AWS::Serverless::Function", "Properties": properties}
    inline = {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "x", "Handler": "index.handler"}}
    globals_ = {"Function": {"Runtime": "python3.13", "Environment": {"Variables": {"PYTHONPATH": "lib"}}}}
    template = assembly.template({"Fn": sam, "Inline": inline}, Globals=globals_)
    code = code_of(template.resources["Fn"])
    assert set(code.bundle.files) == {"app.py"}
    assert (code.runtime, code.search_path) == ("python3.13", "lib")
    assert set(code_of(template.resources["Inline"]).bundle.files) == {"index.py"}
    assert [property_of(template.resources[id_]) for id_ in ("Fn", "Inline")] == ["CodeUri", "InlineCode"]


def test_layers(assembly: Assembly) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:mine:1"
    place = assembly.asset("l", {"python/yaml.py": ""})
    resources = {
        "Fn": function(
            INLINE, Layers=[{"Ref": "Own"}, arn, {"Ref": "Gone"}, {"Fn::If": ["A", arn, arn]}, {"Ref": "Q"}]
        ),
        "Own": layer(place),
        "Gone": layer({"S3Bucket": "x", "S3Key": "y"}),
        "Q": {"Type": "AWS::SQS::Queue"},
    }
    code = code_of(assembly.template(resources).resources["Fn"])
    assert [set(bundle.files) for bundle in code.layers] == [{"python/yaml.py"}]
    assert code.unknown_layers == (
        arn,
        f"Gone: {MISSING}",
        "a layer that is known at deployment only",
        "${Q}",
    )


def test_a_layer_of_another_stack(assembly: Assembly) -> None:
    place = assembly.asset("l", {"python/yaml.py": ""})
    export = {"Export": {"Name": "One:Layer"}, "Value": {"Ref": "Own"}}
    assembly.template({"Own": layer(place)}, Outputs={"Layer": export})
    two = assembly.template({"Fn": function(INLINE, Layers=[{"Fn::ImportValue": "One:Layer"}])}, "Two")
    assert [set(bundle.files) for bundle in code_of(two.resources["Fn"]).layers] == [{"python/yaml.py"}]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (
            {"Fn::Join": ["", ["arn:aws:lambda:", {"Ref": "AWS::Region"}, ":1:layer:L:2"]]},
            "arn:aws:lambda:${AWS::Region}:1:layer:L:2",
        ),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:lambda:eu-west-1:1:layer:L:2"},
            "arn:${AWS::Partition}:lambda:eu-west-1:1:layer:L:2",
        ),
        ({"Fn::FindInMap": ["Same", {"Ref": "AWS::Region"}, "x"]}, "arn:aws:lambda:eu-west-1:2:layer:Insights:38"),
        ({"Fn::FindInMap": ["Mixed", {"Ref": "AWS::Region"}, "x"]}, "a layer that is known at deployment only"),
        ({"Fn::FindInMap": ["None", {"Ref": "AWS::Region"}, "x"]}, "a layer that is known at deployment only"),
        ({"Fn::FindInMap": [{"Ref": "X"}, "a", "b"]}, "a layer that is known at deployment only"),
        ({"Ref": "Ssm"}, "/aws/service/powertools/python/x86_64/python3.13/latest"),
        ({"Ref": "Plain"}, "${Plain}"),
        ({"Ref": []}, "a layer that is known at deployment only"),
        (7, "a layer that is known at deployment only"),
    ],
)
def test_names_of_layers(item: Any, name: str) -> None:
    same = {region: {"x": f"arn:aws:lambda:{region}:2:layer:Insights:38"} for region in ("eu-west-1", "us-east-1")}
    mixed = {"eu-west-1": {"x": "arn:aws:lambda:eu-west-1:2:layer:A:1", "y": "arn:aws:lambda:eu-west-1:2:layer:B:1"}}
    powertools = "/aws/service/powertools/python/x86_64/python3.13/latest"
    parameters = {
        "Ssm": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": powertools},
        "Plain": {"Type": "String", "Default": "arn:aws:lambda:eu-west-1:1:layer:L:2"},
    }
    data = {"Resources": {"Fn": function(INLINE, Layers=[item])}, "Parameters": parameters}
    template = Template({**data, "Mappings": {"Same": same, "Mixed": mixed}})
    assert code_of(template.resources["Fn"]).unknown_layers == (name,)


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        (None, ""),
        ({"Variables": {}}, ""),
        ({"Variables": {"A": "b"}}, ""),
        ({"Variables": {"PYTHONPATH": "/var/task/src"}}, "/var/task/src"),
        ({"Variables": {"NODE_PATH": "/opt/x"}}, "/opt/x"),
        ({"Variables": {"PYTHONPATH": {"Ref": "X"}}}, None),
        ({"Variables": {"Ref": "X"}}, None),
        ({"Ref": "X"}, None),
        ({"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}}, None),
        ({"Variables": []}, None),
    ],
)
def test_the_search_path(environment: Any, path: str | None) -> None:
    assert code_of(bare(function(INLINE, Environment=environment)).resources["Fn"]).search_path == path


def test_all_functions_and_all_bundles(assembly: Assembly) -> None:
    place = assembly.asset("a", {"index.py": ""})
    resources = {
        "A": function(place),
        "B": function(place),
        "C": function({"ImageUri": "x"}),
        "L": layer(assembly.asset("l", {"python/x.py": ""})),
        "M": layer({"S3Bucket": "x", "S3Key": "gone"}),
    }
    template = assembly.template(resources)
    found = {resource.logical_id: code for resource, code in functions_with_code(assembly.app)}
    assert set(found) == {"A", "B", "C"}
    assert str(found["C"]) == "it is a container image"
    assert list(bundles_of(assembly.app).values()) == ["A", "L"]
    assert property_of(template.resources["A"]) == "Code"


def test_names() -> None:
    template = bare({**function(INLINE), "Metadata": {"aws:cdk:path": "Prod/One/Fn/Resource"}}, Plain=function(INLINE))
    assert name_of(template.resources["Fn"]) == "Prod/One/Fn"
    assert name_of(template.resources["Plain"]) == "Plain"
