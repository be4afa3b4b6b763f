"""Guardrails attached to an app from outside, for ``cdk-guardrails synth``: what runs in the app's own process.

``startup/`` is put in front of PYTHONPATH; its sitecustomize waits for the CDK and then lets `inside` change it.
"""
