"""The web dashboard: a process of its own that shows what an engine publishes."""
