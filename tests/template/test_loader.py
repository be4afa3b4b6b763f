"""Reading templates, lines of paths, and writing edits into the author's text so that all else keeps every byte."""

from __future__ import annotations

import difflib
import itertools
import json
import random
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.errors import EditError, TemplateError
from cdk_guardrails.template import Edit, edits
from cdk_guardrails.template.intrinsics import is_intrinsic
from cdk_guardrails.template.loader import Source, dump, load, loads, splices, yaml_to_dict
from cdk_guardrails.template.nodes import Node

BUCKET = ("Resources", "Bucket")
PROPERTIES = (*BUCKET, "Properties")

YAML = """\
# Orders of the shop
AWSTemplateFormatVersion: 2010-09-09

Parameters:
  Stage: {Type: String, Default: dev}   # dev or prod

Resources:
  # Keeps the orders.
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${AWS::StackName}-orders"   # fixed by the import job
      Tags:
      - {Key: Owner,   Value: shop}
      - Key: Note
        Value: >-
          folded
          text

  Policy:
    Type: 'AWS::S3::BucketPolicy'
    DependsOn: Bucket
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: "s3:*", Resource: !GetAtt Bucket.Arn, Principal: "*"}]

  Queue:
    Type: AWS::SQS::Queue

# the end
"""


def written(text: str, *changes: Edit, fmt: Any = None) -> str:
    """The text after ``changes``, having read back as the edited data."""
    source = loads(text, "t", fmt=fmt)
    result = dump(source, changes)
    assert all(one.end < other.start for one, other in itertools.pairwise(splices(source, changes)))
    data = source.plain()
    for change in changes:
        edits.apply(data, change)
    assert loads(result, "t", fmt=fmt).data == data
    return result


def changed(text: str, *changes: Edit, fmt: Any = None) -> list[str]:
    """The lines that went and came, in order."""
    result = written(textwrap.dedent(text), *changes, fmt=fmt)
    lines = difflib.unified_diff(textwrap.dedent(text).splitlines(), result.splitlines(), lineterm="", n=0)
    return [line for line in list(lines)[2:] if line[0] in "+-"]


