"""Reading the app's own Python: its modules, what the installed CDK has, and what other linters say."""
