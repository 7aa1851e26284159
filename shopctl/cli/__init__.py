"""The commands: each parses, calls one service function, and prints what it returns."""