class TestReading:
    @pytest.mark.parametrize(
        ("short", "long"),
        [
            ("!Ref X", {"Ref": "X"}),
            ("!Condition X", {"Condition": "X"}),
            ("!GetAtt A.Arn", {"Fn::GetAtt": ["A", "Arn"]}),
            ("!GetAtt A.Outputs.Url", {"Fn::GetAtt": ["A", "Outputs.Url"]}),
            ("!GetAtt [A, !Ref B]", {"Fn::GetAtt": ["A", {"Ref": "B"}]}),
            ('!Sub "${A}-x"', {"Fn::Sub": "${A}-x"}),
            ("!Sub ['${a}', {a: !Ref B}]", {"Fn::Sub": ["${a}", {"a": {"Ref": "B"}}]}),
            ("!If [C, 1, !Ref AWS::NoValue]", {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}),
            ("!Base64 text", {"Fn::Base64": "text"}),
            ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
            ("!Join ['', [a, b]]", {"Fn::Join": ["", ["a", "b"]]}),
            ("!FindInMap [M, !Ref A, k]", {"Fn::FindInMap": ["M", {"Ref": "A"}, "k"]}),
            ("!Not [!Equals [a, b]]", {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}),
            ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
            ("!ImportValue 12", {"Fn::ImportValue": "12"}),
            ("!Ref 012", {"Ref": "012"}),
            ("!SomethingNew x", {"Fn::SomethingNew": "x"}),
        ],
    )
    def test_functions_in_their_long_form(self, short: str, long: Any) -> None:
        assert yaml_to_dict(f"a: {short}") == {"a": long}

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            *[(word, True) for word in ("true", "Yes", "ON")],
            *[(word, False) for word in ("False", "no", "off")],
            *[(word, None) for word in ("null", "~", "")],
            ("2012-10-17", "2012-10-17"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
            ("12:30", "12:30"),
            ("010", 8),
            ("089", "089"),
            ("1_000", 1000),
            ("0x1F", 31),
            ("-3", -3),
            ("1.50", 1.5),
            ("1e3", "1e3"),
            (".inf", ".inf"),
            ("yEs", "yEs"),
            ("_1", "_1"),
            ("9" * 400, "9" * 400),
            ("!!str 3", "3"),
            ("'yes'", "yes"),
        ],
    )
    def test_plain_scalars_by_yaml_1_1(self, text: str, value: Any) -> None:
        got = yaml_to_dict(f"a: {text}")["a"]
        assert (got, type(got)) == (value, type(value))

    def test_keys_are_text(self) -> None:
        assert yaml_to_dict("111122223333: a\nyes: b\n2012-10-17: c") == {
            "111122223333": "a",
            "yes": "b",
            "2012-10-17": "c",
        }

    def test_aliases_and_merge_keys(self) -> None:
        text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [{y: 4}, *a], z: 5}"
        data = yaml_to_dict(text)
        assert data["b"] == {"x": 1, "y": 2}
        assert data["c"] == {"x": 1, "y": 3}
        assert data["d"] == {"y": 4, "x": 1, "z": 5}
        data["a"]["x"] = 9
        assert data["b"]["x"] == 1, "an alias is a copy"

    def test_json(self) -> None:
        source = loads('{"Resources": {"A": {"x": "\\ud83d\\ude00", "n": 1.5e3, "t": true}}}')
        assert source.format == "json"
        assert source.data["Resources"]["A"] == {"x": "\U0001f600", "n": 1500.0, "t": True}

    def test_yaml_that_begins_with_a_brace(self) -> None:
        source = loads("{Resources: {A: {Type: T}}}")
        assert (source.format, source.data) == ("yaml", {"Resources": {"A": {"Type": "T"}}})

    @pytest.mark.parametrize(
        ("name", "text", "format_"),
        [
            ("a.json", '{"Resources": {}}', "json"),
            ("a.yml", '{"Resources": {}}', "yaml"),
            ("a.template", ' {"Resources": {}}', "json"),
            ("a.template", "Resources: {}", "yaml"),
        ],
    )
    def test_files(self, tmp_path: Path, name: str, text: str, format_: str) -> None:
        (tmp_path / name).write_text(text)
        assert load(tmp_path / name).format == format_

    def test_two_megabytes(self) -> None:
        data = {
            "Resources": {f"R{n}": {"Type": "AWS::S3::Bucket", "Properties": {"x": "y" * 90}} for n in range(15_000)}
        }
        assert len(loads(json.dumps(data)).data["Resources"]) == 15_000

    def test_data_may_be_changed_without_a_trace(self) -> None:
        source = loads(YAML)
        source.data["Resources"].clear()
        assert dump(source, []) == YAML

    def test_a_template_that_knows_its_lines(self) -> None:
        source = loads(YAML, "orders.yaml")
        template = source.template()
        assert template.name == "orders.yaml"
        assert template.resources["Policy"].origin.source == "orders.yaml:20"
        template.apply(Edit("remove", ("Resources", "Queue")))
        assert "Queue" in source.data["Resources"]

    def test_the_construct_path_of_a_synthesized_template(self) -> None:
        text = '{"Resources": {\n"A": {"Type": "T", "Metadata": {"aws:cdk:path": "S/A"}}, "B": 3}}'
        origin = loads(text, "s.json").template().origin("A")
        assert (origin.construct_path, origin.source) == ("S/A", "s.json:2")

    def test_no_yaml_library_until_yaml_is_read(self, root: Path) -> None:
        code = (
            "import sys, cdk_guardrails; from cdk_guardrails.template.loader import loads, dump;"
            "dump(loads('{\"Resources\": {}}'), []); print('yaml' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"


class TestLines:
    @pytest.mark.parametrize(
        ("path", "line"),
        [
            ((), 2),
            (("Resources",), 7),
            (BUCKET, 9),
            ((*BUCKET, "Type"), 10),
            ((*PROPERTIES, "BucketName"), 12),
            ((*PROPERTIES, "BucketName", "Fn::Sub"), 12),
            ((*PROPERTIES, "Tags", 0), 14),
            ((*PROPERTIES, "Tags", 1, "Value"), 16),
            ((*PROPERTIES, "Tags", 9), 13),
            ((*PROPERTIES, "VersioningConfiguration", "Status"), 11),
            (("Resources", "Policy", "Properties", "PolicyDocument", "Statement", 0, "Resource", "Fn::GetAtt", 1), 27),
            (("Resources", "Nothing"), 7),
            (("Outputs", "X"), None),
        ],
    )
    def test_in_yaml(self, path: tuple[str | int, ...], line: int | None) -> None:
        assert loads(YAML).line(path) == line

    def test_in_json(self) -> None:
        source = loads('{\n "Resources": {\n  "A\\"b": {\n   "L": [\n    1,\n    {"x": 2}]}}}')
        path = ("Resources", 'A"b', "L", 1, "x")
        assert [source.line(path[:depth]) for depth in range(6)] == [1, 2, 3, 4, 6, 6]

    def test_of_what_an_alias_or_a_merge_brings(self) -> None:
        source = loads("Resources:\n  A: &a\n    Type: T\n  B: *a\n  C:\n    <<: *a\n")
        assert source.line(("Resources", "B")) == 4
        assert source.line(("Resources", "B", "Type")) == 3
        assert source.line(("Resources", "C", "Type")) == 3

    def test_windows_line_ends_and_other_scripts(self) -> None:
        source = loads("# \U0001f600\r\nResources:\r\n  A: é\r\n  B: 1\r\n")
        assert source.line(("Resources", "B")) == 4

    def test_a_line_and_a_column_in_characters(self) -> None:
        source = loads("\ufeff# \U0001f600!\r\nResources:\r\n  A: é\r\n")
        text = source.text
        assert [source.spot(text.index(mark)) for mark in "#!\rRé"] == [(1, 1), (1, 4), (1, 5), (2, 1), (3, 6)]
        assert [source.spot(offset) for offset in (text.index("\n"), len(text))] == [(1, 6), (4, 1)]


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "f: expected a CloudFormation template, the text is empty"),
            ("# nothing\n", "f: expected a CloudFormation template, the text is empty"),
            ("a: 1", "f:1: expected a CloudFormation template, a mapping with 'Resources'"),
            ("a:\nresources: {}", "mapping with 'Resources'; is 'resources' meant to be it?"),
            ("- a", "a mapping with 'Resources'; found a list"),
            ("just text", "a mapping with 'Resources'; found text"),
            ("3", "a mapping with 'Resources'; found int"),
            ("a: 1\nResources:\n", "f:2: expected 'Resources' to be a mapping from logical ids to resources"),
            ("Resources: []", "f:1: expected 'Resources' to be a mapping"),
            ("Resources:\n  A: 1\n  B: 2\n  A: 3", "f:4: the key 'A' appears twice in one mapping, first on line 2"),
            ('{"Resources": {"A": 1,\n"A": 2}}', "f:2: the key 'A' appears twice in one mapping, first on line 1"),
            ('{"Resources":\n{"A" 1}', "f:2: expected JSON: "),
            ('{"Resources": {"A": NaN}}', "f: expected JSON: NaN is not a JSON number"),
            ("Resources:\n  A: [1\n  B: 2", "f:3: expected YAML: while parsing a flow sequence"),
            ("Resources:\n\tA: 1", "f:2: expected YAML: "),
            ("Resources: 'x", "f:1: expected YAML: while scanning a quoted scalar"),
            ("Resources:\n  A: \x07", "f:2: expected a text file of YAML, found a control character"),
            ("Resources: {}\n---\nResources: {}", "f:2: expected one document, a second one begins here"),
            ("Resources: {A: *x}", "f:1: expected an anchor '&x' before this alias"),
            ("Resources: &x {A: *x}", "f:1: expected an anchor '&x' before this alias"),
            ("Resources: {<<: 3}", "f:1: expected a mapping, or a list of mappings, after '<<'"),
            ("Resources:\n  ? [a]\n  : 1", "f:2: expected a name as the key, found a sequence"),
            (
                "Resources:\n  A: !!binary abc",
                "f:2: expected a CloudFormation function such as !Ref, found the tag '!!binary'",
            ),
            ("Resources: {A: !<tag:x,2000:y> 1}", "found the tag 'tag:x,2000:y'"),
            ("Resources: " + "[" * 5000, "f:1: nested more than 100 levels deep"),
            ('{"Resources": ' + "[" * 150 + "]" * 150 + "}", "f: nested more than 100 levels deep"),
            ('{"Resources": ' + "[" * 200_000 + "]" * 200_000 + "}", "f: nested more than 100 levels deep"),
        ],
    )
    def test_one_clear_line(self, text: str, said: str) -> None:
        with pytest.raises(TemplateError) as raised:
            loads(text, "f")
        assert said in str(raised.value)
        assert str(raised.value).startswith("f:")

    def test_a_billion_laughs(self) -> None:
        lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
        lines += [
            f"{n}: &{n} [{', '.join([f'*{before}'] * 10)}]" for before, n in zip("abcdefgh", "bcdefghi", strict=True)
        ]
        with pytest.raises(TemplateError, match="aliases stand for more than 100,000 values"):
            loads("\n".join(lines), "f")

    def test_aliases_that_nest(self) -> None:
        lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]
        with pytest.raises(TemplateError, match="nest too deep"):
            loads("\n".join(lines), "f")

    def test_files(self, tmp_path: Path) -> None:
        with pytest.raises(TemplateError, match=r"none\.yaml: cannot be read: No such file"):
            load(tmp_path / "none.yaml")
        with pytest.raises(TemplateError, match="cannot be read: Is a directory"):
            load(tmp_path)
        (tmp_path / "latin.yaml").write_bytes(b"a: \xe9")
        with pytest.raises(TemplateError, match="expected UTF-8 text, byte 4"):
            load(tmp_path / "latin.yaml")
        (tmp_path / "a.json").write_text("Resources: {}")
        with pytest.raises(TemplateError, match=r"a\.json:1: expected JSON: "):
            load(tmp_path / "a.json")

    def test_a_byte_order_mark_is_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_bytes('\ufeff{"Resources": {}}'.encode())
        assert dump(load(path), []) == '\ufeff{"Resources": {}}'


