"""The bytes of an upload, whatever they come wrapped in: raw, as the first file of a form, or in base64.

The declared content type counts for nothing but to find a form's boundary; the bytes say what they are.
"""

import base64
import binascii
import re
from collections.abc import AsyncIterator

import multipart

from recipeyard.archive import reader
from recipeyard.model import errors

_BASE64_HEADS = (b"UEsD", b"UEsF")
_HEAD = 4
_FORM_BYTES = 64 * 1024
NOT_A_ZIP = "Invalid package: not a zip archive"


def check_announced(size: int | None, limit: int) -> None:
    """Raises `errors.TooLarge` for a body whose length says already that it can't hold an archive within the limit."""
    if size is not None and size > _most(limit):
        raise _too_large(limit)


async def archive(content_type: str, chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The zip's own bytes as they arrive.

    Raises `errors.Invalid` as soon as they can't be a zip, `errors.TooLarge` as soon as they exceed `limit` bytes.
    """
    arriving = _within(chunks, _most(limit), limit)
    if content_type.lower().startswith("multipart/form-data"):
        arriving = _first_file(content_type, arriving)
    async for chunk in _within(_unwrapped(arriving), limit, limit):
        yield chunk


async def _within(chunks: AsyncIterator[bytes], most: int, limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise _too_large(limit)
        yield chunk


def _most(limit: int) -> int:
    """A body may be larger than the archive in it by what base64 adds, or a form."""
    return limit * 3 // 2 + _FORM_BYTES


def _too_large(limit: int) -> errors.TooLarge:
    return errors.TooLarge(f"The package is larger than {limit} bytes")


async def _unwrapped(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    if reader.looks_like_zip(head):
        yield head
        async for chunk in chunks:
            yield chunk
    elif head.lstrip()[:_HEAD] in _BASE64_HEADS:
        async for chunk in _decoded(head, chunks):
            yield chunk
    else:
        raise errors.Invalid(NOT_A_ZIP)


async def _decoded(text: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    text = re.sub(rb"\s", b"", text)
    try:
        async for chunk in chunks:
            text += re.sub(rb"\s", b"", chunk)
            whole = len(text) // 4 * 4
            yield base64.b64decode(text[:whole], validate=True)
            text = text[whole:]
        yield base64.b64decode(text, validate=True)
    except binascii.Error as e:
        raise errors.Invalid(f"Invalid package: not valid base64 ({e})") from e


async def _first_file(content_type: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    _, options = multipart.parse_options_header(content_type)
    if not options.get("boundary"):
        raise errors.Invalid("Invalid package: the form names no boundary")
    found = inside = False
    with multipart.PushMultipartParser(options["boundary"]) as parser:
        try:
            async for chunk in chunks:
                for event in parser.parse(chunk):
                    if isinstance(event, multipart.MultipartSegment):
                        inside = not found and event.filename is not None
                        found = found or inside
                    elif event and inside:
                        yield bytes(event)
            parser.close()
        except multipart.MultipartError as e:
            raise errors.Invalid(f"Invalid package: the form can't be read ({e})") from e
    if not found:
        raise errors.Invalid("Invalid package: the form holds no file")
