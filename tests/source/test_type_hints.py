"""What a value is by its annotation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.test_inference import HEAD, revealed


def hinted(folder: Path, annotation: str) -> str:
    [found] = revealed(folder, "from typing import *", HEAD, f"def f(x: {annotation}): reveal(x)")
    return found


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("s3.Bucket", "aws_s3.Bucket"),
        ("'s3.Bucket'", "aws_s3.Bucket"),
        ("' s3.Bucket '", "aws_s3.Bucket"),
        ("s3.Bucket | None", "aws_s3.Bucket"),
        ("None | s3.Bucket", "aws_s3.Bucket"),
        ("'s3.Bucket | None'", "aws_s3.Bucket"),
        ("Optional[s3.Bucket]", "aws_s3.Bucket"),
        ("Optional['s3.Bucket']", "aws_s3.Bucket"),
        ("Union[s3.Bucket, None]", "aws_s3.Bucket"),
        ("Union[s3.Bucket, s3.IBucket]", "aws_s3.IBucket"),
        ("Annotated[s3.Bucket, 'it']", "aws_s3.Bucket"),
        ("Final[s3.Bucket]", "aws_s3.Bucket"),
        ("list[s3.Bucket]", "[] of aws_s3.Bucket"),
        ("Sequence['s3.Bucket']", "[] of aws_s3.Bucket"),
        ("set[s3.Bucket | None]", "[] of aws_s3.Bucket"),
        ("dict[str, s3.Bucket]", "{} of aws_s3.Bucket"),
        ("Mapping[str, list[s3.Bucket]]", "{} of [] of aws_s3.Bucket"),
        ("tuple[s3.Bucket, int]", "(aws_s3.Bucket, ?)"),
        ("tuple[s3.Bucket, ...]", "[] of aws_s3.Bucket"),
        ("type[s3.Bucket]", "class aws_s3.Bucket"),
        ("Type[s3.Bucket]", "class aws_s3.Bucket"),
        # not known
        ("s3.Bucket | ec2.Vpc", "?"),
        ("s3.Bucket | str", "?"),
        ("int", "?"),
        ("None", "?"),
        ("Any", "?"),
        ("s3", "?"),
        ("s3.Buckett", "?"),
        ("list", "?"),
        ("list[s3.Bucket, s3.Bucket]", "?"),
        ("dict[str]", "?"),
        ("Generator[s3.Bucket]", "?"),
        ("Callable[[], s3.Bucket]", "?"),
        ("Literal['s3.Bucket']", "?"),
        # no types at all
        ("''", "?"),
        ("'s3.'", "?"),
        ("'s3.Bucket \\0'", "?"),
        ("'lambda: 1'", "?"),
        ("5", "?"),
        ("...", "?"),
        ("f()", "?"),
        ("s3.Bucket()", "?"),
        ("s3.Bucket & s3.IBucket", "?"),
        ("'" + "(" * 500 + "'", "?"),
        ("'" + " | ".join(["s3.Bucket"] * 200) + "'", "?"),
    ],
)
def test_annotations(tmp_path: Path, annotation: str, expected: str) -> None:
    assert hinted(tmp_path, annotation) == expected


def test_of_classes_of_the_app(tmp_path: Path) -> None:
    text = (
        "class A: pass\ndef f(a: A, b: 'B', c: 'list[A]'):\n    reveal(a)\n    reveal(b)\n    reveal(c)\nclass B: pass"
    )
    assert revealed(tmp_path, text) == ["A", "B", "[] of A"]


def test_a_name_that_means_something_else_there(tmp_path: Path) -> None:
    assert revealed(tmp_path, HEAD, "s3 = load()\ndef f(x: 's3.Bucket'): reveal(x)") == ["?"]


def test_one_that_refers_to_itself(tmp_path: Path) -> None:
    assert (
        revealed(tmp_path, "A = 'A | None'\ndef f(x: A): reveal(x)", "B = list['B']\ndef g(y: B): reveal(y)")
        == ["?"] * 2
    )


def test_a_deep_one_is_followed_so_far(tmp_path: Path) -> None:
    found = hinted(tmp_path, "'" + "list[" * 150 + "s3.Bucket" + "]" * 150 + "'")
    assert found.startswith("[] of [] of [] of ")
    assert found.endswith(" ?")
