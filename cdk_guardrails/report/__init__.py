"""What a run did, in every form that it is told in: one Report, one module for each format, one way to write a file."""
