"""A shop as it is often written first: three stacks that deploy, and nobody looked at what they deploy."""

from __future__ import annotations

import aws_cdk as cdk
from shop import make_stacks

app = cdk.App()
make_stacks(app)
app.synth()