class TestWritingYaml:
    def test_nothing(self) -> None:
        assert dump(loads(YAML), []) == YAML

    def test_a_fix_of_each_kind(self) -> None:
        result = changed(
            YAML,
            Edit("set", (*PROPERTIES, "VersioningConfiguration", "Status"), "Enabled"),
            Edit("append", (*PROPERTIES, "Tags"), {"Key": "Project", "Value": {"Ref": "Stage"}}),
            Edit("set", (*BUCKET, "DeletionPolicy"), "Retain"),
            Edit("append", ("Resources", "Policy", "DependsOn"), "Queue"),
            Edit("set", ("Resources", "Queue", "Properties", "SqsManagedSseEnabled"), True),
            Edit("set", ("Resources", "Key"), {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}}),
            Edit("set", ("Outputs", "Arn"), {"Value": {"Fn::GetAtt": ["Bucket", "Arn"]}}),
        )
        assert result == [
            "+      - Key: Project",
            "+        Value: !Ref Stage",
            "+      VersioningConfiguration:",
            "+        Status: Enabled",
            "+    DeletionPolicy: Retain",
            "-    DependsOn: Bucket",
            "+    DependsOn:",
            "+    - Bucket",
            "+    - Queue",
            "+    Properties:",
            "+      SqsManagedSseEnabled: true",
            "+",
            "+  Key:",
            "+    Type: AWS::KMS::Key",
            "+    Properties:",
            "+      EnableKeyRotation: true",
            "+",
            "+Outputs:",
            "+  Arn:",
            "+    Value: !GetAtt Bucket.Arn",
        ]

    def test_flow_style_stays_flow_style(self) -> None:
        statement = ("Resources", "Policy", "Properties", "PolicyDocument", "Statement")
        assert changed(YAML, Edit("append", statement, {"Effect": "Deny", "Action": ["s3:*", "s 3"]})) == [
            '-        Statement: [{Effect: Allow, Action: "s3:*", Resource: !GetAtt Bucket.Arn, Principal: "*"}]',
            (
                '+        Statement: [{Effect: Allow, Action: "s3:*", Resource: !GetAtt Bucket.Arn, Principal: "*"},'
                " {Effect: Deny, Action: [s3:*, s 3]}]"
            ),
        ]
        assert changed(YAML, Edit("set", (*PROPERTIES, "Tags", 0, "Value"), "x")) == [
            "-      - {Key: Owner,   Value: shop}",
            "+      - {Key: Owner,   Value: x}",
        ]

    def test_a_comment_behind_a_value_stays(self) -> None:
        assert changed(YAML, Edit("set", (*PROPERTIES, "BucketName"), "b")) == [
            '-      BucketName: !Sub "${AWS::StackName}-orders"   # fixed by the import job',
            "+      BucketName: b   # fixed by the import job",
        ]
        text = "Resources:\n  A: {}   # empty\n  B:   # null\n  C: 1   # one\n"
        for name in "ABC":
            result = written(text, Edit("set", ("Resources", name), {"Type": "T"}))
            assert f"  {name}:   #" in result
            assert "\n    Type: T\n" in result

    def test_removing(self) -> None:
        assert changed(YAML, Edit("remove", (*PROPERTIES, "Tags", 0))) == ["-      - {Key: Owner,   Value: shop}"]
        assert changed(YAML, Edit("remove", (*PROPERTIES, "Tags", 1, "Key"))) == [
            "-      - Key: Note",
            "-        Value: >-",
            "+      - Value: >-",
        ]
        assert changed(YAML, Edit("remove", (*BUCKET, "Type"))) == ["-    Type: AWS::S3::Bucket"]
        assert changed(YAML, Edit("remove", ("Parameters", "Stage", "Default"))) == [
            "-  Stage: {Type: String, Default: dev}   # dev or prod",
            "+  Stage: {Type: String}   # dev or prod",
        ]
        assert changed(YAML, Edit("remove", ("Parameters", "Stage"))) == [
            "-Parameters:",
            "-  Stage: {Type: String, Default: dev}   # dev or prod",
            "+Parameters: {}   # dev or prod",
        ]

    def test_removing_and_appending_moves_nothing(self) -> None:
        tags = (*PROPERTIES, "Tags")
        assert changed(YAML, Edit("remove", (*tags, 0)), Edit("append", tags, {"Key": "a"})) == [
            "-      - {Key: Owner,   Value: shop}",
            "+      - Key: a",
        ]

    @pytest.mark.parametrize(
        "value",
        [
            *(
                "",
                " lead",
                "trail ",
                "a: b",
                "a #b",
                "- a",
                "*",
                "&a",
                "!Ref A",
                "{a}",
                "[a",
                "%",
                "@a",
                "`",
                "'",
                '"',
                "?",
            ),
            *(
                "yes",
                "No",
                "y",
                "null",
                "~",
                "0123",
                "12",
                "1.5",
                "1e3",
                "0x1f",
                "12:30",
                "2012-10-17",
                ".5",
                "<<",
                "=",
            ),
            *(
                "é😀",
                "a\tb",
                "a\\b",
                "a\nb",
                "a\n",
                "\n",
                "\n\n a\n",
                "a\n\n",
                "a\n  b\n c",
                "tab\t\nx",
                "\x7f",
                "\ud7ff",
                "a\r\nb",
            ),
            *(True, False, None, 0, -1, 1.5, {}, [], {"a": None}, [None, [], {}], [["a", ["b"]], {"k": [1]}]),
            *({"Fn::Sub": "${A}"}, {"Fn::GetAtt": ["A.B", "C"]}, {"Fn::GetAtt": ["A", {"Ref": "B"}]}, {"Ref": "a b"}),
            *({"Fn::Join": ["", [{"Ref": "A"}, "x"]]}, {"Ref": "AWS::NoValue"}, {"yes": 1, "1": 2, "a b": 3, "": 4}),
        ],
    )
    @pytest.mark.parametrize(
        "base", ["Resources:\n  A:\n    x: 1\n", "Resources: {A: {x: 1}}", '{"Resources": {"A": {"x": 1}}}']
    )
    def test_every_value_reads_back(self, base: str, value: Any) -> None:
        for path in (("x",), ("y",), ("l", "m")):
            written(base, Edit("set", ("Resources", "A", *path), value))
        written(base, Edit("append", ("Resources", "A", "l"), value), Edit("append", ("Resources", "A", "l"), value))

    def test_text_of_several_lines_is_a_literal_block(self) -> None:
        result = changed(
            "Resources:\n  A:\n    Type: T\n", Edit("set", ("Resources", "A", "Code"), "def f():\n\n    pass\n")
        )
        assert result == ["+    Code: |", "+      def f():", "+", "+          pass"]

    def test_but_not_above_a_comment_that_it_would_swallow(self) -> None:
        text = "Resources:\n  A:\n    Type: T\n        # set in far\n"
        assert changed(text, Edit("set", ("Resources", "A", "Code"), "a\nb\n")) == ['+    Code: "a\\nb\\n"']

    def test_functions_in_the_document_s_own_form(self) -> None:
        text = "Resources:\n  A:\n    Type: T\n    P:\n      Fn::Sub: x\n"
        assert changed(text, Edit("set", ("Resources", "A", "Q"), {"Ref": "B"})) == ["+    Q:", "+      Ref: B"]

    def test_the_document_s_own_indentation(self) -> None:
        text = "Resources:\n    A:\n        Type: T\n        L:\n            - a\n"
        changes = (
            Edit("append", ("Resources", "A", "L"), {"k": ["v"], "w": 1}),
            Edit("set", ("Resources", "A", "M"), {"o": [1]}),
        )
        assert changed(text, *changes) == [
            "+            - k:",
            "+                  - v",
            "+              w: 1",
            "+        M:",
            "+            o:",
            "+                - 1",
        ]

    def test_line_ends_of_both_kinds(self) -> None:
        text = "Resources:\r\n  A:\n    Type: T\n  B:\r\n    Type: T\r\n"
        changes = [Edit("set", ("Resources", id_, "DeletionPolicy"), "Retain") for id_ in ("A", "B")]
        assert written(text, *changes) == (
            "Resources:\r\n  A:\n    Type: T\n    DeletionPolicy: Retain\n"
            "  B:\r\n    Type: T\r\n    DeletionPolicy: Retain\r\n"
        )

    def test_windows_line_ends(self) -> None:
        result = written(YAML.replace("\n", "\r\n"), Edit("set", (*BUCKET, "DeletionPolicy"), "Retain"))
        assert result.count("\n") == result.count("\r\n") == YAML.count("\n") + 1

    @pytest.mark.parametrize(
        "tail", ["    Type: T", "    Code: |\n      x", "    Code: |+\n      x\n\n", "    Null:", "    Q: 'x\n      y'"]
    )
    def test_at_the_end_of_the_file(self, tail: str) -> None:
        text = f"Resources:\n  A:\n{tail}"
        assert written(text, Edit("set", ("Resources", "A", "B"), 1)).startswith("Resources:\n  A:\n")
        written(text, Edit("set", ("Outputs", "X"), {"Value": 1}))

    def test_odd_layouts(self) -> None:
        text = """\
            Resources:
              A:
                ? Type
                : T
                L:   # list
                - - a
                  - b
                - # - a comment
                  k: v
                  m: [1,
                      2]
                -
                "q" : 1
            """
        path = ("Resources", "A", "L")
        result = written(
            textwrap.dedent(text),
            Edit("append", path, {"a": 1}),
            Edit("append", (*path, 0), {"a": [1, {"b": 2}]}),
            Edit("remove", (*path, 1, "k")),
            Edit("append", (*path, 1, "m"), 3),
            Edit("set", (*path, 2), {"z": "y"}),
            Edit("set", ("Resources", "A", "q"), [1]),
            Edit("set", ("Resources", "A", "Type"), "U"),
        )
        assert result == textwrap.dedent("""\
            Resources:
              A:
                ? Type
                : U
                L:   # list
                - - a
                  - b
                  - a:
                    - 1
                    - b: 2
                - # - a comment
                  m: [1,
                      2,
                      3]
                - z: "y"
                - a: 1
                "q" :
                - 1
            """)

    ALIASES = """\
        Resources:
          A: &a
            Type: T
            Properties: &p
              X: 1
              L: [1,  2]
          B: *a
          C:
            Type: T
            Properties:
              <<: *p
              Z: 2
        """

    def test_aliases_stay_where_they_can(self) -> None:
        assert changed(self.ALIASES, Edit("set", ("Resources", "C", "Properties", "Z"), 3)) == [
            "-      Z: 2",
            "+      Z: 3",
        ]
        assert changed(self.ALIASES, Edit("set", ("Resources", "C", "Properties", "X"), 3)) == ["+      X: 3"]

    def test_an_alias_whose_copy_changes_is_written_out(self) -> None:
        assert changed(self.ALIASES, Edit("set", ("Resources", "B", "Properties", "X"), 3)) == [
            "-  B: *a",
            "+  B:",
            "+    Type: T",
            "+    Properties:",
            "+      X: 3",
            "+      L:",
            "+        - 1",
            "+        - 2",
        ]

    @pytest.mark.parametrize(
        "change",
        [
            Edit("set", ("Resources", "A", "Properties", "X"), 3),
            Edit("remove", ("Resources", "C", "Properties", "X")),
            Edit("remove", ("Resources", "A")),
            Edit("remove", ("Resources", "A", "Properties")),
        ],
    )
    def test_what_an_anchor_s_copies_would_show_is_written_out(self, change: Edit) -> None:
        assert "Resources:" in written(textwrap.dedent(self.ALIASES), change)

    def test_an_edit_that_cannot_be_applied(self) -> None:
        with pytest.raises(EditError, match="cannot set"):
            dump(loads(YAML), [Edit("set", (*PROPERTIES, "BucketName", "x"), 1)])


