"""The demo city: real divisions of 丰城, people named by their role, 90 days made by the real services."""
