"""The databases in the cache folder: kept, rebuilt when broken, done without when they cannot be written."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.errors import SourceError
from cdk_guardrails.source import cdk_store
from cdk_guardrails.source.cdk_store import FOLDER, Store, file_name, folder
from cdk_guardrails.source.manifests import Manifest, installed
from tests.source.jsii_packages import MANIFEST, install


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache"


def manifest_in(site: Path, manifest: Any = MANIFEST) -> Manifest:
    install(site, manifest)
    return installed([str(site)])[0]


def names(store: Store) -> list[str]:
    return sorted(store.names("shop_lib.orders"))


ORDERS = ["Order", "Order.Line", "OrderProps"]


def test_it_is_built_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = manifest_in(tmp_path)
    store = Store(manifest)
    assert (store.assembly, names(store)) == ("shop-lib", ORDERS)
    assert store.modules == {
        "shop-lib": "shop_lib",
        "shop-lib.lambda": "shop_lib.lambda_",
        "shop-lib.orders": "shop_lib.orders",
    }
    assert [file.name for file in cache.iterdir()] == [file_name(manifest)]
    monkeypatch.setattr(Manifest, "read", lambda *_: pytest.fail("the manifest was read again"))
    assert names(Store(manifest)) == ORDERS


def test_another_version_or_file_has_another_database(tmp_path: Path) -> None:
    manifest = manifest_in(tmp_path)
    others = [manifest._replace(version="1.2.4"), manifest._replace(size=1), manifest._replace(mtime_ns=1)]
    assert len({file_name(item) for item in [manifest, *others]}) == 4


def test_another_format_has_another_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = manifest_in(tmp_path)
    before = file_name(manifest)
    monkeypatch.setattr(cdk_store, "FORMAT", 9999)
    assert file_name(manifest) != before


def test_only_what_is_needed_is_kept(tmp_path: Path, cache: Path) -> None:
    Store(manifest_in(tmp_path))
    assert b"not kept" not in next(cache.iterdir()).read_bytes()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 4080])
def test_what_is_no_database_is_replaced(tmp_path: Path, cache: Path, content: bytes) -> None:
    manifest = manifest_in(tmp_path)
    cache.mkdir()
    (cache / file_name(manifest)).write_bytes(content)
    assert names(Store(manifest)) == ORDERS
    assert (cache / file_name(manifest)).stat().st_size > 8000


def test_a_database_that_is_cut_off_is_replaced(tmp_path: Path, cache: Path) -> None:
    manifest = manifest_in(tmp_path)
    Store(manifest)
    file = cache / file_name(manifest)
    whole = file.read_bytes()
    for size in range(0, len(whole), 1000):
        file.write_bytes(whole[:size])
        store = Store(manifest)
        assert names(store) == ORDERS, size
        assert store.type("shop_lib.orders", "Order"), size


def test_a_database_that_breaks_later_is_replaced(tmp_path: Path, cache: Path) -> None:
    manifest = manifest_in(tmp_path)
    Store(manifest)
    with sqlite3.connect(cache / file_name(manifest)) as connection:
        connection.execute("UPDATE types SET kept = x'00' WHERE name = 'Order'")
    connection.close()
    store = Store(manifest)
    type_ = store.type("shop_lib.orders", "Order")
    assert type_ is not None
    assert "to_json" in type_.members


def test_a_database_that_was_not_finished_is_replaced(tmp_path: Path, cache: Path) -> None:
    manifest = manifest_in(tmp_path)
    Store(manifest)
    with sqlite3.connect(cache / file_name(manifest)) as connection:
        connection.execute("DELETE FROM facts WHERE name = 'complete'")
    connection.close()
    assert names(Store(manifest)) == ORDERS


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path, cache: Path) -> None:
    cache.write_text("a file where the folder is to be")
    assert names(Store(manifest_in(tmp_path))) == ORDERS


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_done_without(tmp_path: Path, cache: Path) -> None:
    cache.mkdir(mode=0o500)
    assert names(Store(manifest_in(tmp_path))) == ORDERS


def _open(manifest: Manifest) -> list[str]:
    return names(Store(manifest))


def test_processes_at_once(tmp_path: Path, cache: Path) -> None:
    manifest = manifest_in(tmp_path)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(_open, [manifest] * 6) == [ORDERS] * 6
    assert [file.name for file in cache.iterdir()] == [file_name(manifest)]


def test_what_nobody_opens_is_deleted(tmp_path: Path, cache: Path) -> None:
    cache.mkdir()
    for name in ("old.sqlite", "old.tmp", "new.sqlite", "old.txt"):
        (cache / name).write_text("")
        if name.startswith("old"):
            os.utime(cache / name, (1, 1))
    Store(manifest_in(tmp_path))
    assert not {"old.sqlite", "old.tmp"} & {file.name for file in cache.iterdir()}
    assert {"new.sqlite", "old.txt"} <= {file.name for file in cache.iterdir()}


def test_opening_says_that_it_is_used(tmp_path: Path, cache: Path) -> None:
    manifest = manifest_in(tmp_path)
    Store(manifest)
    os.utime(cache / file_name(manifest), (1, 1))
    Store(manifest)
    assert (cache / file_name(manifest)).stat().st_mtime > time.time() - 60


def test_the_users_cache_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER)
    assert folder().name == "cdk-guardrails"


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        {**MANIFEST, "types": {"shop-lib.X": 1}},
        {**MANIFEST, "types": {"shop-lib.X": {"assembly": "shop-lib", "fqn": "shop-lib.X"}}},
        {**MANIFEST, "submodules": ["x"]},
    ],
)
def test_a_manifest_that_makes_no_sense_is_an_error(tmp_path: Path, manifest: Any) -> None:
    with pytest.raises(SourceError, match=r"the jsii manifest (is malformed|cannot be read)"):
        Store(manifest_in(tmp_path, manifest))


def test_a_package_without_types(tmp_path: Path) -> None:
    store = Store(manifest_in(tmp_path, {"name": "shop-lib", "targets": {"python": {"module": "shop_lib"}}}))
    assert store.names("shop_lib") == []
    assert store.type("shop_lib", "Order") is None
