"""Rules about the app's own Python."""
