"""The pages of this app: signing in, oneself, people and posts, duty rosters, the record of administration."""
