"""What is known of a character from all around it: its row, its word, its page, the language."""
