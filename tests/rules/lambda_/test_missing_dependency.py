"""lambda-missing-dependency: as a rule. What is missing is asked in tests/lambda_code/test_imports.py."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.lambda_code import bundle as bundles
from cdk_guardrails.lambda_code.bundle import FolderBundle
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-missing-dependency"
HANDLER = "\ndef handler(event, context): pass\n"
NOWHERE = "which is neither in its bundle nor part of Python 3.13 or its runtime"


class Assembly:
    """A cloud assembly on disk, and its templates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = App()
        self.assets: dict[str, Any] = {}

    def asset(self, name: str, files: dict[str, str]) -> dict[str, str]:
        for file, text in files.items():
            path = self.folder / f"asset.{name}" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        destinations = {"here": {"bucketName": "assets", "objectKey": f"{name}.zip"}}
        self.assets[name] = {"source": {"path": f"asset.{name}", "packaging": "zip"}, "destinations": destinations}
        (self.folder / "One.assets.json").write_text(json.dumps({"files": self.assets}))
        return {"S3Bucket": "assets", "S3Key": f"{name}.zip"}

    def function(self, name: str, files: dict[str, str], **properties: Any) -> dict[str, Any]:
        return function(self.asset(name, files), **properties)

    def judged(self, resources: dict[str, Any], **options: Any) -> list[Finding]:
        file = str(self.folder / "One.template.json")
        Template({"Resources": resources}, name="One", app=self.app, file=file)
        return judged(self.app, **options)


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return Assembly(tmp_path)


def judged(app: App, **options: Any) -> list[Finding]:
    settings = Settings(rules={RULE: RuleOverride(options=options)})
    outcome = engine.run(app, [all_rules()[RULE]], settings, Suppressions(settings.today), fix=False)
    assert not outcome.crashes, outcome.crashes[0].traceback
    return outcome.findings


def function(code: Any, type_: str = "AWS::Lambda::Function", path: str = "", **properties: Any) -> dict[str, Any]:
    given = {"Code": code, "Handler": "index.handler", "Runtime": "python3.13", **properties}
    made = {"Type": type_, "Properties": {key: value for key, value in given.items() if value is not None}}
    return {**made, "Metadata": {"aws:cdk:path": path}} if path else made


def inline(code: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Fn": function({"ZipFile": code}, **properties)}}


def layer(content: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": content}, **more}


# Inline code


def test_inline_code() -> None:
    [finding] = assert_flags(
        inline("import json\nimport requests" + HANDLER),
        f"{RULE}[requests]",
        path="Code.ZipFile",
        message=f"line 2 of its inline code imports requests, {NOWHERE}",
    )
    assert finding.remedy == "Install what provides requests into the bundle, or into a layer of the function."
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "code",
    [
        "import json, boto3, urllib3, os.path, cfnresponse",
        "from botocore.exceptions import ClientError",
        "try:\n    import requests\nexcept ImportError:\n    requests = None",
        "import importlib\nx = importlib.import_module(name)",
        "",
    ],
)
def test_inline_code_that_is_fine(code: str) -> None:
    assert_clean(inline(code + HANDLER), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"Runtime": "python2.7"},
        {"Runtime": "python3.99"},
        {"Runtime": "ruby3.4"},
        {"Runtime": "java21"},
        {"Runtime": {"Ref": "R"}},
        {"Handler": {"Ref": "H"}},
        {"Layers": [{"Ref": "Layer"}]},
        {"Layers": ["arn:aws:lambda:eu-west-1:111122223333:layer:mine:1"]},
        {"Layers": {"Ref": "Layers"}},
        {"PackageType": "Image"},
        {"Environment": {"Variables": {"PYTHONPATH": {"Ref": "X"}}}},
        {"Environment": {"Variables": {"PYTHONPATH": "/mnt/efs"}}},
        {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}}},
    ],
)
def test_what_is_not_known_is_not_missing(properties: dict[str, Any]) -> None:
    """And of a template that lies nowhere it is not said either."""
    assert_clean(inline("import requests" + HANDLER, **properties), RULE)


