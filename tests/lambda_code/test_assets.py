"""Where the assets of a cloud assembly lie."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.lambda_code.assets import assets_beside, bundle_at, unbundled_beside
from cdk_guardrails.lambda_code.bundle import FolderBundle, UnreadError, ZipBundle

PYTHON_FUNCTION = {"fqn": "@aws-cdk/aws-lambda-python-alpha.PythonFunction"}


def asset(path: Any, *keys: Any) -> dict[str, Any]:
    places = {f"place-{number}": {"bucketName": "assets", "objectKey": key} for number, key in enumerate(keys)}
    return {"source": {"path": path, "packaging": "zip"}, "destinations": places}


def manifest(folder: Path, name: str, files: Any) -> None:
    (folder / f"{name}.assets.json").write_text(json.dumps({"version": "55", "files": files}))


def test_assets_by_their_keys(tmp_path: Path) -> None:
    manifest(tmp_path, "One", {"abc": asset("asset.abc", "abc.zip", "eu/abc.zip"), "def": asset("asset.def", "d.zip")})
    manifest(tmp_path, "Two", {"abc": asset("asset.abc", "abc.zip")})
    found = assets_beside(str(tmp_path / "One.template.json"))
    assert {key: (item.hash, item.path) for key, item in found.items()} == {
        "abc.zip": ("abc", tmp_path / "asset.abc"),
        "eu/abc.zip": ("abc", tmp_path / "asset.abc"),
        "d.zip": ("def", tmp_path / "asset.def"),
    }


def test_an_asset_of_a_stage_lies_in_the_app_s_folder(tmp_path: Path) -> None:
    stage = tmp_path / "assembly-Prod"
    stage.mkdir()
    manifest(stage, "One", {"abc": asset("../asset.abc", "abc.zip")})
    (tmp_path / "asset.abc").mkdir()
    found = assets_beside(str(stage / "One.template.json"))["abc.zip"]
    assert isinstance(bundle_at(found.path), FolderBundle)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"files": []}',
        '{"files": null}',
        '{"files": {"a": 1, "b": {}, "c": {"source": 1}}}',
        '{"files": {"a": {"source": {"path": 1}}}}',
        '{"files": {"a": {"source": {"path": "x"}, "destinations": 1}}}',
        '{"files": {"a": {"source": {"path": "x"}, "destinations": {"b": 1, "c": {}, "d": {"objectKey": 1}}}}}',
        '{"files": {"a": {"source": {"executable": ["make"]}, "destinations": {"b": {"objectKey": "k"}}}}}',
    ],
)
def test_a_manifest_that_is_damaged_or_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "One.assets.json").write_text(text)
    manifest(tmp_path, "Two", {"abc": asset("asset.abc", "abc.zip")})
    assert set(assets_beside(str(tmp_path / "One.template.json"))) == {"abc.zip"}


def test_a_manifest_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "One.assets.json").write_bytes(b"\xff\xfe\0")
    assert assets_beside(str(tmp_path / "One.template.json")) == {}


def test_bundles(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w"):
        pass
    assert isinstance(bundle_at(tmp_path), FolderBundle)
    assert isinstance(bundle_at(tmp_path / "code.zip"), ZipBundle)
    with pytest.raises(UnreadError, match="asset.abc is not there"):
        bundle_at(tmp_path / "asset.abc")


def tree(folder: Path, *children: dict[str, Any]) -> None:
    top = {"id": "App", "path": "", "children": {str(number): child for number, child in enumerate(children)}}
    (folder / "tree.json").write_text(json.dumps({"version": "tree-0.1", "tree": top}))


def test_constructs_that_bundle_by_themselves(tmp_path: Path) -> None:
    function = {"path": "One/Api", "constructInfo": PYTHON_FUNCTION, "children": {"Resource": {"path": "One/Api/R"}}}
    layer = {"path": "One/L", "constructInfo": {"fqn": "@aws-cdk/aws-lambda-python-alpha.PythonLayerVersion"}}
    plain = {"path": "One/Plain", "constructInfo": {"fqn": "aws-cdk-lib.aws_lambda.Function"}}
    tree(tmp_path, {"path": "One", "children": {"Api": function, "L": layer, "Plain": plain}})
    assert unbundled_beside(str(tmp_path / "One.template.json")) == {"One/Api", "One/L"}
    stage = tmp_path / "assembly-Prod"
    stage.mkdir()
    assert unbundled_beside(str(stage / "One.template.json")) == frozenset(), "no assembly around it"
    (tmp_path / "manifest.json").write_text("{}")
    assert unbundled_beside(str(stage / "One.template.json")) == {"One/Api", "One/L"}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"tree": 1}', '{"tree": {"children": [], "constructInfo": 7}}', "[" * 100_000]
)
def test_a_tree_that_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "tree.json").write_text(text)
    assert unbundled_beside(str(tmp_path / "One.template.json")) == frozenset()
    (tmp_path / "tree.json").write_text(f'"aws-lambda-python-alpha."{text}')
    assert unbundled_beside(str(tmp_path / "One.template.json")) == frozenset()
    (tmp_path / "tree.json").unlink()
    assert unbundled_beside(str(tmp_path / "One.template.json")) == frozenset()
