"""What ``cdk-guardrails init`` gives a repository: settings, a pre-commit hook, a workflow; only what is missing."""
