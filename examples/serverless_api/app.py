"""The app as it is often written first: it deploys, and nobody looked at what it deploys."""

from __future__ import annotations

import aws_cdk as cdk
from stack import OrdersStack

app = cdk.App()
OrdersStack(app, "Orders")
app.synth()