class TestWritingJson:
    def test_order_indent_and_inline_parts_stay(self) -> None:
        text = """\
            {
             "Resources": {
              "A": {"Type": "T"},
              "B": {
               "Tags": [ {"Key":"a"} ],
               "Properties": {}
              }
             }
            }
            """
        result = written(
            textwrap.dedent(text),
            Edit("set", ("Resources", "A", "X"), {"Ref": "B"}),
            Edit("append", ("Resources", "B", "Tags"), {"Key": "b"}),
            Edit("set", ("Resources", "B", "Properties", "E"), ["é"]),
            Edit("set", ("Resources", "C"), {"Type": "T"}),
        )
        assert result == textwrap.dedent("""\
            {
             "Resources": {
              "A": {"Type": "T", "X": {"Ref": "B"}},
              "B": {
               "Tags": [ {"Key":"a"}, {"Key": "b"} ],
               "Properties": {
                "E": [
                 "\\u00e9"
                ]
               }
              },
              "C": {
               "Type": "T"
              }
             }
            }
            """)

    def test_tabs_and_spaced_colons(self) -> None:
        text = '{\n\t"Resources" : {\n\t\t"A" : 1\n\t}\n}'
        result = changed(text, Edit("set", ("Resources", "B"), {"x": 1}), fmt="json")
        assert result == ['-\t\t"A" : 1', '+\t\t"A" : 1,', '+\t\t"B" : {', '+\t\t\t"x" : 1', "+\t\t}"]

    @pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
    @pytest.mark.parametrize("indent", [None, 1, 2, 4])
    def test_what_json_wrote_stays_as_json_would_write_it(
        self, separators: tuple[str, str], indent: int | None
    ) -> None:
        def text(data: Any) -> str:
            return json.dumps(
                data, indent=indent, separators=(separators[0].strip() if indent else separators[0], separators[1])
            )

        data = loads(YAML).data
        source = loads(text(data), fmt="json")
        changes = [
            Edit("set", ("Resources", "Queue", "Properties"), {"Tags": [{"Key": "a"}]}),
            Edit("remove", (*PROPERTIES, "Tags", 0)),
            Edit("remove", (*BUCKET, "Type")),
            Edit("append", (*PROPERTIES, "Tags"), {"Key": "b"}),
            Edit("set", ("Outputs", "A"), {"Value": [1, {"x": []}]}),
        ]
        for change in changes:
            edits.apply(data, change)
        assert dump(source, changes) == text(data)

    def test_removing_all_that_is_there(self) -> None:
        text = '{\n  "Resources": {\n    "A": [\n      1,\n      2\n    ]\n  }\n}'
        path = ("Resources", "A")
        assert json.loads(written(text, Edit("remove", (*path, 0)), Edit("remove", (*path, 0)))) == {
            "Resources": {"A": []}
        }
        assert json.loads(written(text, Edit("remove", path))) == {"Resources": {}}


