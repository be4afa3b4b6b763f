"""A clean checkout, the sdist and the wheel each give a working bridge; what is made at build time is never stale."""

from __future__ import annotations

import email
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import build_support
import cdk_guardrails
from build_support import jsii_tarball

pytestmark = pytest.mark.packaging

TARBALL = f"cdk_guardrails/bridge/_jsii/cdk-guardrails@{cdk_guardrails.__version__}.jsii.tgz"
TYPES = "cdk_guardrails/resource_types.json"
RUNTIMES = "cdk_guardrails/lambda_runtimes.json"
ACTIONS = "cdk_guardrails/rules/iam/actions.json"
STALE = "cdk_guardrails/bridge/_jsii/cdk-guardrails@0.0.0.jsii.tgz"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".cdk-cli", "__pycache__", "build", "dist", "*.egg-info", "cdk.out")

APP = """
import json, sys
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
import cdk_guardrails
from cdk_guardrails import Guardrails

app = cdk.App(outdir=sys.argv[1])
s3.Bucket(cdk.Stack(app, "S"), "B")
tags = {"Environment": "prod", "Owner": "o", "Project": "p", "Department": "d"}
rules = {"s3-access-logs": {"fix": True}}
cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, rules=rules, quiet=True))
app.synth()
resources = json.load(open(sys.argv[1] + "/S.template.json"))["Resources"].values()
bucket = next(r for r in resources if r["Type"] == "AWS::S3::Bucket")
print(bucket["Properties"]["VersioningConfiguration"]["Status"], cdk_guardrails.__file__)
"""


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which what an older build left behind still lies around."""
    copy = tmp_path_factory.mktemp("checkout") / "src"
    shutil.copytree(root, copy, ignore=LEFT_OUT)
    (copy / TARBALL).unlink(missing_ok=True)
    (copy / STALE).write_text("stale")
    (copy / TYPES).write_text("stale")
    (copy / RUNTIMES).write_text("stale")
    (copy / ACTIONS).write_text("stale")
    return copy


@pytest.fixture(scope="module")
def dist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with an sdist, and the wheel that was built from that sdist."""
    out = tmp_path_factory.mktemp("dist")
    python("-m", "build", "--no-isolation", "--outdir", str(out), str(checkout))
    return out


