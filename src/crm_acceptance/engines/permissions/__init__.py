"""The permission matrix as checks: rows, canaries, replay, oracle. Which pytest item asks for what: the binder."""
