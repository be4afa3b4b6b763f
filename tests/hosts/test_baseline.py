"""A baseline in an app: Guardrails and GuardrailsChecks hold back what it knows, and fixes are made all the same."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_guardrails import Guardrails, GuardrailsChecks, cli
from cdk_guardrails.baseline.form import BaselineError
from cdk_guardrails.rules.registry import all_rules
from tests.hosts.conftest import Synth, only, since_262, synth

NewApp = Callable[..., cdk.App]
TODAY = datetime.date(2026, 11, 21)
VERSIONING = "s3-versioning @ Stack/Bucket/Resource"


def known(file: Path, *constructs: str, until: str = "2027-02-19", rule: str = "s3-versioning") -> str:
    """Writes a baseline with an entry about each construct."""
    rows = [
        {
            "rule": rule,
            "construct": construct,
            "property": "Properties.VersioningConfiguration.Status",
            "reason": "legacy",
            "until": until,
        }
        for construct in constructs
    ]
    file.write_text(json.dumps({"version": 1, "entries": rows}))
    return str(file)


def check(scope: cdk.App, baseline: str, **settings: Any) -> None:
    """Guardrails that change nothing and know one rule."""
    given: dict[str, Any] = {"mode": "check", "rules": only("s3-versioning"), "today": TODAY, **settings}
    cdk.Aspects.of(scope).add(Guardrails(environment="prod", baseline=baseline, **given))


def bucket(scope: cdk.App, stack: str = "Stack") -> s3.Bucket:
    return s3.Bucket(cdk.Stack(scope, stack), "Bucket")


def suppressed(result: Synth) -> list[tuple[str, str, str, str]]:
    """Of everything that was held back: where, why, until when, by what."""
    keys = ("construct_path", "reason", "until", "where")
    return [tuple(entry[key] for key in keys) for entry in result.report["suppressed"]]  # type: ignore[misc]


def test_what_it_knows_does_not_fail_the_synth(
    app: cdk.App, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket(app)
    check(app, known(tmp_path / "known.json", "Stack/Bucket/Resource"))
    result = synth(app)
    assert result.error == ""
    assert result.findings == []
    assert suppressed(result) == [("Stack/Bucket/Resource", "legacy", "2027-02-19", "baseline known.json")]
    said = "cdk-guardrails: known.json holds back findings by 1 entry; the first ends after 2027-02-19\n"
    assert said in capsys.readouterr().err


def test_what_is_new_does(app: cdk.App, tmp_path: Path) -> None:
    bucket(app)
    bucket(app, "New")
    check(app, known(tmp_path / "known.json", "Stack/Bucket/Resource"))
    result = synth(app)
    assert result.findings == ["s3-versioning @ New/Bucket/Resource"]
    assert "New/Bucket/Resource" in result.error
    assert "Stack/Bucket/Resource" not in result.error


def test_past_its_last_day_the_finding_is_back_and_says_so(app: cdk.App, tmp_path: Path) -> None:
    bucket(app)
    check(app, known(tmp_path / "known.json", "Stack/Bucket/Resource", until="2026-11-20"))
    result = synth(app)
    assert result.findings == [VERSIONING]
    assert "(its entry in known.json ran out on 2026-11-20)" in result.report["findings"][0]["message"]


def test_entries_that_are_gone_are_a_note(new_app: NewApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = new_app()
    bucket(app)
    check(app, known(tmp_path / "known.json", "Stack/Bucket/Resource", "Gone/A", "Gone/B", "Gone/C"))
    assert synth(app).error == ""
    said = "cdk-guardrails: 3 entries of known.json are gone: run cdk-guardrails baseline\n"
    assert said in capsys.readouterr().err


def test_quiet_keeps_the_notes_back(new_app: NewApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = new_app()
    bucket(app)
    check(app, known(tmp_path / "known.json", "Stack/Bucket/Resource", "Gone/A"), quiet=True)
    assert synth(app).findings == []
    assert "known.json" not in capsys.readouterr().err


def test_fixes_are_made_all_the_same(new_app: NewApp, tmp_path: Path) -> None:
    app = new_app()
    bucket(app)
    check(app, known(tmp_path / "known.json", "Stack/Bucket/Resource"), mode="fix")
    result = synth(app)
    [properties] = result.of_type("Stack", "AWS::S3::Bucket")
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert suppressed(result) == []


def test_one_that_is_not_written_yet_holds_nothing(
    new_app: NewApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = new_app()
    bucket(app)
    check(app, str(tmp_path / "known.json"))
    assert synth(app).findings == [VERSIONING]
    assert "there is no baseline known.json yet" in capsys.readouterr().err


@pytest.mark.parametrize("host", [Guardrails, GuardrailsChecks])
def test_a_damaged_one_is_an_error_before_anything_is_done(host: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text("{")
    with pytest.raises(BaselineError, match=r"^known\.json: not a baseline: expected JSON: "):
        host(baseline=str(tmp_path / "known.json"))


@since_262
def test_the_pack_alone(new_app: NewApp, tmp_path: Path) -> None:
    app = new_app()
    bucket(app)
    bucket(app, "New")
    file = known(tmp_path / "known.json", "Stack/Bucket/Resource")
    pack = GuardrailsChecks(
        app, environment="prod", rules=only("s3-versioning"), quiet=True, today=TODAY, baseline=Path(file)
    )
    cdk.Validations.of(app).add_plugins(pack)
    assert synth(app).findings == ["s3-versioning @ New/Bucket/Resource"]


def test_each_scope_has_its_own(new_app: NewApp, tmp_path: Path) -> None:
    app = new_app()
    for name in ("One", "Two"):
        scope = bucket(app, name).stack
        file = known(tmp_path / f"{name}.json", "One/Bucket/Resource")
        check(scope, file)  # type: ignore[arg-type]
    result = synth(app)
    assert result.findings == ["s3-versioning @ Two/Bucket/Resource"]
    assert suppressed(result) == [("One/Bucket/Resource", "legacy", "2027-02-19", "baseline One.json")]


def test_a_rule_that_may_not_be_suppressed(new_app: NewApp, tmp_path: Path) -> None:
    app = new_app()
    bucket(app)
    file = known(tmp_path / "known.json", "Stack/Bucket/Resource")
    check(app, file, unsuppressable=["s3-versioning"])
    assert synth(app).findings == [VERSIONING]


def test_the_command_makes_the_next_synth_green(
    new_app: NewApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every rule is on, and fixes are made: what is left is known after the command has run."""
    file = str(tmp_path / "known.json")
    results = []
    for name in ("first", "second"):
        app = new_app(name)
        bucket(app)
        cdk.Aspects.of(app).add(Guardrails(environment="prod", baseline=file, tags={"Owner": "shop"}))
        results.append(synth(app))
        command = ["baseline", str(tmp_path / name), "--baseline", file]
        assert cli.main(command if name == "first" else [*command, "--check"]) == 0
    first, second = results
    assert first.findings
    assert (second.findings, second.error) == ([], "")
    assert [row[0] for row in suppressed(second)] == [entry["construct_path"] for entry in first.report["findings"]]
    assert "nothing to change" in capsys.readouterr().err
    assert cli.main(["check", "--baseline", file, str(tmp_path / "second"), "--environment", "prod"]) == 0