@pytest.fixture(scope="module")
def sdist(dist: Path) -> set[str]:
    """The sdist's members, without the leading folder."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(dist.glob("*.whl")))


def test_the_sdist_has_the_sources_and_nothing_made(sdist: set[str]) -> None:
    assert {"setup.py", "cdk_guardrails/bridge/js/.jsii", "build_support/jsii_tarball.py", "README.md"} <= sdist
    assert [name for name in sdist if name.endswith((".tgz", ".pyc")) or name in (TYPES, RUNTIMES, ACTIONS)] == []


def test_the_wheel_has_the_package_and_what_is_made(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {TARBALL, TYPES, RUNTIMES, ACTIONS, "cdk_guardrails/py.typed"} <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"cdk_guardrails"}
    assert [name for name in names if "bridge/js/" in name or name == STALE] == []
    assert len(json.loads(wheel.read(TYPES))) > 1000
    assert "python3.13" in json.loads(wheel.read(RUNTIMES))
    assert "dynamodb" in json.loads(wheel.read(ACTIONS))


def test_every_module_is_in_the_wheel(root: Path, wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(root).as_posix() for path in (root / "cdk_guardrails").rglob("*.py")}
    data = {path.relative_to(root).as_posix() for path in (root / "cdk_guardrails" / "report").rglob("*.json")}
    assert modules | data <= set(wheel.namelist())


def test_the_metadata(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
    metadata = email.message_from_bytes(wheel.read(name))
    assert (metadata["Name"], metadata["Version"]) == ("cdk-guardrails", cdk_guardrails.__version__)
    python_range = metadata["Requires-Python"].split(",")
    assert sorted(python_range) == ["<3.15", ">=3.10"]
    required = {re.split(r"[ <>=;]", item)[0] for item in metadata.get_all("Requires-Dist") if "extra ==" not in item}
    of_the_cdk = {"aws-cdk-lib", "cdk-nag", "constructs", "jsii"}
    of_reading_code = {"platformdirs", "stdlib-list", "tree-sitter", "tree-sitter-javascript"}
    of_the_command_line = {"jinja2", "rich", "typer"}
    others = {"PyYAML", "bc-detect-secrets", "tomli"}
    assert required == {*of_the_cdk, *of_reading_code, *of_the_command_line, *others}


def test_a_wheel_straight_from_a_checkout_is_the_same(checkout: Path, wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation")
    python("-m", "pip", "wheel", *quiet, "-w", str(tmp_path), str(checkout))
    direct = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    assert contents(direct) == contents(wheel)


def test_an_installed_wheel_guards_an_app(dist: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(site))
    python("-m", "pip", "install", *install, str(next(dist.glob("*.whl"))))
    assert_guards(site, tmp_path)


def test_an_editable_install_guards_an_app(checkout: Path, tmp_path: Path) -> None:
    hook = "from setuptools import build_meta; import sys; build_meta.build_editable(sys.argv[1])"
    python("-c", hook, str(tmp_path), cwd=checkout)
    assert not (checkout / STALE).exists()
    assert json.loads((checkout / TYPES).read_text())
    assert json.loads((checkout / RUNTIMES).read_text())
    assert json.loads((checkout / ACTIONS).read_text())
    assert_guards(checkout, tmp_path)


def test_two_builds_give_the_same_bytes(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "js"
    shutil.copytree(root / "cdk_guardrails" / "bridge" / "js", copy)
    for number, path in enumerate(sorted(copy.rglob("*"), reverse=True)):
        os.utime(path, (number, number))
        path.chmod(0o700)
    assert jsii_tarball.pack(copy, "1.2.3") == jsii_tarball.pack(root / "cdk_guardrails" / "bridge" / "js", "1.2.3")
    first, second = (digests(build_support.build(tmp_path / name)) for name in ("a", "b"))
    assert first == second


def test_the_tarball_is_laid_out_as_npm_does(root: Path) -> None:
    packed = jsii_tarball.pack(root / "cdk_guardrails" / "bridge" / "js", "1.2.3")
    assert packed[4:8] == bytes(4), "gzip notes no time"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as archive:
        members = archive.getmembers()
        read = {m.name: archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members} == {(jsii_tarball.MTIME, 0, 0, "", 0o644)}
    package, manifest = (json.loads(read[f"package/{name}"]) for name in ("package.json", ".jsii"))
    named = [(data["name"], data["version"]) for data in (package, manifest)]
    assert named == [("cdk-guardrails", "1.2.3")] * 2
    assert f"package/{package['main']}" in read


def test_a_manifest_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(FileNotFoundError, match=r"\.jsii: the jsii assembly needs this file"):
        jsii_tarball.pack(tmp_path, "1.2.3")


def test_the_version_is_written_once(root: Path) -> None:
    assert build_support.version() == cdk_guardrails.__version__
    for name in ("package.json", ".jsii"):
        written = json.loads((root / "cdk_guardrails" / "bridge" / "js" / name).read_text())["version"]
        assert written == "0.0.0", "the build fills it in"


def assert_guards(path: Path, tmp_path: Path) -> None:
    """An app with the package at ``path``, and only there, has its bucket versioned."""
    done = python("-c", APP, str(tmp_path / "cdk.out"), cwd=tmp_path, PYTHONPATH=str(path))
    status, file = done.stdout.split(maxsplit=1)
    assert status == "Enabled"
    assert Path(file.strip()).is_relative_to(path)


def contents(archive: zipfile.ZipFile) -> dict[str, str]:
    names = (name for name in archive.namelist() if not name.endswith("RECORD"))
    return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def digests(paths: list[Path]) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def python(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python; its output is the error message."""
    command = [sys.executable, *arguments]
    env = {**os.environ, "CDK_VALIDATION": "false", **environment}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
