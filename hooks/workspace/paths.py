"""Write below one folder and nowhere else, whatever links a repository holds.

Each path is walked from the root, one opened folder after the other, none of which may
be a link. Nothing that is git's own is read or written, by whatever name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..errors import DriftError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# A pipe would keep its reader waiting for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o700
# What HFS+ leaves out of a name, so that git takes it for the name without it.
_INVISIBLE = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


class Tree:
    """The files below ``root``, by POSIX path relative to it."""

    def __init__(self, root: Path) -> None:
        """Remember the folder; nothing is read yet."""
        self.root = Path(os.path.realpath(root))

    def resolved(self, path: str) -> str:
        """Return the path with the links to its folder followed.

        Raises ``DriftError`` where they lead out of the repository, or into git's own
        folder.
        """
        *above, name = _parts(path)
        folder = Path(os.path.realpath(self.root.joinpath(*above)))
        if not folder.is_relative_to(self.root):
            raise _is_outside(path)
        real = (folder.relative_to(self.root) / name).as_posix()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self.status(real)
        return real

    def status(self, path: str) -> os.stat_result:
        """Return what ``lstat`` says; a link is not followed."""
        with self._parent(path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def exists(self, path: str) -> bool:
        """Return True if anything is there, be it a link that leads nowhere."""
        try:
            self.status(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def is_folder(self, path: str) -> bool:
        """Return True for a folder that is not a link to one."""
        return self.exists(path) and stat.S_ISDIR(self.status(path).st_mode)

    def is_link(self, path: str) -> bool:
        """Return True for a link, wherever it leads."""
        return self.exists(path) and stat.S_ISLNK(self.status(path).st_mode)

    def leads_inside(self, path: str) -> bool:
        """Return True for a link to what is the user's own in this repository."""
        real = Path(os.path.realpath(self.root / path))
        if not real.is_relative_to(self.root):
            return False
        try:
            self.exists((real / "any").relative_to(self.root).as_posix())
        except DriftError:
            return False
        return True

    def read(self, path: str) -> tuple[bytes, int] | None:
        """Return a file's bytes and mode; ``None`` where there is no file.

        Raises ``DriftError`` for what is no regular file, and what cannot be read.
        """
        try:
            with self._parent(path) as (folder, name):
                descriptor = os.open(name, _FILE, dir_fd=folder)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EMLINK}:
                raise _is_outside(path) from None
            message = f"{path}: cannot be read ({error.strerror}); nothing was changed"
            raise DriftError(message) from None
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(descriptor)
            message = f"{path}: is no regular file; nothing was changed"
            raise DriftError(message)
        with os.fdopen(descriptor, "rb") as stream:
            return stream.read(), stat.S_IMODE(mode)

    def make_private_folder(self, path: str) -> None:
        """Make a folder for this user alone; what is in it, git ignores."""
        with self._parent(path) as (folder, name):
            os.mkdir(name, _PRIVATE, dir_fd=folder)
        self.write_new(f"{path}/.gitignore", b"*\n", 0o600)

    def write_new(self, path: str, data: bytes, mode: int) -> None:
        """Write a file that must not exist; it is on the disk when this returns."""
        with self._parent(path) as (folder, name):
            descriptor = os.open(name, _NEW_FILE, mode & 0o600, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)

    def replace(self, temporary: str, path: str) -> None:
        """Put a file in the place of another in one step; make its folder."""
        self._make_parents(path)
        with (
            self._parent(temporary) as (source, temporary_name),
            self._parent(path) as (folder, name),
        ):
            self._refuse_other_kinds(folder, name, path)
            try:
                os.rename(temporary_name, name, src_dir_fd=source, dst_dir_fd=folder)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
            else:
                return
        # The folder is on another file system: write the file a second time there.
        data, mode = self.read(temporary) or (b"", 0)
        beside = str(PurePosixPath(path).with_name(f".{PurePosixPath(temporary).name}"))
        self.write_new(beside, data, mode)
        with self._parent(path) as (folder, name):
            os.rename(
                PurePosixPath(beside).name, name, src_dir_fd=folder, dst_dir_fd=folder
            )
        self.remove(temporary)

    def remove(self, path: str) -> None:
        """Remove a file, and the folders above it that are empty then."""
        try:
            with self._parent(path) as (folder, name):
                os.unlink(name, dir_fd=folder)
        except (FileNotFoundError, NotADirectoryError):
            pass
        self.remove_empty_parents(path)

    def move(self, path: str, to: str) -> None:
        """Move a file, a folder or a link as it is, where nothing is yet."""
        self._make_parents(to)
        with (
            self._parent(path) as (source, name),
            self._parent(to) as (target, new_name),
        ):
            if _is_there(target, new_name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), to)
            os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)
        self.remove_empty_parents(path)

    def remove_empty_parents(self, path: str) -> None:
        """Remove the folders above a path that are empty now."""
        for parent in PurePosixPath(path).parents:
            if not parent.name:
                return
            try:
                self.remove_empty(str(parent))
            except OSError:
                return

    def remove_empty(self, path: str) -> None:
        """Remove an empty folder, be it the root; raise ``OSError`` for another."""
        if path == ".":
            self.root.rmdir()
            return
        with self._parent(path) as (folder, name):
            os.rmdir(name, dir_fd=folder)

    def remove_flat_folder(self, path: str) -> None:
        """Remove a folder with the files in it, where there is one."""
        try:
            with self._folder(_parts(path)) as folder:
                for name in os.listdir(folder):  # noqa: PTH208 - a descriptor
                    os.unlink(name, dir_fd=folder)
            self.remove_empty(path)
        except (FileNotFoundError, NotADirectoryError):
            pass

    def _make_parents(self, path: str) -> None:
        *above, _ = _parts(path)
        with self._folder(above, make=True):
            pass

    @contextlib.contextmanager
    def _parent(self, path: str) -> Generator[tuple[int, str]]:
        """Open the folder of a path; yield it with the name in it."""
        *above, name = _parts(path)
        with self._folder(above) as folder:
            yield folder, name

    @contextlib.contextmanager
    def _folder(self, parts: list[str], *, make: bool = False) -> Generator[int]:
        gits = self._git_folders()
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts:
                if make and not _is_there(folder, part):
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=folder)
                below = _opened(folder, part, "/".join(parts))
                os.close(folder)
                folder = below
                status = os.fstat(folder)
                if (status.st_dev, status.st_ino) in gits:
                    raise _is_git("/".join(parts))
            yield folder
        finally:
            os.close(folder)

    def _git_folders(self) -> set[tuple[int, int]]:
        """Return git's own folders by what no other name or file system can hide."""
        found: set[tuple[int, int]] = set()
        for path in _git_folders(self.root):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.add((status.st_dev, status.st_ino))
        return found

    @staticmethod
    def _refuse_other_kinds(folder: int, name: str, path: str) -> None:
        """Refuse to put a file where a link or a pipe is, which might be in use."""
        with contextlib.suppress(FileNotFoundError):
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISLNK(mode):
                raise _is_outside(path)
            if not stat.S_ISREG(mode):
                message = f"{path}: is no regular file; nothing was written there"
                raise DriftError(message)


