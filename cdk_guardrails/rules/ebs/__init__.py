"""Rules: Amazon EBS."""
