"""What people and scripts read of a run; nothing else prints."""