APP = """
import sys
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_guardrails import Guardrails

app = cdk.App()
s3.Bucket(cdk.Stack(app, "Stack"), "Bucket")
rules = {id_: "off" for id_ in __IDS__} | {"s3-versioning": "error"}
cdk.Aspects.of(app).add(Guardrails(mode="check", rules=rules))
app.synth()
"""


def test_a_user_s_app_with_a_settings_file(tmp_path: Path, plain_env: dict[str, str]) -> None:
    """As a user has it: plain Python, the setting in guardrails.toml, the command in between."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "guardrails.toml").write_text('environment = "prod"\nbaseline = "guardrails-baseline.json"\n')
    (tmp_path / "app.py").write_text(APP.replace("__IDS__", repr(sorted(all_rules()))))
    environment = {**plain_env, "CDK_OUTDIR": str(tmp_path / "cdk.out")}

    def run(*command: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    code, said = run("app.py")
    assert (code, "there is no baseline guardrails-baseline.json yet" in said) == (1, True), said
    code, said = run("-m", "cdk_guardrails", "baseline")
    assert (code, "new 1, known 0, gone 0; written" in said) == (0, True), said
    code, said = run("app.py")
    assert (code, "guardrails-baseline.json holds back findings by 1 entry" in said) == (0, True), said
    (tmp_path / "guardrails-baseline.json").write_text("{")
    code, said = run("app.py")
    assert (code, "guardrails-baseline.json: not a baseline: expected JSON" in said) == (1, True), said
