"""What a person may buy next: the same again, something new to her, or on the other side."""
