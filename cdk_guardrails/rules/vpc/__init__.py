"""Rules: Amazon VPC."""
