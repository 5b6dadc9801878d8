"""The one exception that the tool expects."""


class KztError(Exception):
    """A refusal, told to a person in one line for each argument; the command exits 2.

    The lines may hold untrusted text: whoever prints them passes them through ``text.py``.
    """
