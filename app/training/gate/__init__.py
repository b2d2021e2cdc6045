"""The gate: decides whether a candidate may take the champion's place."""
