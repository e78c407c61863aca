"""Matching engines, one adapter module for each library."""
