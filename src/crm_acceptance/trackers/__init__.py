"""Defects where they are tracked: failures of a run filed once per root cause to Jira, TAPD, Trello. Judges nothing."""
