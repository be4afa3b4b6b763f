"""Bundles: what is listed and read, in place and within bounds."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from cdk_guardrails.lambda_code import bundle as bundles
from cdk_guardrails.lambda_code.bundle import Bundle, FolderBundle, TextBundle, UnreadError, ZipBundle


def written(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(file: Path, files: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


FILES: dict[str, bytes | str] = {"app.py": "import x\n", "orders/__init__.py": "", "orders/data.bin": b"\0\xff"}


def test_a_folder_and_a_zip_of_it_are_the_same(tmp_path: Path) -> None:
    folder = FolderBundle(written(tmp_path / "code", FILES))
    archive = ZipBundle(zipped(tmp_path / "code.zip", FILES))
    assert dict(folder.files) == dict(archive.files) == {"app.py": 9, "orders/__init__.py": 0, "orders/data.bin": 2}
    for bundle in (folder, archive):
        assert bundle.read("app.py") == b"import x\n"
        assert bundle.read("orders/data.bin") == b"\0\xff"


def test_inline_code_is_one_file() -> None:
    bundle = TextBundle("inline code", "index.py", "é = 1")
    assert dict(bundle.files) == {"index.py": 6}
    assert bundle.read("index.py").decode() == "é = 1"
    assert bundle.shown("index.py") == ""


def test_half_a_surrogate_in_inline_code_is_no_crash() -> None:
    assert TextBundle("inline code", "index.py", "x = '\ud800'").read("index.py") == b"x = '?'"


def test_what_is_derived_is_asked_once(tmp_path: Path) -> None:
    bundle, asked = FolderBundle(tmp_path), []
    for _ in range(3):
        bundle.cached("key", lambda: asked.append(1))
    assert asked == [1]


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = written(tmp_path / "outside", {"secret.py": "KEY = 1"})
    code = written(tmp_path / "code", {"app.py": "", "lib/util.py": ""})
    (code / "out.py").symlink_to(outside / "secret.py")
    (code / "outside").symlink_to(outside)
    (code / "up").symlink_to("..")
    (code / "passwd").symlink_to("/etc/passwd")
    (code / "same.py").symlink_to("app.py")
    assert set(FolderBundle(code).files) == {"app.py", "same.py", "lib/util.py"}


def test_links_in_a_circle_or_to_nowhere_are_left_out(tmp_path: Path) -> None:
    code = written(tmp_path / "code", {"app.py": "", "pkg/a.py": ""})
    (code / "loop").symlink_to("loop")
    (code / "gone.py").symlink_to("not-there.py")
    (code / "pkg" / "again").symlink_to("../pkg")
    assert set(FolderBundle(code).files) == {"app.py", "pkg/a.py"}


def test_what_is_no_plain_file_is_left_out(tmp_path: Path) -> None:
    code = written(tmp_path / "code", {"app.py": ""})
    os.mkfifo(code / "pipe.py")
    assert set(FolderBundle(code).files) == {"app.py"}


def test_a_folder_that_is_gone() -> None:
    with pytest.raises(UnreadError, match="nothing-here cannot be listed: No such file or directory"):
        FolderBundle(Path("/nothing-here"))


def test_a_file_that_is_gone_meanwhile(tmp_path: Path) -> None:
    bundle = FolderBundle(written(tmp_path, {"app.py": "1"}))
    (tmp_path / "app.py").unlink()
    with pytest.raises(UnreadError, match="app.py cannot be read: No such file or directory"):
        bundle.read("app.py")


def test_a_file_that_has_grown_is_read_as_far_as_it_was_listed(tmp_path: Path) -> None:
    bundle = FolderBundle(written(tmp_path, {"app.py": "1"}))
    (tmp_path / "app.py").write_text("1" * 10_000)
    assert bundle.read("app.py") == b"1"


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    bundle = FolderBundle(written(tmp_path, {"generated.py": b"x = 1\n" * 3_500_000}))
    with pytest.raises(
        UnreadError, match=r"generated.py is too large to be read \(21,000,000 bytes, the limit is 1,048"
    ):
        bundle.read("generated.py")
    assert len(bundle.read("generated.py", limit=30_000_000)) == 21_000_000


def test_more_than_a_bundle_may_have_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 2 * 1024 * 1024)
    bundle = FolderBundle(written(tmp_path, {f"{number}.py": b"#" * 1024 * 1024 for number in range(3)}))
    bundle.read("0.py")
    bundle.read("1.py")
    with pytest.raises(UnreadError, match="more than 2 MB would have to be read"):
        bundle.read("2.py")


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_FILES", 3)
    files: dict[str, bytes | str] = {f"{number}.py": "" for number in range(4)}
    with pytest.raises(UnreadError, match="it has more than 3 files"):
        FolderBundle(written(tmp_path / "code", files))
    with pytest.raises(UnreadError, match="it has more than 3 files"):
        ZipBundle(zipped(tmp_path / "code.zip", files))


def test_the_time_is_used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_SECONDS", 0.000001)
    bundle = FolderBundle(written(tmp_path, {"app.py": ""}))
    with pytest.raises(UnreadError, match="reading it takes more than 1e-06 s"):
        bundle.read("app.py")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Ten gigabytes in ten kilobytes: its size is in the directory, and no more than that is ever unpacked."""
    bundle = ZipBundle(zipped(tmp_path / "bomb.zip", {"bomb.py": b"\0" * 200_000_000, "app.py": ""}))
    assert os.path.getsize(tmp_path / "bomb.zip") < 1_000_000
    with pytest.raises(UnreadError, match="bomb.py is too large"):
        bundle.read("bomb.py")
    assert bundle.read("app.py") == b""


