"""Reading what must fit a pattern for codes."""
