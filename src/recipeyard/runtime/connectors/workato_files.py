"""File storage: files and folders of the workspace, each step in the transaction of its journal; and news of files.

Text comes out as text; what is no UTF-8 comes out as bytes. The lines of a CSV file are objects by its header, or by
the names that the step's own output schema has for its columns.
"""

import csv
import io
import itertools
from collections.abc import Callable, Mapping, Sequence

from recipeyard.runtime import inputs, interface, tabular, values
from recipeyard.runtime.interface import Call, Field, Result

LINES, PAGE = 50_000, 100
"""How many lines, and how many files, one look gives at most."""

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "colon": ":", "space": " "}
_QUOTES = {"double": '"', "single": "'"}
_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda name, value: name == value,
    "not_equals": lambda name, value: name != value,
    "contains": lambda name, value: value in name,
    "not_contains": lambda name, value: value not in name,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_SAME = {"eq": "equals", "equal": "equals", "equals_to": "equals", "ne": "not_equals", "not_equals_to": "not_equals"}


def _store(call: Call) -> Result:
    content = _content(call.input.get("content"))
    overwrite = inputs.switch(call.input, "overwrite")
    return Result(call.workspace.files.store(_path(call.input), content, overwrite=overwrite).told)


def _append(call: Call) -> Result:
    content = _content(call.input.get("content"))
    return Result(call.workspace.files.append(_path(call.input), content).told | {"appended_size": len(content)})


def _read(call: Call) -> Result:
    files, path = call.workspace.files, _path(call.input)
    return Result(files.find(path).told | {"content": _text(files.read(path))})


def _lines(call: Call) -> Result:
    path = _path(call.input)
    limit = inputs.number(call.input, "batch_size", 1000, LINES)
    offset = inputs.number(call.input, "batch_offset", 0, 10**9)
    found = _parsed(call.input, call.workspace.files.read(path))
    listed, names = _schema(call.step)
    lines = [{names.get(name, name): text for name, text in line.items()} for line in found[offset : offset + limit]]
    shown = call.workspace.files.find(path).told
    return Result(shown | {"batch_size": len(lines), "batch_offset": offset, listed: lines})


def _search(call: Call) -> Result:
    folder = str(call.input.get("directory_path") or call.input.get("file_path") or "/")
    size = inputs.number(call.input, "page_size", 50, PAGE)
    page = inputs.number(call.input, "page_offset", 0, 10**9)
    test, value = _name_test(call.input.get("file_name"))
    found = [each.told for each in call.workspace.files.search(folder, recursive=True)]
    met = [each for each in found if value is None or _MATCHES[test](str(each["name"]), value)]
    return Result({"page_offset": page, "page_size": size, "files": met[page * size : (page + 1) * size]})


def _delete(call: Call) -> Result:
    path = _path(call.input)
    if not call.workspace.files.delete(path):
        raise interface.Failure(f"there is no file {path!r}", "NotFound")
    return Result({"path": path})


def _make_folder(call: Call) -> Result:
    path = _path(call.input)
    return Result({"created": call.workspace.files.make_folder(path), "path": path})


def _delete_folder(call: Call) -> Result:
    path = _path(call.input)
    return Result({"count": call.workspace.files.delete_folder(path), "path": path})


def _path(given: interface.Object) -> str:
    """The path of a file or a folder: in one field, or its folder and its name."""
    folder = next((str(given[name]) for name in ("file_path", "directory_path", "path") if given.get(name)), "")
    name = next((str(given[name]) for name in ("file_name", "directory_name") if given.get(name)), "")
    if not folder and not name:
        raise interface.Failure("file_path is required, and says nothing here", "Invalid")
    return "/" + "/".join(part for part in f"{folder}/{name}".split("/") if part)


def _content(value: values.Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, Mapping | list | tuple):
        raise interface.Failure(
            "content must be a text or bytes: a list or an object has to be spelled first", "Invalid"
        )
    return ("" if value is None else str(value)).encode(errors="surrogatepass")


def _text(content: bytes) -> values.Value:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _name_test(given: values.Value) -> tuple[str, str | None]:
    """How names of files are compared, and with what; None where every name will do."""
    if not isinstance(given, Mapping):
        return "equals", str(given) if given else None
    word = next((str(value) for key, value in given.items() if key != "value" and value), "equals")
    test = _SAME.get(word, word)
    if test not in _MATCHES:
        raise interface.Failure(f"file_name: {word[:60]!r} is not one of {', '.join(_MATCHES)}", "Invalid")
    return test, str(given["value"]) if given.get("value") else None


