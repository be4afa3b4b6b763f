"""Rules: Amazon EFS."""
