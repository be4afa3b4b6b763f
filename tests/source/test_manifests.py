"""Finding and reading the manifests of installed packages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cdk_guardrails.errors import SourceError
from cdk_guardrails.source.manifests import installed
from tests.source.jsii_packages import MANIFEST, install


def found(site: Path) -> list[tuple[str, str, str]]:
    return [(manifest.module, manifest.package, manifest.version) for manifest in installed([str(site)])]


def test_packages_and_their_parts_are_found(tmp_path: Path) -> None:
    install(tmp_path)
    install(tmp_path, module="shop_lib.alpha", file="alpha@0.1.0.jsii.tgz")
    install(tmp_path, module="other_lib", file="@scope@2.0.0-rc.1.jsii.tgz")
    assert found(tmp_path) == [
        ("other_lib", "@scope", "2.0.0-rc.1"),
        ("shop_lib", "shop-lib", "1.2.3"),
        ("shop_lib.alpha", "alpha", "0.1.0"),
    ]


def test_the_installed_cdk_is_found_without_importing_it() -> None:
    before = set(sys.modules)
    modules = [manifest.module for manifest in installed()]
    assert {"aws_cdk", "constructs", "cdk_nag"} <= set(modules)
    assert "cdk_guardrails.bridge" not in modules
    assert not {name for name in set(sys.modules) - before if name.startswith(("aws_cdk", "constructs", "jsii"))}


def test_the_first_folder_that_has_a_package_counts(tmp_path: Path) -> None:
    install(tmp_path / "a")
    install(tmp_path / "b", file="shop-lib@9.9.9.jsii.tgz")
    assert [manifest.version for manifest in installed([str(tmp_path / "a"), str(tmp_path / "b")])] == ["1.2.3"]


def test_of_two_archives_the_one_written_last_counts(tmp_path: Path) -> None:
    os.utime(install(tmp_path, file="shop-lib@1.0.0.jsii.tgz"), (1, 1))
    install(tmp_path)
    assert found(tmp_path) == [("shop_lib", "shop-lib", "1.2.3")]


@pytest.mark.parametrize("name", ["missing", "file", "not_installed"])
def test_folders_without_packages(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "not_installed/shop_lib/_jsii").mkdir(parents=True)
    (tmp_path / "not_installed/shop_lib/_jsii/shop-lib@1.2.3.jsii.tgz").write_text("")  # a checkout
    assert found(tmp_path / name) == []


@pytest.mark.parametrize("redirect", [False, True])
def test_a_manifest_is_read(tmp_path: Path, redirect: bool) -> None:
    install(tmp_path, redirect=redirect)
    (manifest,) = installed([str(tmp_path)])
    assert manifest.read() == MANIFEST
    assert manifest.read(lambda type_: type_["kind"])["types"]["shop-lib.Color"] == "enum"


BROKEN = {
    "no archive": b"",
    "cut off": b"\x1f\x8b\x08\x00",
    "text": b"not an archive at all",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    install(tmp_path).write_bytes(content)
    (manifest,) = installed([str(tmp_path)])
    with pytest.raises(SourceError, match=r"shop-lib@1\.2\.3\.jsii\.tgz: the jsii manifest cannot be read: \w+$"):
        manifest.read()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'"x"', b"{", b"\xff", b"[" * 100_000, b'{"schema": "jsii/file-redirect"}']
)
def test_a_malformed_manifest_is_an_error(tmp_path: Path, text: bytes) -> None:
    install(tmp_path, text)
    (manifest,) = installed([str(tmp_path)])
    with pytest.raises(SourceError, match="cannot be read"):
        manifest.read()


def test_an_archive_that_is_cut_off_in_the_manifest(tmp_path: Path) -> None:
    archive = install(tmp_path, redirect=True)
    archive.write_bytes(archive.read_bytes()[:-200])
    (manifest,) = installed([str(tmp_path)])
    with pytest.raises(SourceError, match="cannot be read"):
        manifest.read()
