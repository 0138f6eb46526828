"""What the rendered documents say of commands, endpoints and diagnostics."""
