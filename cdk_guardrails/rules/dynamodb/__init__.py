"""Rules: Amazon DynamoDB."""
