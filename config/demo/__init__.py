"""The demo city as a whole: what it is made of, and with which accounts one looks at it."""
