"""Fuzzing: mutants of records through the reader, the checks, the edits and every renderer."""
