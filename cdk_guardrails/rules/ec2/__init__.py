"""Rules: Amazon EC2."""
