"""What Copier asks: defaults, rules, and what is refused before the first write."""
