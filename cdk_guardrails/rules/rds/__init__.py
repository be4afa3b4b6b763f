"""Rules: Amazon RDS, Aurora, DocumentDB and Neptune."""