def _parts(path: str) -> list[str]:
    """Split a path; raise ``DriftError`` where it leads out, or names git's folder."""
    parts = [*PurePosixPath(path).parts]
    if not parts or ".." in parts or parts[0].startswith("/") or "\0" in path:
        raise _is_outside(path)
    if any(is_git_name(part) for part in parts):
        raise _is_git(path)
    return parts


def is_git_name(part: str) -> bool:
    """Return True for a name that some file system takes for ``.git``."""
    plain = _INVISIBLE.sub("", part).partition(":")[0].rstrip(" .").casefold()
    return plain in {".git", "git~1"}


def _git_folders(root: Path) -> Iterator[Path]:
    """Yield the folders in which git keeps a repository: ``.git`` or what it names."""
    entry = root / ".git"
    yield entry
    try:
        if not stat.S_ISREG(entry.lstat().st_mode):
            return
        with entry.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(4096)
    except OSError:
        return
    if text.startswith("gitdir:"):
        yield root / text.removeprefix("gitdir:").strip()


def _opened(folder: int, part: str, path: str) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EMLINK, errno.ENOTDIR}:
            mode = os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISLNK(mode):
                raise _is_outside(path) from None
        raise


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _is_outside(path: str) -> DriftError:
    message = (
        f"{path!r} is a link or leads out of the repository; nothing was written there"
    )
    return DriftError(message)


def _is_git(path: str) -> DriftError:
    return DriftError(f"{path!r} belongs to git; nothing was written there")
