"""The app of a cdk.json: its command, its context, its environment, and what cannot be tried."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.trial import app_command
from cdk_guardrails.trial.app_command import BUNDLING, AppCommandError, environment, read, split


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setenv("CDK_DOCKER", "no-such-program")


def write(folder: Path, **fields: Any) -> Path:
    (folder / "cdk.json").write_text(json.dumps({"app": "python3 app.py", **fields}), encoding="utf-8")
    return folder


class TestCommand:
    @pytest.mark.parametrize(
        ("app", "command"),
        [
            ("python3 app.py", "python3 app.py"),
            (".venv/bin/python app.py", ".venv/bin/python app.py"),
            ("ENV=dev uv run app.py && true", "ENV=dev uv run app.py && true"),
            (["python3", "-m", "shop.app"], "python3 -m shop.app"),
        ],
    )
    def test_of_cdk_json(self, tmp_path: Path, app: Any, command: str) -> None:
        assert read(write(tmp_path, app=app)).command == command

    def test_given(self, tmp_path: Path) -> None:
        app = read(write(tmp_path, context={"a": 1}), ("python3", "my app.py"))
        assert (app.command, app.shown, app.context["a"]) == (("python3", "my app.py"), "python3 'my app.py'", 1)

    def test_of_the_user(self, tmp_path: Path) -> None:
        (tmp_path / "home" / ".cdk.json").write_text('{"app": "python3 mine.py"}', encoding="utf-8")
        assert read(tmp_path).command == "python3 mine.py"

    def test_build_runs_first(self, tmp_path: Path) -> None:
        assert read(write(tmp_path, build="make")).build == "make"

    @pytest.mark.parametrize(
        ("app", "said"),
        [
            ("npx ts-node --prefer-ts-exts bin/app.ts", "in JavaScript or TypeScript; only Python apps"),
            ("node bin/app.js", "in JavaScript or TypeScript; only Python apps"),
            ("bin/app.js", "in JavaScript or TypeScript; only Python apps"),
            ("DEBUG=1 npx ts-node bin/app.ts", "in JavaScript or TypeScript; only Python apps"),
            ("mvn -e -q compile exec:java", "in Java; only Python apps"),
            ("dotnet run --project src/Shop/Shop.csproj", r"in \.NET; only Python apps"),
            ("go mod download && go run app.go", "in Go; only Python apps"),
            ("npx cdk synth", "the app's own command, such as python3 app.py, not the CDK CLI's"),
            ("node_modules/.bin/cdk synth", "the app's own command"),
            ("out", "a cloud assembly: `cdk-guardrails check out` judges it"),
            (3, "app: expected a command, not 3"),
        ],
    )
    def test_refused(self, tmp_path: Path, app: Any, said: str) -> None:
        (tmp_path / "out").mkdir()
        with pytest.raises(AppCommandError, match=said):
            read(write(tmp_path, app=app))

    @pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000])
    def test_a_damaged_cdk_json(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "cdk.json").write_text(text, encoding="utf-8")
        with pytest.raises(AppCommandError, match=r"cdk\.json: expected"):
            read(tmp_path)

    def test_no_app_in_cdk_json(self, tmp_path: Path) -> None:
        with pytest.raises(AppCommandError, match=r"cdk\.json has no 'app'"):
            read(write(tmp_path, app=""))

    def test_no_cdk_json_but_one_nearby(self, tmp_path: Path) -> None:
        (tmp_path / "infra").mkdir()
        write(tmp_path / "infra")
        said = f"there is no cdk.json in {tmp_path}. One is in {tmp_path / 'infra'}. Run this in the folder of the app"
        with pytest.raises(AppCommandError) as raised:
            read(tmp_path)
        assert str(raised.value).startswith(said)


class TestContext:
    def test_the_closest_wins(self, tmp_path: Path) -> None:
        (tmp_path / "home" / ".cdk.json").write_text('{"context": {"a": 1, "b": 1, "c": 1, "d": 1}}', encoding="utf-8")
        (tmp_path / "cdk.context.json").write_text('{"b": 2, "c": 2, "d": 2}', encoding="utf-8")
        context = read(write(tmp_path, context={"c": 3, "d": 3}), context=["d=4=5"]).context
        assert [context[key] for key in "abcd"] == [1, 2, 3, "4=5"]

    def test_what_the_cli_adds(self, tmp_path: Path) -> None:
        assert read(write(tmp_path)).context == {
            "aws:cdk:enable-path-metadata": True,
            "aws:cdk:enable-asset-metadata": True,
            "aws:cdk:version-reporting": True,
            BUNDLING: [],
        }

    def test_what_cdk_json_switches_off(self, tmp_path: Path) -> None:
        folder = write(tmp_path, pathMetadata=False, assetMetadata=False, versionReporting=False, staging=False)
        assert read(folder).context == {
            "aws:cdk:disable-version-reporting": True,
            "aws:cdk:disable-asset-staging": True,
            BUNDLING: [],
        }

    def test_bundling_with_docker(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not read(write(tmp_path)).bundles
        monkeypatch.setenv("CDK_DOCKER", "sh")
        assert read(tmp_path).bundles
        assert read(tmp_path).context[BUNDLING] == ["**"]

    @pytest.mark.parametrize("pair", ["a", "=b"])
    def test_no_pair(self, tmp_path: Path, pair: str) -> None:
        with pytest.raises(AppCommandError, match="expected KEY=VALUE"):
            read(write(tmp_path), context=[pair])


class TestEnvironment:
    def test_the_variables_of_the_cli(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
        monkeypatch.delenv("CDK_DEFAULT_ACCOUNT", raising=False)
        app = read(write(tmp_path, context={"a": 1}))
        made = environment(app, tmp_path / "out", tmp_path)
        assert made["CDK_OUTDIR"] == str(tmp_path / "out")
        assert json.loads(made["CDK_CONTEXT_JSON"]) == app.context
        assert made["CDK_DEFAULT_REGION"] == "eu-central-1"
        assert "CDK_DEFAULT_ACCOUNT" not in made
        assert "CONTEXT_OVERFLOW_LOCATION_ENV" not in made

    def test_a_context_that_is_too_much(self, tmp_path: Path) -> None:
        app = read(write(tmp_path, context={f"key {number}": "x" * 1000 for number in range(200)}))
        made = environment(app, tmp_path / "out", tmp_path)
        rest = json.loads(Path(made["CONTEXT_OVERFLOW_LOCATION_ENV"]).read_text(encoding="utf-8"))
        assert {**json.loads(made["CDK_CONTEXT_JSON"]), **rest} == app.context
        size = sum(len(os.fsencode(name)) + len(os.fsencode(value)) for name, value in made.items())
        assert size < app_command.ENVIRONMENT_LIMIT + len(f"CONTEXT_OVERFLOW_LOCATION_ENV{tmp_path}/overflow") + 100

    def test_our_settings_go_in_first(self) -> None:
        small, rest = split({"a": "x" * 50, "cdk-guardrails": {"mode": "check"}}, 60)
        assert (list(small), list(rest)) == (["cdk-guardrails"], ["a"])

    def test_no_space_at_all(self) -> None:
        assert split({"a": 1}, -5) == ({}, {"a": 1})
