"""Peaks: what is asked of the site, how the load is made by a process of its own, what its figures say."""
