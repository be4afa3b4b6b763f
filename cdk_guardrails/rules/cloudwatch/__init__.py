"""Rules: Amazon CloudWatch."""
