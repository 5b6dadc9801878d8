"""What a record is: its model and keys, and how a text is read to it and written."""
