"""Rules: Amazon SNS."""