VALUES = (
    "Enabled",
    True,
    5,
    {"Ref": "X"},
    {"a": "x", "l": [1, {"b": "c"}]},
    ["a", {"Fn::Sub": "${A}"}],
    "b\nc\n",
    {},
    [],
    None,
)


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every path that an edit may have."""
    yield path, data
    if isinstance(data, dict) and not is_intrinsic(data):
        for key, value in data.items():
            yield from places(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from places(value, (*path, index))


def some_edits(source: Source, chance: random.Random) -> list[Edit]:
    data, made = source.plain(), []
    for _ in range(chance.randint(1, 6)):
        path, value = chance.choice([item for item in places(data) if len(item[0]) > 1])
        kind = chance.choice(["set", "append", "remove", "new"])
        if kind == "new":
            path = (*path, f"New{chance.randint(0, 3)}") if isinstance(value, dict) else path
        change = Edit("set" if kind == "new" else kind, path, None if kind == "remove" else chance.choice(VALUES))  # type: ignore[arg-type]
        try:
            edits.apply(data, change)
        except EditError:
            continue
        made.append(change)
    return made


@pytest.mark.parametrize("seed", range(60))
def test_any_edits_read_back_and_leave_other_resources_alone(seed: int) -> None:
    chance = random.Random(seed)
    data = loads(YAML).data
    for text in (YAML, json.dumps(data), json.dumps(data, indent=1), textwrap.dedent(TestWritingYaml.ALIASES)):
        changes = some_edits(loads(text), chance)
        result = written(text, *changes)
        touched = {change.path[:2] for change in changes}
        if text == YAML and ("Resources", "Policy") not in touched:
            assert YAML[YAML.index("  Policy:") : YAML.index("\n  Queue:") - 1] in result


def test_the_lines_of_json_need_no_tree_of_places() -> None:
    source = loads(json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}, indent=1))
    assert source.template().origin("Bucket").source == "template:3"
    assert "root" not in vars(source)


def test_a_key_is_not_searched_for_among_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = itertools.count()
    monkeypatch.setattr(Node, "is_merge", property(lambda node: next(asked) < 0 or node.text == "<<"))
    source = loads("Resources:\n" + "".join(f"  Bucket{n}: {{Type: 'AWS::S3::Bucket'}}\n" for n in range(200)))
    before = next(asked)
    assert [source.line(("Resources", f"Bucket{n}")) for n in range(200)] == list(range(2, 202))
    assert next(asked) - before - 1 == 201
