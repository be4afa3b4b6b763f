"""The same app, with the one line."""

from __future__ import annotations

import aws_cdk as cdk
from stack import OrdersStack

from cdk_guardrails import Guardrails

app = cdk.App()
OrdersStack(app, "Orders")
cdk.Aspects.of(app).add(
    Guardrails(environment="prod", tags={"Owner": "payments", "Project": "orders", "Department": "retail"})
)
app.synth()
