"""Synthetic pages, with the text and the boxes of all that is written on them."""
