"""lambda-shared-layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean

RULE = "lambda-shared-layer"
FUNCTION = "AWS::Lambda::Function"

Files = dict[str, str]


def python(name: str, version: str, size: int, *requires: str, **more: str) -> Files:
    """A distribution as pip installs it; its module has so many bytes."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {other}\n" for other in requires)
    return {
        f"{name}/__init__.py": "#" * size,
        f"{info}/METADATA": f"Name: {name}\n{needs}",
        f"{info}/RECORD": f"{name}/__init__.py,,\n",
        **{f"{info}/{file.replace('_json', '.json')}": text for file, text in more.items()},
    }


def node(name: str, version: str, size: int, *requires: str) -> Files:
    manifest = {"name": name, "version": version, "dependencies": dict.fromkeys(requires, "*")}
    return {f"node_modules/{name}/package.json": json.dumps(manifest), f"node_modules/{name}/x.js": "/" * size}


REQUESTS = {
    **python("requests", "2.32.3", 900_000, "urllib3<3", "idna"),
    **python("urllib3", "2.2.1", 400_000),
    **python("idna", "3.7", 300_000),
}


@pytest.fixture
def app(tmp_path: Path) -> Made:
    return Made(tmp_path)


class Made:
    """An app of functions with assets; each call of `judged` is for one stack more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = App()
        self.count = 0

    def judged(self, functions: dict[str, Files | dict[str, Any]], stack: str = "One", **options: Any) -> list[Finding]:
        self.stack(functions, stack)
        settings = Settings(rules={RULE: RuleOverride(options=options)})
        outcome = engine.run(self.app, [all_rules()[RULE]], settings, Suppressions(settings.today), fix=False)
        assert not outcome.crashes, outcome.crashes[0].traceback
        return outcome.findings

    def stack(
        self, functions: dict[str, Any], name: str = "One", folder: str = ".", account: str = "", region: str = ""
    ) -> None:
        at = self.folder / folder
        at.mkdir(exist_ok=True)
        assets, resources = {}, {}
        for id_, given in functions.items():
            said = given if "Properties" in given else {"files": given, "Properties": {}}
            asset = said.get("asset") or self._written(said["files"])
            path = str(Path("..", asset)) if folder != "." else asset
            assets[asset] = {"source": {"path": path}, "destinations": {"x": {"objectKey": f"{asset}.zip"}}}
            properties = {"Code": {"S3Bucket": "b", "S3Key": f"{asset}.zip"}, "Handler": "index.handler"}
            runtime = {"Runtime": "python3.13"}
            resources[id_] = {"Type": FUNCTION, "Properties": {**properties, **runtime, **said["Properties"]}}
        (at / f"{name}.assets.json").write_text(json.dumps({"files": assets}))
        file = str(at / f"{name}.template.json")
        Template({"Resources": resources}, name=name, app=self.app, file=file, account=account, region=region)

    def _written(self, files: Files) -> str:
        self.count += 1
        name = f"asset.{self.count}"
        for file, text in {"index.py": "", **files}.items():
            path = self.folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return name


def test_report_c2_3_dependencies_are_bundled_twice(app: Made) -> None:
    """003 2.3: shared dependencies of functions are not abstracted into a layer."""
    [finding] = app.judged({"Orders": REQUESTS, "Payments": REQUESTS})
    assert finding.message == (
        "requests 2.32.3, with 2 that it needs, are in 2 bundles, those of Orders and Payments: "
        "a layer would save 1.6 MB"
    )
    assert (finding.id, finding.logical_id, finding.location) == (f"{RULE}[requests]", "Orders", "Properties.Code")
    assert finding.severity is Severity.ERROR
    assert finding.remedy == (
        'lambda_.Function(..., layers=[lambda_.LayerVersion(..., code=lambda_.Code.from_asset("layers/requests"))])'
    )


def test_small_ones_are_a_warning(app: Made) -> None:
    small = python("six", "1.17.0", 20_000)
    [finding] = app.judged({"Orders": small, "Payments": small})
    assert finding.message == "six 1.17.0 is in 2 bundles, those of Orders and Payments: a layer would save 20 kB"
    assert finding.severity is Severity.WARNING
    app.app = App()
    [finding] = app.judged({"Orders": small, "Payments": small}, min_bytes=20_000)
    assert finding.severity is Severity.ERROR


def test_different_versions(app: Made) -> None:
    bundles = [python("urllib3", version, 2_000_000) for version in ("1.26.19", "2.2.1", "2.2.1")]
    [finding] = app.judged({"A": bundles[0], "B": bundles[1], "C": {**bundles[2], "c.py": ""}})
    assert finding.message == (
        "urllib3 (1.26.19 and 2.2.1) is in 3 bundles, those of A, B and C: a layer would save 4.0 MB"
    )


def test_names_are_compared_normalized(app: Made) -> None:
    one, two = python("ruamel.yaml", "0.18", 10), python("ruamel_yaml", "0.18", 10)
    [finding] = app.judged({"A": one, "B": two})
    assert finding.id == f"{RULE}[ruamel.yaml]"


def test_many_functions_and_many_distributions(app: Made) -> None:
    many = {path: text for number in range(6) for path, text in python(f"d{number}", "1", 1_000_000 - number).items()}
    [finding] = app.judged({f"Fn{number}": many for number in range(6)})
    assert finding.message == (
        "d0 1, d1 1, d2 1 and 3 more are in 6 bundles, those of Fn0, Fn1, Fn2 and 3 more: a layer would save 30.0 MB"
    )


def test_what_other_functions_share_is_another_finding(app: Made) -> None:
    pandas = python("pandas", "2.2", 3_000_000)
    findings = app.judged({"A": {**REQUESTS, **pandas}, "B": {**REQUESTS, **pandas}, "C": REQUESTS})
    assert [(finding.detail, finding.message.partition(": a")[0]) for finding in findings] == [
        ("requests", "requests 2.32.3, with 2 that it needs, are in 3 bundles, those of A, B and C"),
        ("pandas", "pandas 2.2 is in 2 bundles, those of A and B"),
    ]


def test_a_handful_of_findings_is_enough(app: Made) -> None:
    functions: dict[str, Any] = {}
    for number in range(12):
        shared = python(f"d{number}", "1", 1_000_000 + number)
        functions |= {f"A{number}": shared, f"B{number}": {**shared, "b.py": ""}}
    findings = app.judged(functions)
    assert [finding.detail for finding in findings] == ["d11", "d10", "d9", "d8", "d7"]


def test_distributions_that_need_each_other(app: Made) -> None:
    both = {**python("a", "1", 1_000_000, "b"), **python("b", "1", 2_000_000, "a")}
    [finding] = app.judged({"A": both, "B": both})
    assert finding.message.startswith("b 1 and a 1 are in 2 bundles")


def test_node(app: Made) -> None:
    runtime = {"Properties": {"Runtime": "nodejs22.x"}}
    files = {**node("axios", "1.7.0", 1_500_000, "form-data"), **node("form-data", "4.0.0", 100_000)}
    [finding] = app.judged({"A": {"files": files, **runtime}, "B": {"files": files, **runtime}})
    assert finding.message == (
        "axios 1.7.0, with 1 that it needs, are in 2 bundles, those of A and B: a layer would save 1.6 MB"
    )
    assert finding.id == f"{RULE}[axios]"


def test_a_scoped_package_is_a_folder_by_its_last_name(app: Made) -> None:
    runtime = {"Properties": {"Runtime": "nodejs22.x"}}
    files = node("@aws-sdk/client-s3", "3.0.0", 2_000_000)
    [finding] = app.judged({"A": {"files": files, **runtime}, "B": {"files": files, **runtime}})
    assert finding.id == f"{RULE}[@aws-sdk/client-s3]"
    assert "layers/client-s3" in finding.remedy


def test_functions_that_share_a_bundle(app: Made) -> None:
    asset = app._written(REQUESTS)
    shared = {"asset": asset, "Properties": {}}
    assert app.judged({"A": shared, "B": shared}) == []


def test_only_one_has_it(app: Made) -> None:
    assert app.judged({"A": REQUESTS, "B": {"lib.py": ""}}) == []


def test_what_layers_hold(app: Made, tmp_path: Path) -> None:
    for number, name in enumerate(("layer1", "layer2")):
        for file, text in REQUESTS.items():
            path = tmp_path / name / "python" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        layers = {"files": {"x.py": str(number)}, "Properties": {"Layers": [{"Ref": "L"}]}}
        app.stack({f"Fn{number}": layers}, f"S{number}")
    assert app.judged({"C": {"c.py": ""}}) == []


def test_the_author_s_own_distribution(app: Made) -> None:
    own = python("shop", "1.0", 2_000_000, direct_url_json='{"url": "file:///src", "dir_info": {}}')
    assert app.judged({"A": own, "B": own}) == []


def test_the_author_s_own_modules(app: Made) -> None:
    own = {"common/__init__.py": "#" * 2_000_000}
    assert app.judged({"A": {**own, "a.py": ""}, "B": {**own, "b.py": ""}}) == []


@pytest.mark.parametrize("other", [{"Runtime": "python3.12"}, {"Architectures": ["arm64"]}, {"Runtime": "nodejs22.x"}])
def test_no_layer_is_for_two_runtimes_or_architectures(app: Made, other: dict[str, Any]) -> None:
    assert app.judged({"A": REQUESTS, "B": {"files": REQUESTS, "Properties": other}}) == []


def test_stacks_of_an_app(app: Made) -> None:
    app.stack({"A": REQUESTS}, "Two")
    [finding] = app.judged({"B": REQUESTS})
    assert (finding.template, finding.logical_id) == ("Two", "A")


def test_stacks_for_two_accounts_or_regions(app: Made) -> None:
    app.stack({"A": REQUESTS}, "Two", account="111122223333", region="eu-west-1")
    app.stack({"B": {**REQUESTS, "b.py": ""}}, "Three", account="111122223333", region="us-east-1")
    app.stack({"C": {**REQUESTS, "c.py": ""}}, "Four", account="444455556666", region="eu-west-1")
    assert app.judged({"D": {"d.py": ""}}) == []


def test_stages_have_the_same_finding_once(app: Made) -> None:
    a, b = (app._written(files) for files in (REQUESTS, {**REQUESTS, "b.py": ""}))
    functions = {"A": {"asset": a, "Properties": {}}, "B": {"asset": b, "Properties": {}}}
    for stage in ("assembly-Dev", "assembly-Prod"):
        app.stack(functions, "Stack", stage)
    [finding] = app.judged({"C": {"c.py": ""}})
    assert finding.template == "Stack"


def test_code_that_is_not_known() -> None:
    code = {"S3Bucket": "x", "S3Key": "y"}
    resources = {
        "A": {"Type": FUNCTION, "Properties": {"Code": code, "Handler": "a.b", "Runtime": "python3.13"}},
        "B": {"Type": FUNCTION, "Properties": {"Code": {"ImageUri": "x"}, "PackageType": "Image"}},
        "C": {"Type": FUNCTION, "Properties": {"Code": {"ZipFile": "import yaml"}}},
    }
    assert_clean({"Resources": resources}, RULE)
    assert_clean({"Resources": {}}, RULE)


def test_the_cdk_s_own_functions(app: Made) -> None:
    id_ = "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C81C01536"
    assert app.judged({id_: REQUESTS, "A": {**REQUESTS, "a.py": ""}}) == []


def test_damaged_metadata(app: Made) -> None:
    damaged = {"x-1.dist-info/RECORD": "\0", "x-1.dist-info/METADATA": "\0", "x/__init__.py": "#" * 2_000_000}
    [finding] = app.judged({"A": damaged, "B": {**damaged, "b.py": ""}})
    assert finding.message == "x 1 is in 2 bundles, those of A and B: a layer would save 2.0 MB"
