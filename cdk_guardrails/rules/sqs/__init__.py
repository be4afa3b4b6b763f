"""Rules: Amazon SQS."""
