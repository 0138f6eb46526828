"""Texts as what they are, Python, TypeScript, YAML, requirements: knows no project."""
