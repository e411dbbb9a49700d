"""Stand-ins for the places that messages and defects go to: real servers on loopback that enforce the makers' rules."""
