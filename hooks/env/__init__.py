"""Environment variables and what they hold: addresses, secrets, sites."""
