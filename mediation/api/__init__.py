"""Disputes in /api/v1/."""
