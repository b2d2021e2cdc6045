"""Which version serves: who moves its alias, and the gate before it."""
