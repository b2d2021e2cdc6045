"""The experiment that Inkrow grew from."""
