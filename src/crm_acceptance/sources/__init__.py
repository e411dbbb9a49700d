"""Where requirements come from besides the table itself: another table, Jira, TAPD. Merges; loses no row in silence."""
