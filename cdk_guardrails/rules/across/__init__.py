"""Rules: What holds across resources."""
