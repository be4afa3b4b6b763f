"""The distributions in a bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cdk_guardrails.lambda_code.bundle import Bundle, FolderBundle
from cdk_guardrails.lambda_code.distributions import Distribution, distributions_in, version_of

Found = Callable[[dict[str, str]], dict[str, Distribution]]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    def made(files: dict[str, str]) -> dict[str, Distribution]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return {item.name: item for item in distributions_in(FolderBundle(tmp_path))}

    return made


YAML = {
    "yaml/__init__.py": "12345",
    "yaml/nodes.py": "123",
    "_yaml/__init__.py": "1",
    "other.py": "1234567",
    "PyYAML-6.0.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0.2\n",
    "PyYAML-6.0.2.dist-info/RECORD": 'yaml/__init__.py,sha256=x,5\n"yaml/nodes.py",,\n_yaml/__init__.py,,\n../../bin/y,,\n'
    "gone.py,,\nPyYAML-6.0.2.dist-info/METADATA,,\n",
}


def test_by_its_record(found: Found) -> None:
    item = found(YAML)["PyYAML"]
    assert (item.key, item.title, version_of(item)) == (("python", "pyyaml"), "PyYAML", "6.0.2")
    assert item.files == ("PyYAML-6.0.2.dist-info/METADATA", "_yaml/__init__.py", "yaml/__init__.py", "yaml/nodes.py")
    assert item.size == 9 + len(YAML["PyYAML-6.0.2.dist-info/METADATA"])


@pytest.mark.parametrize(
    ("module", "is_there"),
    [("yaml", True), ("yaml.nodes", True), ("_yaml", True), ("yam", False), ("other", False), ("yaml.x", False)],
)
def test_what_it_provides(found: Found, module: str, is_there: bool) -> None:
    assert found(YAML)["PyYAML"].provides(module) is is_there


def test_names_are_compared_normalized(found: Found) -> None:
    names = ["charset_normalizer-3.4.0", "Flask_Cors-5.0.0", "ruamel.yaml-0.18.6", "zope.interface-7.0"]
    keys = [item.key[1] for item in found({f"{name}.dist-info/METADATA": "" for name in names}).values()]
    assert sorted(keys) == ["charset-normalizer", "flask-cors", "ruamel-yaml", "zope-interface"]


def test_a_name_without_metadata(found: Found) -> None:
    [item] = found({"charset_normalizer-3.4.0.dist-info/WHEEL": ""}).values()
    assert item.title == "charset-normalizer"


def test_without_a_record_by_its_top_level_names(found: Found) -> None:
    files = {"attr/__init__.py": "1", "attrs/__init__.py": "22", "attr_x.py": "333", "six.py": "4"}
    info = {"attrs-25.1.0.dist-info/top_level.txt": "attr\nattrs\n"}
    item = found(files | info)["attrs"]
    assert item.files == ("attrs-25.1.0.dist-info/top_level.txt", "attr/__init__.py", "attrs/__init__.py")
    assert item.provides("attr")


def test_without_a_record_by_its_name(found: Found) -> None:
    item = found({"requests/api.py": "1", "requests_x/y.py": "", "requests-2.0.dist-info/WHEEL": ""})["requests"]
    assert item.files == ("requests-2.0.dist-info/WHEEL", "requests/api.py")


def test_below_a_layer_s_root(found: Found) -> None:
    root = "python/lib/python3.13/site-packages/"
    item = found({f"{root}six.py": "1", f"{root}six-1.17.0.dist-info/RECORD": "six.py,,\n", "six.py": ""})["six"]
    assert item.files == (f"{root}six.py",)
    assert item.provides("six")


def test_namespace_packages(found: Found) -> None:
    record = "google/cloud/storage/__init__.py,,\n"
    files = {"google/cloud/storage/__init__.py": "", "google/auth/__init__.py": ""}
    item = found(files | {"google_cloud_storage-3.0.dist-info/RECORD": record})["google_cloud_storage"]
    assert item.provides("google.cloud")
    assert not item.provides("google.auth")


def test_what_it_requires(found: Found) -> None:
    metadata = "\n".join(
        [
            "Name: requests",
            "Requires-Dist: charset_normalizer<4,>=2",
            "Requires-Dist: idna (<4)",
            'Requires-Dist: PySocks!=1.5.7 ; extra == "socks"',
            'Requires-Dist: tomli>=1; python_version < "3.11"',
        ]
    )
    item = found({"requests-2.0.dist-info/METADATA": metadata})["requests"]
    assert item.requires == {"charset-normalizer", "idna", "tomli"}


@pytest.mark.parametrize(
    ("folder", "name", "version"),
    [
        ("six-1.17.0.dist-info", "six", "1.17.0"),
        ("six-1.17.0-py3.13.egg-info", "six", "1.17.0"),
        ("six-1.17.0.egg-info", "six", "1.17.0"),
        ("ruamel.yaml-0.18.6.dist-info", "ruamel.yaml", "0.18.6"),
        ("x-py3x-1.0.dist-info", "x-py3x", "1.0"),
        ("backports.zoneinfo-0.2.1.dist-info", "backports.zoneinfo", "0.2.1"),
        ("x-1.0+local.2.dist-info", "x", "1.0+local.2"),
        ("python/x-1.dist-info", "x", "1"),
    ],
)
def test_names_and_versions_of_folders(found: Found, folder: str, name: str, version: str) -> None:
    [item] = found({f"{folder}/METADATA": ""}).values()
    assert (item.name, item.version) == (name, version)


@pytest.mark.parametrize("name", ["PKG-INFO", "top_level.txt"])
def test_eggs(found: Found, name: str) -> None:
    item = found({"old/__init__.py": "", f"old-1.2-py3.9.egg-info/{name}": "Name: old\n"})["old"]
    assert (item.version, item.title) == ("1.2", "old")


@pytest.mark.parametrize(
    "path",
    ["orders.egg-info/PKG-INFO", "x.dist-info", "dist-info/METADATA", "a-1.dist-info.bak/METADATA", "my-info/x-1.txt"],
)
def test_what_is_none(found: Found, path: str) -> None:
    assert found({path: "Name: x\n"}) == {}


def test_the_author_s_own(found: Found) -> None:
    info = "orders-1.0.dist-info/"
    items = found({f"{info}METADATA": "", f"{info}direct_url.json": '{"url": "file:///src", "dir_info": {}}'} | YAML)
    assert items["orders"].is_own
    assert not items["PyYAML"].is_own


def test_from_a_repository_it_is_others(found: Found) -> None:
    item = found({"x-1.dist-info/direct_url.json": '{"url": "https://e.com/x", "vcs_info": {"vcs": "git"}}'})["x"]
    assert not item.is_own


@pytest.mark.parametrize("text", ["", "\0", '"unclosed,', "a\nb\nc", "," * 1000, '"' + "x" * 200_000])
def test_odd_records(found: Found, text: str) -> None:
    item = found({"x.py": "", "x-1.dist-info/RECORD": text})["x"]
    assert "x.py" in item.files


def test_records_that_lead_elsewhere(found: Found) -> None:
    item = found({"x.py": "", "x-1.dist-info/RECORD": "x.py,,\n/etc/passwd,,\n../../../etc/passwd,,\n"})["x"]
    assert item.files == ("x.py",)


def test_a_large_record_is_not_read(found: Found) -> None:
    item = found({"x.py": "", "x-1.dist-info/RECORD": "y.py,,\n" * 200_000})["x"]
    assert item.files == ("x-1.dist-info/RECORD", "x.py")


def package(name: str, version: str, **more: object) -> str:
    return json.dumps({"name": name, "version": version, **more})


def test_node_packages(found: Found) -> None:
    files = {
        "node_modules/axios/package.json": package("axios", "1.7.0", dependencies={"form-data": "^4"}),
        "node_modules/axios/index.js": "12345",
        "node_modules/axios/node_modules/deep/package.json": package("deep", "1.0.0"),
        "node_modules/@aws-sdk/client-s3/package.json": package("@aws-sdk/client-s3", "3.0.0"),
        "node_modules/.bin/x": "",
        "node_modules/.package-lock.json": "{}",
        "node_modules/@scope/package.json": "",
        "node_modules/empty/readme.md": "",
        "package.json": package("app", "1"),
    }
    items = found(files)
    assert set(items) == {"axios", "@aws-sdk/client-s3"}
    axios = items["axios"]
    assert (axios.key, axios.title, version_of(axios)) == (("nodejs", "axios"), "axios", "1.7.0")
    assert axios.size == sum(len(text) for path, text in files.items() if path.startswith("node_modules/axios/"))
    assert axios.requires == {"form-data"}
    assert axios.provides("axios")
    assert not axios.provides("axios/lib")
    assert not axios.is_own


def test_node_packages_of_a_layer(found: Found) -> None:
    assert found({"nodejs/node_modules/axios/package.json": package("axios", "1")})["axios"].provides("axios")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 7, "dependencies": []}', "[" * 50_000])
def test_odd_manifests(found: Found, text: str) -> None:
    item = found({"node_modules/x/package.json": text})["x"]
    assert version_of(item) == ""
    assert item.requires == frozenset()


@pytest.mark.timeout(60)  # minutes, where a pattern tries every way to split such a path
def test_long_paths_take_no_time() -> None:
    bundle = Bundle("x")
    parts = ("a-py3", "a-1", "-", ".", "a-1.egg-info", "node_modules/", "a/")
    bundle.files = {f"{part * (60_000 // len(part))}.egg-info/{end}": 1 for part in parts for end in ("", "x")}
    assert distributions_in(bundle)


def test_they_are_looked_for_once(tmp_path: Path) -> None:
    bundle = FolderBundle(tmp_path)
    assert distributions_in(bundle) is distributions_in(bundle)
