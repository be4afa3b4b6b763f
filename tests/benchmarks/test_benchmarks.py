"""The benchmarks run: every variant synthesizes a small app, and the page's table can be made of it."""

from __future__ import annotations

from tests.benchmarks import code, rules
from tests.benchmarks.__main__ import VARIANTS, Row, rows, table


def test_every_variant_runs_and_fixes_what_it_should() -> None:
    measured = {row.variant: row for row in rows(10, 1, list(VARIANTS))}
    assert measured["nothing"].resources == measured["empty"].resources == measured["cdk_nag"].resources
    assert measured["guardrails"].resources > measured["nothing"].resources
    assert measured["by_hand"].resources > measured["nothing"].resources
    assert measured["empty"].round_trips > measured["nothing"].nodes * 0.9
    assert table(measured.values()).count("\n") == len(VARIANTS) + 1


def test_the_table_compares_with_the_empty_aspect() -> None:
    made = [Row("nothing", 1.0, 0.0, 2.0, 1, 10, 5), Row("empty", 1.5, 0.5, 2.5, 11, 10, 5)]
    made.append(Row("guardrails", 1.25, 0.25, 2.25, 4, 10, 7))
    assert "| Guardrails, prod | 1.25 s | 0.25 s | 0.5 x | 2.25 s | 4 | 7 |" in table(made)


def test_the_rules_alone_are_compared_with_json() -> None:
    made = rules._measured("nothing", '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}')
    assert (made.resources, made.findings > 5, made.ratio > 0) == (1, True, True)
    row = rules.table([rules.Measured("guardrails", 457, 115, 0.0014, 0.028)]).splitlines()[-1]
    assert row == "| as Guardrails leave it | 457 | 115 | 1.4 ms | 28.0 ms | 20.0 x |"


def test_reading_code_is_compared_with_a_synth_without() -> None:
    assert code.measure(rounds=1).without > 0
    row = code.table(code.Measured(2.0, 0.05)).splitlines()[-1]
    assert row == "| the rules that read functions' code | 2.00 s | 50 ms | 2.5% |"
