"""Messages where people are: what is said, to which channel, and an outbox that loses nothing. Files no defects."""
