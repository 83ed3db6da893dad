"""Whistles in /api/v1/."""
