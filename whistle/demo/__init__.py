"""The whistles of the demo city."""
