"""What the templates call, and which files and packages a rendering has."""
