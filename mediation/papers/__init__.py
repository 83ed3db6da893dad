"""The papers of a file (文书): what they say, their templates, as PDF and as Word documents, and the whole file."""
