"""What may reach a person: the gate for untrusted text, errors, and signs of progress."""
