"""The pages of incidents. A view loads, calls and answers; what things are and whether they may be is decided below."""
