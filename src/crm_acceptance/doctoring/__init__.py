"""Tries a mapping on a running site: every verb, as every person, with throw-away records. Draws nothing."""
