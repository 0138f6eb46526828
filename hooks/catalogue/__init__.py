"""What can be chosen, one row each; questions, templates, hooks and tests read it."""
