"""TOML text ↔ blocks, values and positions, without knowing what they mean."""