def test_what_every_function_of_the_cdk_needs_is_the_cdk_s_affair() -> None:
    resource = function({"ZipFile": "import awscli" + HANDLER})
    assert_clean({"Resources": {"CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C81C01536": resource}}, RULE)


def test_a_handler_of_another_name() -> None:
    [finding] = assert_flags(
        inline("def lambda_handler(event, context): pass"),
        f"{RULE}[handler]",
        path="Handler",
        message="Handler is index.handler, but index.py does not define handler; it has lambda_handler",
    )
    assert finding.remedy == 'lambda_.Function(..., handler="index.lambda_handler")'


def test_a_handler_of_another_module() -> None:
    [finding] = assert_flags(
        inline(HANDLER, Handler="app.handler"),
        f"{RULE}[handler]",
        path="Handler",
        message="Handler is app.handler, but there is no module app in its bundle",
    )
    assert finding.remedy.startswith("Name a module that is in the bundle")


def test_no_python() -> None:
    [finding] = assert_flags(
        inline("def handler(event, context)\n  print('hello, world')"),
        f"{RULE}[syntax]",
        path="Code.ZipFile",
        message="index.py:1 is not valid Python 3.13: expected ':'",
    )
    assert finding.remedy == "Correct the code, or choose the runtime that it is written for."


def test_each_module_is_a_finding_of_its_own() -> None:
    findings = assert_flags(inline("import a, b.c\nimport a.x" + HANDLER), RULE)
    assert [finding.id for finding in findings] == [f"{RULE}[a]", f"{RULE}[b]"]


def test_nothing_of_the_code_is_shown() -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    for code in (f"KEY = '{secret}'\nimport yaml", f"KEY = '{secret}", f"print '{secret}'", f"x = {secret} y"):
        for finding in assert_flags(inline(code), RULE):
            assert secret not in f"{finding.message}{finding.remedy}{finding.detail}"


def test_the_sdk_may_have_to_be_packaged() -> None:
    template = inline("import boto3\nfrom botocore.config import Config\nimport simplejson" + HANDLER)
    assert_clean(template, RULE)
    findings = assert_flags(
        template,
        RULE,
        message="line 1 of its inline code imports boto3, which only the runtime has, in a version that AWS changes at "
        "any time",
        options={"require_packaged_boto3": True},
    )
    assert [finding.detail for finding in findings] == ["boto3", "botocore"]


# Assets


def test_report_a2_1_the_layer_lacks_a_dependency(assembly: Assembly) -> None:
    """000 2.1: a dependency is in neither the bundle nor the layer, and the function fails when it is invoked."""
    resources = {
        "Layer": layer(assembly.asset("layer", {"python/requests/__init__.py": ""})),
        "Fn": assembly.function("fn", {"index.py": "import boto3, requests, jwt" + HANDLER}, Layers=[{"Ref": "Layer"}]),
    }
    [finding] = assembly.judged(resources)
    assert finding.message == (
        "index.py:1 imports jwt, which is neither in its bundle or its layer nor part of Python 3.13 or its runtime"
    )
    assert (finding.id, finding.location, finding.logical_id) == (f"{RULE}[jwt]", "Properties.Code", "Fn")


def test_report_a2_1_boto3_is_not_packaged(assembly: Assembly) -> None:
    """000 2.1 wants boto3 itself in the bundle or a layer: that is for who sets it, since every runtime has it."""
    files = {"index.py": "import boto3" + HANDLER}
    resources = {"Fn": assembly.function("fn", files)}
    assert assembly.judged(resources) == []
    assembly.app = App()
    [finding] = assembly.judged(resources, require_packaged_boto3=True)
    assert finding.id == f"{RULE}[boto3]"
    assembly.app = App()
    packaged = {"Fn": assembly.function("packaged", files | {"boto3/__init__.py": ""})}
    assert assembly.judged(packaged, require_packaged_boto3=True) == []


