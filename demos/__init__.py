"""Things to run: each part of the engine at work."""
