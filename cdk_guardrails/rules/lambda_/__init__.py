"""Rules: AWS Lambda."""
