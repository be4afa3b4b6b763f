"""``synth``: an app runs with Guardrails attached and its source as it was; what may stand in the way is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.cli import main

BUCKET = """
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

class Shop(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        s3.Bucket(self, "Files")
"""
PLAIN = f"""{BUCKET}
app = cdk.App()
Shop(app, "Shop")
print("printed by the app")
app.synth()
"""
AWKWARD = f"""{BUCKET}
class MyApp(cdk.App):
    def __init__(self):
        super().__init__(outdir="cdk.out")

    def synth(self):
        return super().synth()

first = MyApp()
Shop(first, "First")
assert first.synth() is not None
assert first.synth().get_stack_by_name("First").template["Resources"]
second = cdk.App()
Shop(second, "Second")  # synthesized at the end of the process
cdk.App()  # nothing in it
Shop(cdk.App(auto_synth=False), "Never")
"""
GUARDED = f"""{BUCKET}
from cdk_guardrails import Tagging

for name in ("One", "Two"):
    app = cdk.App()
    Shop(app, name)
    cdk.Aspects.of(app).add(Tagging(environment="dev", tags={{"Owner": "shop"}}, quiet=True))
    app.synth()
"""
PROD = ("--environment", "prod", "--tags", "Owner=o", "--tags", "Project=a=b", "--tags", "Department=d")


def _tags(value: Any) -> list[Any]:
    """What was set, as far as it may be tags."""
    return value if isinstance(value, list) else [value]


class Tried:
    """A folder with an app, and what trying it said."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capfd = folder, capfd
        self.code, self.out, self.err = 0, "", ""

    def write(self, source: str, **fields: Any) -> None:
        (self.folder / "app.py").write_text(source, encoding="utf-8")
        app = {"app": f'"{sys.executable}" app.py', **fields}
        (self.folder / "cdk.json").write_text(json.dumps(app), encoding="utf-8")

    def synth(self, *arguments: str) -> Tried:
        self._capfd.readouterr()
        self.code = main(["synth", *arguments])
        self.out, self.err = self._capfd.readouterr()
        return self

    @property
    def report(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that says why there is no result."""
        [line] = [line for line in self.err.splitlines() if line.startswith("cdk-guardrails: error: ")]
        return line.removeprefix("cdk-guardrails: error: ")


@pytest.fixture
def tried(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, root: Path) -> Tried:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("CDK_VALIDATION", "false")
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    return Tried(tmp_path, capfd)


class TestApps:
    def test_nothing_of_the_app_is_changed(self, tried: Tried) -> None:
        tried.write(PLAIN)
        tried.synth("--format", "json", *PROD)
        assert sorted(file.name for file in tried.folder.iterdir()) == ["app.py", "cdk.json"]
        assert (tried.folder / "app.py").read_text(encoding="utf-8") == PLAIN
        fixes = tried.report["fixes"]
        assert "s3-versioning" in {fix["rule"] for fix in fixes}
        assert {"Key": "Project", "Value": "a=b"} in [tag for fix in fixes for tag in _tags(fix["after"])]
        assert "printed by the app" in tried.err
        counts = tried.report["summary"]
        assert tried.code == (1 if counts["errors"] else 0)
        assert tried.err.splitlines()[-1] == (
            f"cdk-guardrails: fixed {counts['fixed']}, errors {counts['errors']}, warnings {counts['warnings']}, "
            "suppressed 0 - your cdk.out was not touched; -o FOLDER keeps the templates"
        )

    def test_findings_exit_with_1_but_do_not_end_the_app(self, tried: Tried) -> None:
        tried.write(PLAIN + "print('went on')\n")
        tried.synth("--check-only", "--format", "json", "-o", "out")
        assert tried.code == 1
        assert (tried.report["mode"], tried.report["fixes"]) == ("check", [])
        assert "went on" in tried.err
        assert (tried.folder / "out" / "Shop.template.json").is_file()
        assert tried.synth("--check-only", "--fail-on", "never").code == 0

    def test_several_apps_in_any_form(self, tried: Tried) -> None:
        tried.write(AWKWARD)
        tried.synth("--format", "json", "-o", "out", *PROD)
        places = {fix["construct_path"] for fix in tried.report["fixes"]}
        assert {path.partition("/")[0] for path in places if path} == {"First", "Second"}
        assert not (tried.folder / "cdk.out").exists()
        found = (tried.folder / "out").rglob("*.template.json")
        assert {file.relative_to(tried.folder).as_posix() for file in found} == {
            "out/First.template.json",
            "out/app-2/Second.template.json",
        }

    def test_guardrails_of_its_own_stay_alone(self, tried: Tried) -> None:
        tried.write(GUARDED)
        tried.synth("--format", "json", "--environment", "prod")
        said = "the app adds Guardrails itself, so none were added; what was given for environment is not used"
        assert tried.err.count(said) == 1
        assert {fix["rule"].partition("[")[0] for fix in tried.report["fixes"]} == {"required-tags"}
        assert tried.report["environment"] == "dev"

    def test_compare(self, tried: Tried) -> None:
        tried.write(PLAIN)
        tried.synth("--compare", "--fail-on", "never", *PROD)
        assert tried.code == 0
        first, *rest = tried.out.splitlines()
        assert first.startswith("changed AWS::S3::Bucket Shop/Files/Resource (Files")
        assert '    + Properties.VersioningConfiguration: {"Status": "Enabled"}' in rest
        assert rest[-1].startswith("1 resource changed in place, 0 replaced, ")
        assert "\x1b" not in tried.out
        assert "cdk-guardrails: what is found and not fixed is shown without --compare\n" in tried.err
        assert "no environment" not in tried.err

    def test_compare_with_guardrails_of_its_own(self, tried: Tried) -> None:
        """Without, they change nothing."""
        tried.write(GUARDED)
        tried.synth("--compare", "--format", "json", "-o", "out")
        changes = {item["path"] for change in tried.report["resources"] for item in change["changes"]}
        assert changes == {"Properties.Tags"}
        assert tried.report["summary"]["changed"] == 2
        assert sorted(file.name for file in (tried.folder / "out").iterdir()) == ["with", "without"]

    def test_what_differs_by_itself_is_left_out(self, tried: Tried) -> None:
        named = PLAIN.replace('"Files")', '"Files", bucket_name=f"files-{__import__(\'time\').time_ns()}")')
        tried.write(named)
        tried.synth("--compare")
        assert (
            tried.err.count("no environment is given, so the strictest profile (prod) is used: --environment NAME") == 1
        )
        assert "BucketName" not in tried.out
        assert " changed in place, 0 replaced, " in tried.out

    def test_settings_that_are_not_right(self, tried: Tried) -> None:
        tried.write(PLAIN)
        assert tried.synth("--environment", "prd").code == 2
        assert "there is no environment 'prd'" in tried.error
        assert "Did you mean 'prod'?" in tried.error
        assert tried.out == ""

    def test_an_app_that_fails(self, tried: Tried) -> None:
        tried.write(f"{BUCKET}\napp = cdk.App()\nraise ValueError('no such shop')\n")
        assert tried.synth().code == 2
        assert "ValueError: no such shop" in tried.err
        assert "ended with exit code 1; its own words are above." in tried.err

    def test_an_app_that_fails_after_its_synthesis(self, tried: Tried) -> None:
        tried.write(PLAIN + "raise SystemExit(3)\n")
        assert tried.synth("--format", "json").code == 2
        assert tried.report["findings"]
        assert "app.py` ended with exit code 3;" in tried.error

    def test_an_app_with_nothing_in_it(self, tried: Tried) -> None:
        tried.write("import aws_cdk as cdk\napp = cdk.App()\n")
        assert tried.synth().code == 2
        assert "synthesized no App with a stack in it" in tried.error


class TestInTheWay:
    """What ends a trial before it begins. Nothing here starts the CDK."""

    def test_no_cdk_json(self, tried: Tried) -> None:
        assert tried.synth().code == 2
        assert tried.error.startswith(f"there is no cdk.json in {tried.folder}.")

    def test_a_node_app(self, tried: Tried) -> None:
        tried.write("", app="npx ts-node bin/app.ts")
        assert tried.synth().code == 2
        assert "only Python apps can be tried so" in tried.error

    def test_a_program_that_is_not_there(self, tried: Tried) -> None:
        assert tried.synth("--", "no-such-python", "app.py").code == 2
        assert tried.error == "no-such-python: No such file or directory"

    def test_a_full_output_folder(self, tried: Tried) -> None:
        tried.write("raise SystemExit('started')")
        (tried.folder / "cdk.out").mkdir()
        (tried.folder / "cdk.out" / "manifest.json").write_text("{}", encoding="utf-8")
        assert tried.synth("-o", "cdk.out").code == 2
        assert tried.error == "cdk.out: expected a new or an empty folder, so that nothing is overwritten"
        assert "started" not in tried.err

    def test_no_python_that_imports_the_cdk(self, tried: Tried) -> None:
        tried.write("print('hello')")
        assert tried.synth().code == 2
        assert "no Python in it imported aws_cdk" in tried.error

    def test_a_python_that_ignores_us(self, tried: Tried) -> None:
        tried.write("import sys; assert 'sitecustomize' not in str(sys.path)", app=f'"{sys.executable}" -I app.py')
        assert tried.synth().code == 2
        assert "not with `python -I`, `-E` or `-S`" in tried.error

    def test_a_build_that_fails(self, tried: Tried) -> None:
        tried.write("print('started')", build="exit 4")
        assert tried.synth().code == 2
        assert "exit code 4" in tried.error
        assert "started" not in tried.err

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--tags", "Owner"), "'Owner' is not KEY=VALUE"),
            (("--compare", "--check-only"), "nothing is changed"),
            (("--compare", "--format", "sarif"), "--compare has table and json"),
        ],
    )
    def test_options_that_are_not_right(self, tried: Tried, arguments: tuple[str, ...], said: str) -> None:
        tried.write("")
        assert tried.synth(*arguments).code == 2
        assert said in " ".join(tried.err.split())


class TestOtherPythons:
    """The app's Python is not ours."""

    @pytest.fixture
    def other(self, tried: Tried, monkeypatch: pytest.MonkeyPatch) -> str:
        """A Python without cdk_guardrails, which has an aws_cdk."""
        monkeypatch.delenv("PYTHONPATH")
        venv.create(tried.folder / "venv", symlinks=os.name != "nt")
        (tried.folder / "aws_cdk.py").write_text("raise SystemExit('imported')", encoding="utf-8")
        return str(tried.folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    def test_without_cdk_guardrails(self, tried: Tried, other: str) -> None:
        tried.write("import aws_cdk")
        assert tried.synth("--", other, "app.py").code == 2
        assert "which has no cdk-guardrails: install it there, `" in tried.error
        assert "-m pip install cdk-guardrails`" in tried.error
        assert "imported" not in tried.err

    def test_of_uv(self, tried: Tried, other: str) -> None:
        """What the launcher's environment needs is installed its way."""
        tried.write("import aws_cdk")
        launcher = tried.folder / "uv"
        launcher.write_text(f'#!/bin/sh\nshift\nexec "{other}" "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)
        assert tried.synth("--", str(launcher), "run", "app.py").code == 2
        assert "install it there, `uv add --dev cdk-guardrails`" in tried.error

    def test_without_aws_cdk(self, tried: Tried, other: str) -> None:
        tried.write("import aws_cdk")
        (tried.folder / "aws_cdk.py").unlink()
        assert tried.synth("--", other, "app.py").code == 2
        assert "which has no aws_cdk: activate the app's environment first" in tried.error
        assert "No module named 'aws_cdk'" in tried.err

    def test_with_a_release_that_cannot_be_attached(self, tried: Tried, other: str) -> None:
        tried.write("import aws_cdk")
        (tried.folder / "aws_cdk.py").write_text("", encoding="utf-8")
        (tried.folder / "cdk_guardrails.py").write_text("", encoding="utf-8")
        assert tried.synth("--", other, "app.py").code == 2
        assert "cannot be attached" in tried.error
        assert "update it there" in tried.error


class TestStartup:
    """The folder in front of PYTHONPATH."""

    def python(self, folder: Path, root: Path, code: str, *others: Path, trial: str = "") -> str:
        startup = root / "cdk_guardrails" / "attach" / "startup"
        path = os.pathsep.join(map(str, (startup, *others)))
        variables = {**os.environ, "PYTHONPATH": path, "CDK_GUARDRAILS_TRIAL": trial}
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=variables, capture_output=True, text=True, check=True
        )
        assert "Error" not in ran.stderr
        return ran.stdout.strip()

    def test_their_own_sitecustomize_runs_too(self, tmp_path: Path, root: Path) -> None:
        (tmp_path / "theirs").mkdir()
        (tmp_path / "theirs" / "sitecustomize.py").write_text("NAME = 'theirs'", encoding="utf-8")
        code = "import sitecustomize, sys; print(sitecustomize.NAME, [p for p in sys.path if 'startup' in p])"
        for trial in ("", str(tmp_path / "instructions.json")):
            assert self.python(tmp_path, root, code, tmp_path / "theirs", trial=trial) == "theirs []"

    def test_a_process_that_is_no_app_is_left_alone(self, tmp_path: Path, root: Path) -> None:
        code = "import sys, json; print('aws_cdk' in sys.modules, 'cdk_guardrails' in sys.modules)"
        assert self.python(tmp_path, root, code, trial=str(tmp_path / "instructions.json")) == "False False"
        assert list(tmp_path.iterdir()) == []

    def test_asking_for_a_spec_imports_nothing(self, tmp_path: Path, root: Path) -> None:
        (tmp_path / "aws_cdk.py").write_text("print('imported')", encoding="utf-8")
        code = "import importlib.util; print(importlib.util.find_spec('aws_cdk').name)"
        trial = str(tmp_path / "instructions.json")
        assert self.python(tmp_path, root, code, tmp_path, root, trial=trial) == "aws_cdk"
