"""What a function's bundle imports, logs and ships. Code is read as text: nothing of it is imported or run."""