def _parsed(given: interface.Object, content: bytes) -> list[dict[str, str]]:
    """The lines of a CSV file by its header, or as `column_1` and so on. `Failure` for what is no CSV, or too long."""
    word = str(given.get("csv_delimiter") or "comma")
    quote = str(given.get("csv_quote") or "double")
    delimiter = _DELIMITERS.get(word, word)
    csv.field_size_limit(tabular.MOST_CHARACTERS)
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        reader = csv.reader(text, delimiter=delimiter, quotechar=_QUOTES.get(quote, quote), strict=True)
        lines = list(itertools.islice((line for line in reader if line), tabular.MOST_ROWS + 2))
    except (csv.Error, TypeError, UnicodeDecodeError) as e:
        raise interface.Failure(f"the file is no CSV file: {e}", "Invalid") from e
    if inputs.switch(given, "csv_has_header", standard=True):
        header, lines = (lines[0], lines[1:]) if lines else ([], [])
    else:
        header = [f"column_{at}" for at in range(1, max(map(len, lines), default=0) + 1)]
    if len(lines) > tabular.MOST_ROWS:
        raise interface.Failure(f"the file has more than {tabular.MOST_ROWS:,} lines", "TooLarge")
    return [dict(zip(header, line, strict=False)) for line in lines]


def _schema(step: interface.Object) -> tuple[str, dict[str, str]]:
    """What the step's output schema calls its list of lines, and its columns by their labels."""
    listed = step.get("extended_output_schema")
    found = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, Sequence) else []
    arrays = [each for each in found if each.get("type") == "array" and each.get("name")]
    if not arrays:
        return "lines", {}
    columns = arrays[0].get("properties")
    named = [each for each in columns if isinstance(each, Mapping)] if isinstance(columns, list | tuple) else []
    return str(arrays[0]["name"]), {str(each.get("label") or each.get("name")): str(each.get("name")) for each in named}


def _below(given: interface.Object, payload: interface.Object) -> bool:
    folder = "/".join(
        part for part in str(given.get("directory_path") or given.get("file_path") or "").split("/") if part
    )
    return not folder or str(payload["path"]).startswith(f"/{folder}/")


def _new_file(given: interface.Object, payload: interface.Object) -> interface.Object | None:
    if not _below(given, payload):
        return None
    return {**payload, "content": _text(payload["content"]) if isinstance(payload["content"], bytes) else None}


def _new_csv(given: interface.Object, payload: interface.Object) -> interface.Object | None:
    """All lines of a new CSV file in one event; a file of another kind is none."""
    content = payload["content"]
    if not _below(given, payload) or not str(payload["name"]).casefold().endswith(".csv"):
        return None
    lines = _parsed(given, content if isinstance(content, bytes) else b"")
    return {key: value for key, value in payload.items() if key != "content"} | {"lines": lines}


def _action(
    name: str, title: str, run: Callable[[Call], Result], given: Sequence[Field], output: Sequence[Field]
) -> interface.Action:
    return interface.Action(name, run, title, interface.Effect.HERE, tuple(given), tuple(output))


_AT = (Field("file_path", label="Path"), Field("file_name", label="Name"))
_FOLDER = (Field("directory_path", label="Folder"), Field("directory_name", label="Name"))
_PATH = Field("path", label="File path")
_FILE = (
    Field("name", label="File name"),
    _PATH,
    Field("size", "integer", label="Size in bytes"),
    Field("created_at", "date_time", label="Created at"),
    Field("updated_at", "date_time", label="Changed at"),
)
_CONTENT = Field("content", label="Content")
_CSV = (Field("csv_has_header", "boolean"), Field("csv_delimiter"), Field("csv_quote"))
_BATCH = (Field("batch_size", "integer"), Field("batch_offset", "integer"))
_PAGE = (Field("page_offset", "integer"), Field("page_size", "integer"))
_COUNT = Field("count", "integer", label="Files")
_LINES = Field("lines", "array", label="Lines")

CONNECTOR = interface.Connector(
    "workato_files",
    "File storage",
    triggers=(
        interface.Trigger(
            "new_file",
            interface.Subject(lambda _: "files", _new_file),
            "New file",
            (Field("directory_path", label="Folder"),),
            (*_FILE, _CONTENT),
        ),
        interface.Trigger(
            "new_csv_file",
            interface.Subject(lambda _: "files", _new_csv),
            "New CSV file",
            (Field("directory_path", label="Folder"), *_CSV),
            (*_FILE, _LINES),
        ),
    ),
    actions=(
        _action("store_file", "Create a file", _store, (*_AT, _CONTENT, Field("overwrite", "boolean")), _FILE),
        _action(
            "append_to_file",
            "Append to a file",
            _append,
            (*_AT, _CONTENT),
            (*_FILE, Field("appended_size", "integer", label="Size of what was appended")),
        ),
        _action("get_file_contents", "Read a file", _read, _AT, (*_FILE, _CONTENT)),
        _action("get_csv_file_contents", "Read lines", _lines, (*_AT, *_CSV, *_BATCH), (*_FILE, *_BATCH, _LINES)),
        _action(
            "search_files",
            "Search files",
            _search,
            (_FOLDER[0], *_PAGE),
            (*_PAGE, Field("files", "array", label="Files", fields=_FILE)),
        ),
        _action("delete_file", "Delete a file", _delete, _AT, (_PATH,)),
        _action("ensure_dir_exists", "Create a folder", _make_folder, _FOLDER, (_PATH, Field("created", "boolean"))),
        _action("delete_directory", "Delete a folder", _delete_folder, _FOLDER, (_PATH, _COUNT)),
    ),
)
