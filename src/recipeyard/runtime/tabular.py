"""CSV: text into rows and rows into text, within limits."""

import csv
import io
from collections.abc import Iterable, Sequence

from recipeyard.runtime import fields, interface, values

MOST_ROWS = 100_000
"""How many rows one text may have."""

MOST_CHARACTERS = 10 * 1024 * 1024
"""How long one text may be."""

_WORDS = {
    "comma": ",",
    "tab": "\t",
    "\\t": "\t",
    "semicolon": ";",
    "pipe": "|",
    "colon": ":",
    "space": " ",
    "caret": "^",
    "hyphen": "-",
    "double_quote": '"',
    "double": '"',
    "single_quote": "'",
    "single": "'",
}


_CONTENT = ("csv_content", "csv", "csv_contents", "content", "file_content", "list_source", "data")
_NO_MARKS = frozenset("\r\n\0")
_NO_QUOTE = frozenset({"none", "no", "false"})


def separator_of(given: interface.Object, *names: str) -> str:
    """The separator under the first of these names that has one; a tab or a space is one too. `Failure` names it."""
    name = next((each for each in names if given.get(each) not in (None, "")), names[0])
    return character(given.get(name), ",", name)


def character(value: values.Value, standard: str, name: str) -> str:
    """A separator or quote: one character, or its name. `Failure` names the field."""
    words = value if isinstance(value, str) and value else standard
    found = _WORDS.get(words.strip().lower(), words)
    if len(found) != 1 or found in _NO_MARKS:
        raise interface.Failure(f"{name} must be one character, not “{words}”", kind="Invalid")
    return found


def text(value: values.Value, encoding: values.Value, name: str) -> str:
    """The text of a file's content; UTF-8 where no encoding is named. `Failure` names the field."""
    if not isinstance(value, bytes):
        content = fields.text(value)
    else:
        named = fields.text(encoding).strip() or "utf-8"
        try:
            content = value.decode(named)
        except UnicodeDecodeError:
            raise interface.Failure(f"{name} is no text in {named}", kind="Invalid") from None
        except (LookupError, ValueError):
            raise interface.Failure(f"there is no encoding “{named}”", kind="Invalid") from None
    if len(content) > MOST_CHARACTERS:
        raise interface.Failure(f"{name} is longer than {MOST_CHARACTERS:,} characters", kind="TooLarge")
    return content.removeprefix("\ufeff")


def rows(content: str, separator: str = ",", quote: str | None = '"') -> list[list[str]]:
    """The rows of a text; empty lines are none. Without a quote, quotes are text. `Failure` names line or limit."""
    csv.field_size_limit(MOST_CHARACTERS)
    source = io.StringIO(content, newline="")
    if quote:
        reader = csv.reader(source, delimiter=separator, quotechar=quote)
    else:
        reader = csv.reader(source, delimiter=separator, quoting=csv.QUOTE_NONE)
    found: list[list[str]] = []
    try:
        for row in reader:
            if row:
                found.append(row)
            if len(found) > MOST_ROWS:
                raise interface.Failure(f"the CSV has more than {MOST_ROWS:,} rows", kind="TooLarge")
    except csv.Error as error:
        raise interface.Failure(f"the CSV can't be read in line {reader.line_num}: {error}", kind="Invalid") from None
    return found


def records(given: interface.Object, known: Sequence[interface.Field]) -> list[dict[str, values.Value]]:
    """The lines of a CSV as an input describes it: content, separator, quote, header, and how columns are told apart.

    Without known columns they are named by the first line; where they go by their order, `column_0` and so on.
    """
    content = text(fields.first(given, *_CONTENT), given.get("encoding"), _CONTENT[0])
    mark = fields.text(fields.first(given, "quote_char", "quote", "quote_character")).strip().lower()
    separator = separator_of(given, "col_sep", "column_separator", "delimiter")
    quote = None if mark in _NO_QUOTE else character(mark, '"', "quote_char")
    if quote == separator:
        raise interface.Failure(f"col_sep and quote_char can't both be “{separator}”", kind="Invalid")
    lines = rows(content, separator, quote)
    by = fields.text(given.get("column_value_by"))
    head = lines[0] if lines and _headed(given, lines[0], known, by) else None
    names, places = _columns(head, known, by, max(map(len, lines), default=0))
    return [
        {name: line[place] if 0 <= place < len(line) else None for name, place in zip(names, places, strict=True)}
        for line in (lines[1:] if head else lines)
    ]


def _headed(given: interface.Object, line: Sequence[str], known: Sequence[interface.Field], by: str) -> bool:
    """Whether the first line names the columns: as the input says, else where it looks so."""
    said = fields.truth(fields.first(given, "skip_first_line", "headers", "has_header", "csv_has_header"))
    if said is not None:
        return said
    looks = list(line) in ([each.name for each in known], [each.label for each in known])
    return looks or by == "header" or (not known and by != "index")


def _columns(
    head: Sequence[str] | None, known: Sequence[interface.Field], by: str, width: int
) -> tuple[list[str], list[int]]:
    """The names of columns, and where each stands in a line; -1 for one that is not there."""
    if not known:
        names = list(head or ()) if by != "index" else []
        return [*names, *(f"column_{place}" for place in range(len(names), width))], list(range(max(width, len(names))))
    if head is None or by == "index":
        return [each.name for each in known], list(range(len(known)))
    stands = {each: place for place, each in reversed(list(enumerate(head)))}
    found = [stands.get(each.label, stands.get(each.name, -1)) for each in known]
    return [each.name for each in known], found if by == "header" or -1 not in found else list(range(len(known)))


def compose(lines: Iterable[Sequence[values.Value]], separator: str = ",", *, quoted: bool = False) -> str:
    """Rows as text, each ended by a line feed. `quoted` puts quotes round everything."""
    written = io.StringIO(newline="")
    writer = csv.writer(
        written, delimiter=separator, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    writer.writerows([fields.text(cell) for cell in line] for line in lines)
    return written.getvalue()
