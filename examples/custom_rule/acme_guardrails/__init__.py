"""Acme's own rules for cdk-guardrails: every Rule class in the modules of this package."""
