"""Files that others name: pipes, devices, links in a circle, names that are nearly right."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cdk_guardrails.input_files import nearest_file, read_bytes


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00x")
    assert read_bytes(tmp_path / "a") == b"\x00x"
    assert read_bytes(tmp_path / "a", most=2) == b"\x00x"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have names on Unix")
def test_a_pipe_is_not_waited_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="expected a file, this is a pipe or a device"):
        read_bytes(tmp_path / "pipe")


def test_a_device_that_has_no_end() -> None:
    with pytest.raises(OSError, match="expected a file, this is a pipe or a device"):
        read_bytes("/dev/zero")


def test_too_large(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_001)
    with pytest.raises(OSError, match="larger than 3 MB"):
        read_bytes(tmp_path / "a", most=3_000_000)


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "a")
    with pytest.raises(OSError) as raised:
        read_bytes(tmp_path / "a")
    assert raised.value.errno == errno.ELOOP


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(FileNotFoundError, match="no file has such a name"):
        read_bytes("a\0b")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("app.ymal", " Did you mean '{}app.yaml'?"), ("other", ""), ("no/such/folder", ""), ("nul\0", "")],
)
def test_the_nearest_name(name: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("")
    (tmp_path / "app.ymal2").symlink_to(tmp_path / "gone")
    assert nearest_file(tmp_path / name) == hint.format(f"{tmp_path}{os.sep}")


def test_a_missing_file_offers_it(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("")
    with pytest.raises(FileNotFoundError) as raised:
        read_bytes(tmp_path / "ap.yaml")
    assert raised.value.strerror == f"No such file or directory. Did you mean '{tmp_path / 'app.yaml'}'?"
