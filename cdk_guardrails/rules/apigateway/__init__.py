"""Rules: Amazon API Gateway."""
