"""Rules: Amazon CloudWatch Logs."""
