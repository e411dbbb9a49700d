"""The engines that checks run on: browser, load, permissions, fuzzing. Each knows its tool; none knows another."""
