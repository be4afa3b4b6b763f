"""Rules: AWS IAM."""
