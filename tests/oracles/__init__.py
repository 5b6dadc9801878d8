"""Corpora of hostile texts, independent readers, and naive programs that must be caught."""
