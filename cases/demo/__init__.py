"""What the demo of every kind of case shares: people, a clock that is moved, rows kept in memory."""
