"""What a page says of its code is done: each place, and nothing where none is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.snippets import Project, below, snippets
from support.template import commit_all

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """# Page

## A route

A sentence. New file `api/app/notes.py`:

```python
NOTES = 1
```

And where `app` is made. At the end of `app.main`:

```python
import notes
```

## The server

In `auth/config.ts`, below `user: {`:

```ts
    extra: true,
```

In `config.ts`, instead of `last: 1,`:

```ts
  last: 2,
```

In `auth/.env`:

```sh
ORIGINS=a,b
```

Then:

```sh
echo http://localhost:8000/$NAME
```

```nginx
server {}
```
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three files, and a module of the application."""
    files = {
        "api/app/main.py": "app = 1\n",
        "auth/config.ts": "{\n  user: {\n  },\n  last: 1,\n}\n",
        "auth/.env": "ORIGINS=a\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    commit_all(tmp_path)
    addresses = {"http://localhost:8000": "http://localhost:8765"}
    return Project(root=tmp_path, addresses=addresses, env={"NAME": "me"})


def test_each_block_is_followed(project: Project) -> None:
    """To the letter, with addresses as they are here."""
    *followed, nginx = snippets(PAGE)
    printed = [project.follow(snippet) for snippet in followed]
    assert printed == [*[""] * 5, "http://localhost:8765/me\n"]
    texts = {
        "api/app/notes.py": "NOTES = 1\n",
        "api/app/main.py": "app = 1\n\nimport notes\n",
        "auth/config.ts": "{\n  user: {\n    extra: true,\n  },\n  last: 2,\n}\n",
        "auth/.env": "ORIGINS=a,b\n",
    }
    assert {name: (project.root / name).read_text() for name in texts} == texts
    assert not nginx.is_followed
    assert all(snippet.is_followed for snippet in followed)


def test_blocks_belong_to_their_heading() -> None:
    """A heading without code is an error of the page."""
    assert [s.language for s in below(PAGE, "A route")] == ["python", "python"]
    assert len(below(PAGE, "The server")) == 5
    with pytest.raises(AssertionError, match="no code"):
        below(PAGE, "Another")


def test_what_is_not_clear_fails(project: Project) -> None:
    """A second file of the name, a file that exists, a block without a place."""
    first, second, *_, nginx = snippets(PAGE)
    project.follow(first)
    with pytest.raises(AssertionError, match="is there already"):
        project.follow(first)
    with pytest.raises(AssertionError, match="nothing says where"):
        project.follow(nginx)
    other = project.root / "worker/app/main.py"
    other.parent.mkdir(parents=True)
    other.write_text("")
    with pytest.raises(AssertionError, match="could be any of"):
        project.follow(second)
