"""Rules: Amazon Cognito."""
