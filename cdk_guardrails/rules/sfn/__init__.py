"""Rules: AWS Step Functions."""
