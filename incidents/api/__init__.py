"""The API of incidents: what is said (shapes), what is taken (fields), and one module per noun."""
