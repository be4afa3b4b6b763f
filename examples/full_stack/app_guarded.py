"""The same app, with the one line; what it wants for this app stands in guardrails.toml."""

from __future__ import annotations

import aws_cdk as cdk
from shop import make_stacks

from cdk_guardrails import Guardrails

app = cdk.App()
make_stacks(app)
cdk.Aspects.of(app).add(Guardrails(environment="prod"))
app.synth()
