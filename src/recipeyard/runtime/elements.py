"""XML as objects: each element a list of objects under its name, attributes with `@`, its text as `content!`."""

from xml.parsers import expat

from recipeyard.runtime import interface, values

MOST_DEPTH = 100
MOST_ELEMENTS = 500_000


class _Reader:
    """Gathers elements as they open and close."""

    def __init__(self) -> None:
        self.root: dict[str, values.Value] = {}
        self._open = [self.root]
        self._texts: list[list[str]] = [[]]
        self._count = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        self._count += 1
        if len(self._open) > MOST_DEPTH or self._count > MOST_ELEMENTS:
            what = f"The XML has more than {MOST_ELEMENTS:,} elements, or nests deeper than {MOST_DEPTH} levels"
            raise interface.Failure(what, "TooLarge")
        element: dict[str, values.Value] = {f"@{_local(key)}": value for key, value in attributes.items()}
        beside = self._open[-1].setdefault(_local(name), [])
        if isinstance(beside, list):
            beside.append(element)
        self._open.append(element)
        self._texts.append([])

    def end(self, _: str) -> None:
        """An element closes."""
        element, text = self._open.pop(), "".join(self._texts.pop())
        if text.strip():
            element["content!"] = text

    def data(self, text: str) -> None:
        """Text between tags."""
        self._texts[-1].append(text)


def read(content: bytes) -> dict[str, values.Value]:
    """What XML says. `Failure` where it is none, or where it brings a document type: those can be bombs."""
    reader, parser = _Reader(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.data, _refuse
    ended = True
    try:
        parser.Parse(content, ended)
    except (expat.ExpatError, LookupError, ValueError) as e:
        raise interface.Failure(f"The answer is no XML: {e}", "AnswerInvalid") from e
    return reader.root


def _refuse(*_: object) -> None:
    raise interface.Failure("The answer is XML with a document type, which is refused", "AnswerInvalid")


def _local(name: str) -> str:
    return name if name.startswith("xmlns") else name.rpartition(":")[2]
