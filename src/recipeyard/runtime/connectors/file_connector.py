"""Files within a job: archives made and opened, contents read as text or CSV."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping

from recipeyard.runtime import fields, interface, tabular, values

MOST_BYTES = 10 * 1024 * 1024
"""What the files of one archive may take together, as they are outside of it."""

MOST_FILES = 1_000
"""How many files one archive may have."""

MOST_NAME = 1_024
"""How long the name of a file may be, in bytes."""

_CONTENTS = ("file_contents", "file_content", "contents", "content", "file_binary_content", "file", "data")
_NAMES = ("file_name", "name", "filename", "path")
_FORMATS = ("compression_format", "format", "compression_type", "archive_type")

_File = tuple[str, bytes]


def _compress_file(call: interface.Call) -> interface.Result:
    files = _given(call.input)
    kind = fields.text(fields.first(call.input, *_FORMATS)).strip().lower() or "zip"
    tarred = "tar" in kind or "tar" in fields.text(call.input.get("archive_format")).lower()
    if kind == "zip":
        if fields.first(call.input, "password") is not None:
            raise interface.Failure("archives are made here without a password; leave it empty", kind="Unsupported")
        return _archive(_zipped(files, call))
    if not tarred and len(files) != 1:
        raise interface.Failure("gzip holds one file; for several, choose the archive format tar", kind="Invalid")
    return _archive(gzip.compress(_tarred(files, call) if tarred else files[0][1], mtime=0))


def _archive(content: bytes) -> interface.Result:
    return interface.Result({"compressed_file_contents": content, "size": len(content)})


def _given(given: interface.Object) -> list[_File]:
    listed = fields.convert(
        interface.Field("files", "array"), fields.first(given, "files", "file_list", "source_files")
    )
    files = [_file(each, place) for place, each in enumerate(listed if isinstance(listed, list) else [], 1)]
    if not files:
        raise interface.Failure("files is required", kind="Invalid")
    if len(files) > MOST_FILES:
        raise interface.Failure(f"an archive holds {MOST_FILES:,} files, not {len(files):,}", kind="TooLarge")
    if sum(len(content) for _, content in files) > MOST_BYTES:
        raise interface.Failure(f"the files take more than {MOST_BYTES:,} bytes", kind="TooLarge")
    return files


def _file(given: values.Value, place: int) -> _File:
    if not isinstance(given, Mapping):
        raise interface.Failure(f"files[{place - 1}] must have a name and contents", kind="Invalid")
    name = fields.text(fields.first(given, *_NAMES)) or f"file_{place}"
    if len(name.encode()) > MOST_NAME:
        raise interface.Failure(f"files[{place - 1}] has a name of more than {MOST_NAME:,} bytes", kind="TooLarge")
    return name, _bytes(fields.first(given, *_CONTENTS))


def _bytes(value: values.Value) -> bytes:
    return value if isinstance(value, bytes) else fields.text(value).encode()


def _zipped(files: list[_File], call: interface.Call) -> bytes:
    written = io.BytesIO()
    moment = (max(call.now.year, 1980), *call.now.timetuple()[1:6])
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return written.getvalue()


def _tarred(files: list[_File], call: interface.Call) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), int(call.now.timestamp())
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def _uncompress_file(call: interface.Call) -> interface.Result:
    content = _bytes(fields.first(call.input, "compressed_file_contents", *_CONTENTS))
    if not content:
        raise interface.Failure("file_contents is required: the archive", kind="Invalid")
    password = fields.text(call.input.get("password")).encode() or None
    name = fields.text(fields.first(call.input, *_NAMES))
    try:
        files = list(_bounded(_opener(content, name, password)))
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError, zlib.error) as error:
        raise interface.Failure(f"the archive can't be read: {error}", kind="Invalid") from None
    except (NotImplementedError, RuntimeError) as error:
        raise interface.Failure(f"the archive can't be opened: {error}", kind="Unsupported") from None
    return interface.Result(
        {"files": [{"file_name": each, "file_contents": inner, "file_size": len(inner)} for each, inner in files]}
    )


def _bounded(files: Iterator[_File]) -> Iterator[_File]:
    left = MOST_BYTES
    for number, (name, content) in enumerate(files, 1):
        left -= len(content)
        if number > MOST_FILES:
            raise interface.Failure(f"the archive holds more than {MOST_FILES:,} files", kind="TooLarge")
        if left < 0:
            raise interface.Failure(f"the archive's files take more than {MOST_BYTES:,} bytes", kind="TooLarge")
        yield name, content


def _opener(content: bytes, name: str, password: bytes | None) -> Iterator[_File]:
    """The files of an archive, each read no further than one byte beyond the limit."""
    if content.startswith(b"PK"):
        return _unzipped(content, password)
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as stream:
            inner = stream.read(MOST_BYTES + 1)
        if len(inner) > MOST_BYTES or not _is_tar(inner):
            return iter([(name.removesuffix(".gz") or "file", inner)])
        return _untarred(inner)
    if _is_tar(content):
        return _untarred(content)
    raise interface.Failure("the archive is neither zip, gzip nor tar", kind="Invalid")


def _is_tar(content: bytes) -> bool:
    return tarfile.is_tarfile(io.BytesIO(content))


def _unzipped(content: bytes, password: bytes | None) -> Iterator[_File]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                with archive.open(entry, pwd=password) as stream:
                    yield entry.filename, stream.read(MOST_BYTES + 1)


def _untarred(content: bytes) -> Iterator[_File]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:", encoding="utf-8", errors="replace") as archive:
        for entry in archive:
            stream = archive.extractfile(entry) if entry.isfile() else None
            if stream is not None:
                yield entry.name, stream.read(MOST_BYTES + 1)


def _read_file(call: interface.Call) -> interface.Result:
    """A file's content as text, and as lines where the recipe says what its columns are."""
    given = fields.first(call.input, *_CONTENTS)
    if given is None:
        raise interface.Failure("file_contents is required", kind="Invalid")
    text = tabular.text(given, call.input.get("encoding"), "file_contents")
    output: dict[str, values.Value] = {"content": text, "size": len(_bytes(given))}
    for field in fields.outputs(call.step):
        if field.type == "array":
            records = tabular.records({**call.input, "csv_content": text}, field.fields)
            output[field.name] = [fields.fit(field.fields, each) for each in records]
    return interface.Result(output)


def _action(
    name: str, title: str, run: Callable[[interface.Call], interface.Result], output: tuple[interface.Field, ...]
) -> interface.Action:
    return interface.Action(name, run, title, interface.Effect.PURE, output=output)


CONNECTOR = interface.Connector(
    name="file_connector",
    title="File tools",
    actions=(
        _action(
            "uncompress_file",
            "Open an archive",
            _uncompress_file,
            (
                interface.Field(
                    "files",
                    "array",
                    fields=(
                        interface.Field("file_name"),
                        interface.Field("file_contents"),
                        interface.Field("file_size", "integer"),
                    ),
                ),
            ),
        ),
        _action(
            "read_file", "Read a file", _read_file, (interface.Field("content"), interface.Field("size", "integer"))
        ),
        _action(
            "compress_file",
            "Make an archive",
            _compress_file,
            (interface.Field("compressed_file_contents"), interface.Field("size", "integer")),
        ),
    ),
)
