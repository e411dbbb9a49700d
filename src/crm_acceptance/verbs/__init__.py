"""Business words as plain functions, actor first; no vendor, no click, no HTTP. Departments have a module each."""
