"""What somebody practises: rows of one character, alphabets and digits in order, and the spaces in them."""
