"""What the harness costs per scenario, against the same work without it. No test: figures for people to read."""
