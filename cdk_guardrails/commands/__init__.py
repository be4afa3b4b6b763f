"""The commands, one module each, with one function of the command's name that returns an exit code."""
