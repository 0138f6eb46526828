"""What Copier calls: questions and their defaults, refusals, and the way back."""
