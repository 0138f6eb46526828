"""Real things that tests share: a tagged template, PostgreSQL, packages, servers."""
