"""The file storage as connectors have it: paths that may be, files of a bounded size, and the news of a file.

A folder is there when somebody made it or anything stands below it. A path means the same with a slash before it or
without.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from recipeyard.runtime import interface, workspace
from recipeyard.sql import database
from recipeyard.sql import files as file_rows
from recipeyard.work.running import tables

MOST = 10_000_000
"""How many bytes a file has at most: with its name and times it must fit into a step's output."""

PATH_BYTES = 1024
SUBJECT = "files"


class Files:
    """The files of a workspace, in one transaction."""

    def __init__(self, tx: database.Tx, workspace_id: int, publish: tables.Publish) -> None:
        self._tx = tx
        self._workspace_id = workspace_id
        self._publish = publish

    def search(self, folder: str, *, recursive: bool) -> Sequence[workspace.File]:
        """The files below a folder, by path."""
        start = _inside(checked(folder))
        found = [each for each in file_rows.below(self._tx, self._workspace_id, start) if not each.is_folder]
        return [_file(each) for each in found if recursive or "/" not in each.path[len(start) :]]

    def find(self, path: str) -> workspace.File:
        """A file. `Failure` where there is none."""
        return _file(self._there(checked(path)))

    def read(self, path: str) -> bytes:
        """A file's content. `Failure` where there is none."""
        return file_rows.content(self._tx, self._there(checked(path)).id)

    def store(self, path: str, content: bytes, *, overwrite: bool) -> workspace.File:
        """A new file, or another content. `Failure` where one is there that is not to be overwritten."""
        at = checked(path)
        _refuse_large(at, len(content))
        stored, is_new = self._claim(at)
        if not is_new and not overwrite:
            raise interface.Failure(f"file {at!r} is there already", "FileExists")
        file_rows.write(self._tx, stored.id, content)
        return self._written(at, content, is_new=is_new)

    def append(self, path: str, content: bytes) -> workspace.File:
        """Content at the end of a file, which is made where it is not there."""
        at = checked(path)
        stored, is_new = self._claim(at)
        _refuse_large(at, stored.size + len(content))
        whole = file_rows.content(self._tx, stored.id) + content
        file_rows.write(self._tx, stored.id, whole)
        return self._written(at, whole, is_new=is_new)

    def delete(self, path: str) -> bool:
        """A file goes; whether there was one."""
        at = checked(path)
        stored = file_rows.find(self._tx, self._workspace_id, at)
        if stored is None or stored.is_folder:
            return False
        file_rows.delete(self._tx, stored.id)
        return True

    def make_folder(self, path: str) -> bool:
        """A folder is there; whether it is new."""
        at = checked(path)
        if at == "/":
            return False
        self._refuse_files_above(at)
        was_there = file_rows.is_any_below(self._tx, self._workspace_id, _inside(at))
        stored, is_new = file_rows.claim(self._tx, self._workspace_id, at, folder=True)
        if not stored.is_folder:
            raise interface.Failure(f"{at!r} is a file, and no folder", "FileExists")
        return is_new and not was_there

    def delete_folder(self, path: str) -> int:
        """A folder goes with all that is below it; how many files went. `Failure` for the storage itself."""
        at = checked(path)
        if at == "/":
            raise interface.Failure("the whole storage can't be deleted as a folder", "Invalid")
        own = file_rows.find(self._tx, self._workspace_id, at)
        if own is not None and not own.is_folder:
            raise interface.Failure(f"{at!r} is a file, and no folder", "NotFound")
        if own is None and not file_rows.is_any_below(self._tx, self._workspace_id, _inside(at)):
            raise interface.Failure(f"there is no folder {at!r}", "NotFound")
        if own is not None:
            file_rows.delete(self._tx, own.id)
        return file_rows.delete_below(self._tx, self._workspace_id, _inside(at))

    def _claim(self, at: str) -> tuple[file_rows.Stored, bool]:
        if at == "/":
            raise interface.Failure("a file has a name: the path is that of the storage itself", "Invalid")
        self._refuse_files_above(at)
        stored, is_new = file_rows.claim(self._tx, self._workspace_id, at, folder=False)
        if stored.is_folder or (is_new and file_rows.is_any_below(self._tx, self._workspace_id, _inside(at))):
            raise interface.Failure(f"{at!r} is a folder, and no file", "FileExists")
        return stored, is_new

    def _refuse_files_above(self, at: str) -> None:
        above = [str(each) for each in PurePosixPath(at).parents if str(each) != "/"]
        if above and (found := file_rows.file_among(self._tx, self._workspace_id, above)):
            raise interface.Failure(f"{found!r} is a file, and no folder", "FileExists")

    def _there(self, at: str) -> file_rows.Stored:
        stored = file_rows.find(self._tx, self._workspace_id, at)
        if stored is None or stored.is_folder:
            raise interface.Failure(f"there is no file {at!r}", "NotFound")
        return stored

    def _written(self, at: str, content: bytes, *, is_new: bool) -> workspace.File:
        file = _file(self._there(at))
        if is_new:
            with tables.failing():
                self._publish(SUBJECT, file.told | {"content": content})
        return file


def checked(path: str) -> str:
    """A path in its one spelling: a slash before each part, none at its end. `Failure` for a path that can't be."""
    parts = [part for part in path.split("/") if part]
    spelled = "/" + "/".join(parts)
    if what := next(_oddities(path, parts, spelled), None):
        raise interface.Failure(f"{path[:200]!r} is no path of a file: it {what}", "Invalid")
    return spelled


def _oddities(path: str, parts: Sequence[str], spelled: str) -> Iterator[str]:
    if not path.strip():
        yield "is blank"
    if ".." in parts or "." in parts:
        yield "has a part that is . or .."
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in path):
        yield "has control characters"
    if len(spelled.encode(errors="replace")) > PATH_BYTES:
        yield f"is longer than {PATH_BYTES} bytes"


def _refuse_large(at: str, size: int) -> None:
    if size > MOST:
        raise interface.Failure(f"file {at!r} would have {size} bytes: {MOST} are the most", "TooLarge")


def _inside(folder: str) -> str:
    return folder if folder == "/" else f"{folder}/"


def _file(stored: file_rows.Stored) -> workspace.File:
    return workspace.File(stored.path, stored.size, stored.created_at, stored.updated_at)