def test_an_entry_that_unpacks_to_more_than_it_says(tmp_path: Path) -> None:
    file = zipped(tmp_path / "liar.zip", {"app.py": b"#" * 500_000})
    content = file.read_bytes().replace(struct.pack("<L", 500_000), struct.pack("<L", 10))
    file.write_bytes(content)
    bundle = ZipBundle(file)
    assert bundle.files["app.py"] == 10
    try:
        assert len(bundle.read("app.py")) <= 10
    except UnreadError as error:  # newer Pythons compare the sums first
        assert str(error) == "app.py cannot be unzipped: BadZipFile"


def test_paths_that_lead_out_of_a_zip_are_left_out(tmp_path: Path) -> None:
    names = ["../up.py", "/root.py", "a/../../b.py", "C:/windows.py", "a\\b.py", "ok.py", "a/ok.py"]
    bundle = ZipBundle(zipped(tmp_path / "code.zip", dict.fromkeys(names, "")))
    assert set(bundle.files) == {"ok.py", "a/ok.py"}


def test_links_in_a_zip_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.py")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("app.py", "")
    assert set(ZipBundle(tmp_path / "code.zip").files) == {"app.py"}


def test_encrypted_entries_are_left_out(tmp_path: Path) -> None:
    file = zipped(tmp_path / "code.zip", {"app.py": "1"})
    content = bytearray(file.read_bytes())
    directory = content.find(b"PK\x01\x02")
    content[directory + 8] |= 1
    file.write_bytes(content)
    assert dict(ZipBundle(file).files) == {}


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18, b"\x1f\x8b\x08tar"])
def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    file = written(tmp_path, {"code.zip": content}) / "code.zip"
    with pytest.raises(UnreadError, match=r"code\.zip is no zip file that can be read: "):
        ZipBundle(file)


def test_a_broken_entry(tmp_path: Path) -> None:
    file = zipped(tmp_path / "code.zip", {"app.py": os.urandom(2000)})
    content = bytearray(file.read_bytes())
    content[100:200] = b"\0" * 100
    file.write_bytes(content)
    with pytest.raises(UnreadError, match="app.py cannot be unzipped: "):
        ZipBundle(file).read("app.py")


def test_a_way_of_packing_that_is_not_known(tmp_path: Path) -> None:
    file = zipped(tmp_path / "code.zip", {"app.py": "1"})
    content = bytearray(file.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.find(signature) + offset
        content[at : at + 2] = b"\x63\x00"
    file.write_bytes(content)
    with pytest.raises(UnreadError, match="app.py cannot be unzipped: NotImplementedError"):
        ZipBundle(file).read("app.py")


def test_a_zip_in_a_zip_is_a_file(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.py", "")
    assert set(ZipBundle(zipped(tmp_path / "code.zip", {"deps.zip": inner.getvalue()})).files) == {"deps.zip"}


def test_a_path_is_shown_where_the_author_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = written(tmp_path / "src", {"app.py": ""})
    bundle = FolderBundle(written(tmp_path / "asset", {"app.py": "", "yaml/__init__.py": ""}), str(source))
    assert bundle.shown("app.py") == str(source / "app.py")
    assert bundle.shown("yaml/__init__.py") == "yaml/__init__.py", "installed, not the author's"
    monkeypatch.chdir(tmp_path)
    assert bundle.shown("app.py") == "src/app.py"


def test_a_path_in_the_author_s_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = zipped(tmp_path / "code.zip", {"app.py": ""})
    monkeypatch.chdir(tmp_path)
    assert ZipBundle(file, str(file)).shown("app.py") == "code.zip/app.py"
    assert ZipBundle(file, str(tmp_path / "gone.zip")).shown("app.py") == "app.py"


def test_a_bundle_by_itself_has_nothing() -> None:
    assert dict(Bundle("x").files) == {}
