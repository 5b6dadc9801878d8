"""The command line: options → one core call → one view."""
