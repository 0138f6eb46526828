"""Real things that tests share: a tagged template, PostgreSQL, Node packages, servers."""
