"""Reading rows whose form is known, such as part numbers, by a pattern: a subset of regular expressions."""
