"""Rules: Amazon S3."""
