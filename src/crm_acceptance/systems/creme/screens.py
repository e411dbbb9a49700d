"""The only door of Creme: pages described by mapping.toml, and by hand what a table cannot say."""
