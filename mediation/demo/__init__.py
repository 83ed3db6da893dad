"""The disputes of the demo city, made by the real services. Only `manage.py load_demo` uses this."""
