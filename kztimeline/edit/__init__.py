"""Text → text that keeps every byte that no edit is about."""
