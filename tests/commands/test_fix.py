"""`cdk-guardrails fix`: what it shows and writes, what it refuses, and that a failure leaves every file as it was."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import cli
from cdk_guardrails.rules.s3.versioning import Versioning

YAML = """\
# Orders of the shop
Resources:
  Bucket:
    Type: 'AWS::S3::Bucket'   # keeps the orders
    Properties: {BucketName: !Sub "${AWS::StackName}-orders"}

  Handle:
    Type:   AWS::CloudFormation::WaitConditionHandle
"""
FIXED_LINE = (
    '    Properties: {BucketName: !Sub "${AWS::StackName}-orders", VersioningConfiguration: {Status: Enabled}}\n'
)
FIXED = YAML.replace('    Properties: {BucketName: !Sub "${AWS::StackName}-orders"}\n', FIXED_LINE)
DIFF = f"""\
--- a/orders.yaml
+++ b/orders.yaml
@@ -2,7 +2,7 @@
 Resources:
   Bucket:
     Type: 'AWS::S3::Bucket'   # keeps the orders
-    Properties: {{BucketName: !Sub "${{AWS::StackName}}-orders"}}
+{FIXED_LINE}{" "}
   Handle:
     Type:   AWS::CloudFormation::WaitConditionHandle
"""
JSON = '{\n\t"Resources": {\n\t\t"Bucket": {"Type": "AWS::S3::Bucket"}\n\t}\n}'
DONE = "fixes: s3-versioning\ntemplates 1, changed 1, fixes 1; left: errors 0, warnings 0, suppressed 0\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.yaml").write_text(YAML)


def fix(*arguments: str, rules: str = "s3-versioning") -> int:
    return cli.main(["fix", *arguments, "-e", "prod", "--select", rules])


def said(capsys: Captured) -> str:
    """What stderr says, without the program's name."""
    return capsys.readouterr().err.replace("cdk-guardrails: ", "")


def from_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def drafts() -> list[str]:
    return [str(path) for path in Path().rglob("*.tmp")]


