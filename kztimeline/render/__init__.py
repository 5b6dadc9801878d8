"""Renderers: what was asked → text. One small module per format, all pure."""
