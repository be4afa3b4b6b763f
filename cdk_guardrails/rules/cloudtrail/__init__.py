"""Rules: AWS CloudTrail."""