class TestDiff:
    @pytest.mark.parametrize("options", [[], ["--diff"]])
    def test_it_is_the_default_and_changes_nothing(self, capsys: Captured, options: list[str]) -> None:
        assert fix("orders.yaml", *options) == 1
        out, err = capsys.readouterr()
        assert out == DIFF
        assert err.replace("cdk-guardrails: ", "") == DONE
        assert Path("orders.yaml").read_text() == YAML

    def test_nothing_to_change(self, capsys: Captured) -> None:
        Path("orders.yaml").write_text(FIXED)
        assert fix("orders.yaml") == 0
        out, err = capsys.readouterr()
        assert out == ""
        assert err == "cdk-guardrails: templates 1, changed 0, fixes 0; left: errors 0, warnings 0, suppressed 0\n"

    @pytest.mark.parametrize(
        "text", [JSON, JSON.replace("\n", "\r\n"), f"\ufeff{YAML}", "Resources: {B: {Type: AWS::S3::Bucket}}"]
    )
    def test_git_makes_of_it_what_write_writes(self, capsys: Captured, text: str) -> None:
        for folder in ("a", "b"):
            Path(folder).mkdir()
            Path(folder, "t.yaml").write_bytes(text.encode())
        assert fix("a/t.yaml") == 1
        shown = capsys.readouterr().out
        subprocess.run(["git", "apply", "-"], input=shown.encode(), check=True)
        assert fix("b/t.yaml", "--write") == 0
        assert Path("a/t.yaml").read_bytes() == Path("b/t.yaml").read_bytes() != text.encode()

    def test_lines_end_at_line_ends_only(self, capsys: Captured) -> None:
        """Not at a line separator, as Python's own lines do, too."""
        Path("orders.yaml").write_text(YAML.replace("# Orders of the shop", "# Orders\u2028"), encoding="utf-8")
        assert fix("orders.yaml") == 1
        assert "\n@@ -2,7 +2,7 @@\n" in capsys.readouterr().out

    def test_a_terminal_gets_no_control_characters(self, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("NO_COLOR", "1")
        text = JSON.replace("{\n", '{"Description": "\x9b2J\u202e",\n', 1).replace("\n", "\r\n")
        Path("a.json").write_bytes(text.encode())
        assert fix("a.json") == 1
        out = capsys.readouterr().out
        assert r'{"Description": "\x9b2J\u202e",' in out
        assert all(char.isprintable() or char in "\n\t" for char in out)

    def test_a_terminal_gets_colours(self, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm")
        assert fix("orders.yaml") == 1
        assert f"\x1b[32m+{FIXED_LINE[:-1]}\x1b[0m\n" in capsys.readouterr().out

    def test_a_name_cannot_forge_a_line(self, capsys: Captured) -> None:
        name = "a\n+++ b\x1b[2J.yaml"
        Path(name).write_text(YAML)
        assert fix(name) == 1
        assert capsys.readouterr().out.splitlines()[:2] == [
            r"--- a/a\n+++ b\x1b[2J.yaml",
            r"+++ b/a\n+++ b\x1b[2J.yaml",
        ]


def test_nothing_heavy_is_imported() -> None:
    heavy = {"aws_cdk", "constructs", "cdk_nag", "jsii", "rich", "tree_sitter"}
    code = (
        "import sys; from cdk_guardrails import cli; cli.main(['fix', 'orders.yaml', '--write']);"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    path = str(Path(cli.__file__).parents[1])
    run = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, check=True)
    assert run.stdout == b"[]\n"
    assert Path("orders.yaml").read_text() != YAML


class TestWrite:
    def test_in_place(self, capsys: Captured) -> None:
        assert fix("orders.yaml", "--write") == 0
        assert Path("orders.yaml").read_text() == FIXED
        out, err = capsys.readouterr()
        assert (out, err.replace("cdk-guardrails: ", "")) == ("", DONE)
        assert fix("orders.yaml", "--write") == 0
        assert Path("orders.yaml").read_text() == FIXED

    def test_what_needs_no_change_is_not_touched(self) -> None:
        os.utime("orders.yaml", (1, 1))
        Path("other.json").write_text(JSON)
        assert fix(".", "--write", rules="s3-versioning") == 0
        before = os.stat("orders.yaml").st_mtime_ns
        assert fix(".", "--write", rules="s3-versioning") == 0
        assert os.stat("orders.yaml").st_mtime_ns == before

    def test_what_is_left_does_not_fail_unless_asked(self, capsys: Captured) -> None:
        rules = "s3-versioning,s3-access-logs"
        assert fix("orders.yaml", "--write", rules=rules) == 0
        assert said(capsys).splitlines()[1:] == [
            "errors left, fixed by --unsafe: s3-access-logs",
            "templates 1, changed 1, fixes 1; left: errors 1, warnings 0, suppressed 0",
        ]
        assert fix("orders.yaml", "--write", "--fail-on", "error", rules=rules) == 1
        capsys.readouterr()
        assert fix("orders.yaml", "--write", "--fail-on", "error", "--unsafe", rules=rules) == 0
        assert "--unsafe" not in said(capsys)
        assert "LoggingConfiguration" in Path("orders.yaml").read_text()

    def test_permissions_stay(self) -> None:
        os.chmod("orders.yaml", 0o600)
        assert fix("orders.yaml", "--write") == 0
        assert stat.S_IMODE(os.stat("orders.yaml").st_mode) == 0o600

    def test_a_link_stays_a_link(self) -> None:
        Path("real").mkdir()
        Path("orders.yaml").rename("real/orders.yaml")
        Path("orders.yaml").symlink_to("real/orders.yaml")
        assert fix("orders.yaml", "real", "--write") == 0
        assert Path("orders.yaml").is_symlink()
        assert Path("real/orders.yaml").read_text() == FIXED

    def test_suppressions_hold_fixes_back(self, capsys: Captured) -> None:
        entry = '{id: s3-versioning, reason: "can be made again"}'
        metadata = f"    Metadata: {{cdk-guardrails: {{suppress: [{entry}]}}}}\n    Properties"
        text = YAML.replace("    Properties", metadata)
        Path("orders.yaml").write_text(text)
        assert fix("orders.yaml", "--write") == 0
        assert Path("orders.yaml").read_text() == text
        assert said(capsys).endswith("suppressed 1\n")
        assert fix("orders.yaml", "--write", "--no-suppressions") == 0
        assert "Enabled" in Path("orders.yaml").read_text()


class TestWhatIsRefused:
    def broken(self, capsys: Captured, *arguments: str) -> str:
        """What is said when nothing may be written: neither this file nor one that could be."""
        Path("first.yaml").write_text(YAML)
        before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
        assert fix("first.yaml", *arguments) == 2
        assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
        message = said(capsys)
        assert message.startswith("error: ")
        assert message.count("\n") == 1
        return message.removeprefix("error: ").removesuffix("\n")

    def test_read_only(self, capsys: Captured) -> None:
        os.chmod("orders.yaml", 0o444)
        assert self.broken(capsys, "orders.yaml", "--write") == (
            "orders.yaml: it is read-only, so nothing was written; use -o to write it elsewhere"
        )

    def test_two_documents(self, capsys: Captured) -> None:
        Path("two.yaml").write_text(f"{YAML}---\n{YAML}")
        assert self.broken(capsys, "two.yaml", "--write") == (
            "two.yaml:9: expected one document, a second one begins here"
        )

    def test_no_utf_8(self, capsys: Captured) -> None:
        Path("latin.yaml").write_bytes(YAML.replace("shop", "Café").encode("latin-1"))
        assert self.broken(capsys, "latin.yaml", "--write") == (
            "latin.yaml: expected UTF-8 text, byte 20 is something else"
        )

    def test_truncated_json(self, capsys: Captured) -> None:
        Path("cut.json").write_text(JSON[:-4])
        assert self.broken(capsys, "cut.json", "--write").startswith("cut.json:4: expected JSON: ")

    def test_a_full_disk(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pathlib.Path.write_bytes", full)
        assert fix("orders.yaml", "--write") == 2
        assert said(capsys) == "error: orders.yaml: cannot be written: No space left on device; nothing was changed\n"
        assert Path("orders.yaml").read_text() == YAML
        assert drafts() == []

    def test_the_second_file_does_not_fit(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("second.yaml").write_text(YAML)
        write_bytes, written = Path.write_bytes, []

        def full(path: Path, data: Any) -> int:
            written.append(path)
            if len(written) == 2:
                raise OSError(28, "No space left on device")
            return write_bytes(path, data)

        monkeypatch.setattr("pathlib.Path.write_bytes", full)
        assert fix("orders.yaml", "second.yaml", "--write") == 2
        assert len(written) == 2
        assert Path("orders.yaml").read_text() == Path("second.yaml").read_text() == YAML
        assert drafts() == []

    def test_one_that_was_changed_meanwhile(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        check = Versioning.check

        def slow(*arguments: Any) -> Any:
            Path("orders.yaml").write_text("mine\n")
            return check(*arguments)

        monkeypatch.setattr(Versioning, "check", slow)
        assert fix("orders.yaml", "--write") == 2
        assert said(capsys) == "error: orders.yaml: it was changed meanwhile, so nothing was written; try again\n"
        assert Path("orders.yaml").read_text() == "mine\n"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--diff", "--write"], "--diff and --write exclude each other: say one of them"),
            (["--write", "-o", "out"], "--write and --output exclude each other: say one of them"),
            (["-o", "."], "orders.yaml: it would be overwritten: say --write for that, or another folder"),
            (["missing.yaml"], "missing.yaml: cannot be read: No such file or directory"),
            (["-"], "with '-' the template comes from stdin and goes to stdout: no path, --write or --output"),
        ],
    )
    def test_usage(self, capsys: Captured, options: list[str], message: str) -> None:
        assert fix("orders.yaml", *options) == 2
        assert said(capsys) == f"error: {message}\n"
        assert Path("orders.yaml").read_text() == YAML

    def test_an_unknown_rule(self, capsys: Captured) -> None:
        assert fix("orders.yaml", rules="s3-versionin") == 2
        assert said(capsys) == "error: --select: there is no rule 's3-versionin'. Did you mean 's3-versioning'?\n"


class TestRulesThatGoWrong:
    def test_a_crash(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object) -> Any:
            raise ValueError("oops")

        monkeypatch.setattr(Versioning, "check", crash)
        assert fix("orders.yaml", "--write", rules="s3-versioning,s3-public-access") == 3
        assert "PublicAccessBlockConfiguration" in Path("orders.yaml").read_text(), "what could be fixed is"
        assert "ValueError: oops" in said(capsys)

    def test_fixes_without_end(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cdk_guardrails.engine.MAX_PASSES", 1)
        assert fix("orders.yaml", "--write", rules="s3-tls-only") == 2
        assert said(capsys) == ("error: the fixes go on for ever, one undoes what another does: nothing was changed\n")
        assert Path("orders.yaml").read_text() == YAML


class TestAFolderForTheResult:
    def test_paths_are_kept(self) -> None:
        for path in ("in/a/orders.yaml", "in/b/clean.json"):
            Path(path).parent.mkdir(parents=True)
        Path("in/a/orders.yaml").write_text(YAML)
        clean = '{"Resources": {"A": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'
        Path("in/b/clean.json").write_text(clean)
        assert fix("in", "-o", "out") == 0
        assert Path("out/a/orders.yaml").read_text() == FIXED
        assert Path("out/b/clean.json").read_text() == clean
        assert Path("in/a/orders.yaml").read_text() == YAML

    def test_one_file(self) -> None:
        os.chmod("orders.yaml", 0o444)
        assert fix("orders.yaml", "-o", "deep/out") == 0
        assert Path("deep/out/orders.yaml").read_text() == FIXED

    def test_no_folder(self, capsys: Captured) -> None:
        Path("out").write_text("a file")
        assert fix("orders.yaml", "-o", "out") == 2
        assert said(capsys).startswith("error: out/orders.yaml: cannot be written: ")


class TestStdin:
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_a_filter(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any, newline: str) -> None:
        from_stdin(monkeypatch, YAML.replace("shop", "Café").replace("\n", newline).encode())
        assert fix("-") == 0
        assert capfdbinary.readouterr().out == FIXED.replace("shop", "Café").replace("\n", newline).encode()

    def test_what_is_clean_comes_out_as_it_went_in(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
        from_stdin(monkeypatch, FIXED.encode())
        assert fix("-") == 0
        assert capfdbinary.readouterr().out == FIXED.encode()

    def test_a_difference(self, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
        from_stdin(monkeypatch, YAML.encode())
        assert fix("-", "--diff") == 1
        assert capsys.readouterr().out == DIFF.replace("orders.yaml", "-")

    def test_no_template(self, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
        from_stdin(monkeypatch, b"")
        assert fix("-") == 2
        out, err = capsys.readouterr()
        assert (out, err) == ("", "cdk-guardrails: error: -: expected a CloudFormation template, the text is empty\n")


class TestACloudAssembly:
    TEMPLATE = '{\n "Resources": {\n  "Bucket": {\n   "Type": "AWS::S3::Bucket"@\n  }\n }\n}'
    MANIFEST = (
        '{"version": "50.0.0", "artifacts": {"Shop": {"type": "aws:cloudformation:stack", "displayName": "Shop",'
        ' "properties": {"templateFile": "Shop.template.json"}, "metadata": {"/Shop/Bucket/Resource":'
        ' [{"type": "aws:cdk:logicalId", "data": "Bucket"}@]}}}}'
    )

    @pytest.fixture(autouse=True)
    def _assembly(self) -> None:
        Path("cdk.out").mkdir()
        Path("cdk.out/cdk.out").write_text('{"version": "50.0.0"}')
        Path("cdk.out/manifest.json").write_text(self.MANIFEST.replace("@", ""))
        Path("cdk.out/Shop.template.json").write_text(self.TEMPLATE.replace("@", ""))

    def test_it_is_shown(self, capsys: Captured) -> None:
        assert fix("cdk.out") == 1
        out = capsys.readouterr().out
        assert out.startswith("--- a/cdk.out/Shop.template.json\n")
        assert '+    "VersioningConfiguration": {\n' in out

    def test_it_is_not_written(self, capsys: Captured) -> None:
        assert fix("orders.yaml", "cdk.out", "--write") == 2
        assert said(capsys) == (
            "error: cdk.out: a cloud assembly is made again by the next synth, which would undo what is written here:"
            " add Guardrails to the app, or use -o to write fixed templates elsewhere\n"
        )
        assert Path("cdk.out/Shop.template.json").read_text() == self.TEMPLATE.replace("@", "")
        assert Path("orders.yaml").read_text() == YAML

    def test_elsewhere(self) -> None:
        assert fix("cdk.out", "-o", "out") == 0
        assert '"Status": "Enabled"' in Path("out/Shop.template.json").read_text()

    def test_what_its_constructs_suppress_is_held_back(self, capsys: Captured) -> None:
        path = ',\n   "Metadata": {"aws:cdk:path": "Shop/Bucket/Resource"}'
        Path("cdk.out/Shop.template.json").write_text(self.TEMPLATE.replace("@", path))
        entry = ', {"type": "cdk-guardrails:suppress", "data": {"id": "s3-versioning", "reason": "short-lived"}}'
        Path("cdk.out/manifest.json").write_text(self.MANIFEST.replace("@", entry))
        assert fix("cdk.out") == 0
        assert said(capsys).endswith("suppressed 1\n")
