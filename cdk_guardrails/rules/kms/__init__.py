"""Rules: AWS KMS."""
