"""Answer → text, one small module for each format."""
