"""Bytes in and bytes out, safely: which file, which revision, and the one writer."""