def test_the_place_in_the_author_s_code(assembly: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "index.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assembly.app.asset_sources = {"fn": str(source)}
    files = {"index.py": "import json\nimport yaml" + HANDLER}
    [finding] = assembly.judged({"Fn": assembly.function("fn", files, path="One/Fn/Resource")})
    assert finding.message == f"src/index.py:2 imports yaml, {NOWHERE}"
    assert (finding.origin.construct_path, finding.origin.source) == ("One/Fn/Resource", "src/index.py:2")


def test_the_way_to_a_library_s_import(assembly: Assembly) -> None:
    files = {
        "index.py": "import json\nimport requests" + HANDLER,
        "requests/__init__.py": "__version__ = '2'\nimport idna",
    }
    [finding] = assembly.judged({"Fn": assembly.function("fn", files)})
    assert finding.message == (f"requests/__init__.py:2 imports idna, {NOWHERE}; the import at index.py:2 leads there")


def test_who_has_it(assembly: Assembly) -> None:
    has = {
        "index.py": HANDLER,
        "yaml/__init__.py": "",
        "PyYAML-6.0.2.dist-info/METADATA": "Name: PyYAML\nVersion: 6.0.2\n",
        "PyYAML-6.0.2.dist-info/RECORD": "yaml/__init__.py,,\n",
    }
    resources = {
        "Other": assembly.function("other", has, path="One/Other/Resource"),
        "Fn": assembly.function("fn", {"index.py": "import yaml" + HANDLER, "requirements.txt": "PyYAML"}),
    }
    [finding] = assembly.judged(resources)
    assert finding.remedy == (
        "Install PyYAML 6.0.2, which One/Other has, into the bundle too, or into a layer that both have."
    )


def test_a_node_package_of_that_name_is_no_help(assembly: Assembly) -> None:
    resources = {
        "Layer": layer(assembly.asset("l", {"nodejs/node_modules/yaml/package.json": '{"version": "2.0.0"}'})),
        "Fn": assembly.function("fn", {"index.py": "import yaml" + HANDLER}),
    }
    [finding] = assembly.judged(resources)
    assert finding.remedy == "Install what provides yaml into the bundle, or into a layer of the function."


def test_a_layer_of_the_app_that_is_not_there_is_unknown(assembly: Assembly) -> None:
    resources = {
        "Layer": layer({"S3Bucket": "x", "S3Key": "y"}),
        "Fn": assembly.function("fn", {"index.py": "import yaml" + HANDLER}, Layers=[{"Ref": "Layer"}]),
    }
    [finding] = assembly.judged(resources)
    assert finding.message == (
        "the imports of 1 of 1 functions are not known, or not all of them: Fn "
        "(yaml may be in Layer: its code is not in the cloud assembly)"
    )


def test_sam(assembly: Assembly) -> None:
    (assembly.folder / "src").mkdir()
    own = assembly.folder / "src" / "app.py"
    own.write_text("import yaml" + HANDLER)
    sam = function(None, "AWS::Serverless::Function", CodeUri="src", Handler="app.handler")
    [finding] = assembly.judged({"Fn": sam})
    assert (finding.location, finding.message) == ("Properties.CodeUri", f"{own}:1 imports yaml, {NOWHERE}")


def test_sam_build_installs_requirements(assembly: Assembly) -> None:
    for folder in (assembly.folder / "src", assembly.folder / ".aws-sam" / "build" / "Fn"):
        folder.mkdir(parents=True)
        (folder / "app.py").write_text("import yaml\nfrom . import x" + HANDLER)
        (folder / "requirements.txt").write_text("PyYAML")
    sam = function(None, "AWS::Serverless::Function", CodeUri="src", Handler="app.handler")
    [finding] = assembly.judged({"Fn": sam})
    assert finding.message.endswith(": Fn (`sam build` installs what it requires)")
    app = App()
    built = function(None, "AWS::Serverless::Function", CodeUri="Fn", Handler="app.handler")
    file = str(assembly.folder / ".aws-sam" / "build" / "template.yaml")
    Template({"Resources": {"Fn": built}}, name="built", app=app, file=file)
    assert [finding.detail for finding in judged(app)] == ["yaml", ".x"]


# What is not known, said once


def test_what_is_not_known_is_said_once(assembly: Assembly) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:mine:1"
    resources = {
        **{f"Image{number}": function({"ImageUri": "x"}, path=f"One/Image{number}/Resource") for number in range(5)},
        "Elsewhere": function({"S3Bucket": "x", "S3Key": "y"}),
        "Java": function({"S3Bucket": "x", "S3Key": "y"}, Runtime="java21"),
        "Ruby": assembly.function("ruby", {"x.rb": ""}, Runtime="ruby3.4"),
        "Go": assembly.function("go", {"bootstrap": ""}, Runtime="provided.al2023"),
        "Layered": assembly.function("layered", {"index.py": "import yaml" + HANDLER}, Layers=[arn]),
        "Known": assembly.function("known", {"index.py": "import json" + HANDLER}, Layers=[arn]),
    }
    [finding] = assembly.judged(resources)
    assert finding.message == (
        "the imports of 9 of 11 functions are not known, or not all of them: "
        "One/Image0, One/Image1, One/Image2 and 2 more (it is a container image); "
        "Elsewhere, Java (its code is not in the cloud assembly); Ruby (code for ruby3.4 is not read); "
        f"Layered (yaml may be in {arn})"
    )
    assert (finding.id, finding.severity, finding.logical_id) == (f"{RULE}[unread]", Severity.WARNING, "")


def test_many_reasons(assembly: Assembly) -> None:
    resources = {
        f"Fn{number}": assembly.function(f"a{number}", {"x": ""}, Runtime=f"ruby3.{number}") for number in range(8)
    }
    [finding] = assembly.judged(resources)
    assert finding.message.endswith("; Fn4 (code for ruby3.4 is not read); and 3 more")


def test_nothing_is_said_of_functions_that_are_not_the_author_s(assembly: Assembly) -> None:
    own = function({"S3Bucket": "x", "S3Key": "y"}, Runtime="nodejs22.x")
    assert assembly.judged({"LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A": own}) == []


def test_nothing_is_said_of_templates_that_lie_nowhere() -> None:
    app = App()
    Template({"Resources": {"Fn": function({"S3Bucket": "x", "S3Key": "y"})}}, app=app)
    assert judged(app) == []


def test_a_bundle_that_takes_too_long(assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_SECONDS", 0.000001)
    [finding] = assembly.judged({"Fn": assembly.function("fn", {"index.py": "import yaml" + HANDLER})})
    assert finding.message.endswith(": Fn (reading it takes more than 1e-06 s)")


def test_200_functions_with_one_bundle(assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: Counter[str] = Counter()
    read = FolderBundle._content

    def reading(self: FolderBundle, path: str) -> bytes:
        reads[path] += 1
        return read(self, path)

    monkeypatch.setattr(FolderBundle, "_content", reading)
    files = {f"h{number}.py": "import shared" + HANDLER for number in range(200)} | {"shared.py": "import yaml"}
    place = assembly.asset("fn", files)
    resources = {f"Fn{number}": function(place, Handler=f"h{number}.handler") for number in range(200)}
    findings = assembly.judged(resources)
    assert len(findings) == 200
    assert set(reads.values()) == {1}


def test_stages(assembly: Assembly, tmp_path: Path) -> None:
    """Each Stage has an assembly of its own; the assets lie in the app's."""
    assembly.asset("fn", {"index.py": "import yaml" + HANDLER})
    for stage in ("Dev", "Prod"):
        folder = tmp_path / f"assembly-{stage}"
        folder.mkdir()
        destinations = {"here": {"objectKey": "fn.zip"}}
        said = {"files": {"fn": {"source": {"path": "../asset.fn"}, "destinations": destinations}}}
        (folder / "One.assets.json").write_text(json.dumps(said))
        data = {"Resources": {"Fn": function({"S3Bucket": "assets", "S3Key": "fn.zip"})}}
        Template(data, name=f"{stage}/One", app=assembly.app, file=str(folder / "One.template.json"))
    assert [finding.template for finding in judged(assembly.app)] == ["Dev/One", "Prod/One"]
