"""Bytes to structures: one module for each format. Raises nothing but FormatError."""
