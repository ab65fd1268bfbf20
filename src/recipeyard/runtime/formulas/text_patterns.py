"""Methods of texts that search them: with regular expressions, or with texts as they are."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import regex

from recipeyard.runtime.formulas import frames, kinds, operators, patterns, spelling

_REFERENCE = re.compile(r"\\(?:(\d)|k<(\w+)>|([&\\]))")
Match = regex.Match[str]


def _replacement(frame: frames.Frame, given: tuple[Any, ...], block: kinds.Block | None) -> Callable[[Match], str]:
    """What a match becomes: a text with references, an object's value for it, or what a block makes of it."""
    if block is not None:
        return lambda found: spelling.text(block(found.group()), frame)
    if not given:
        raise frames.Refusal("it takes what to put in place, or a block")
    by = given[0]
    if isinstance(by, dict):
        return lambda found: spelling.text(by.get(found.group()), frame)
    text = kinds.text(by, "what to put in place")
    if "\\" not in text:
        return lambda _: text
    return lambda found: _REFERENCE.sub(lambda reference: _referred(found, reference), text)


def _referred(found: Match, reference: re.Match[str]) -> str:
    number, name, other = reference.groups()
    if other:
        return found.group() if other == "&" else "\\"
    try:
        return found.group(int(number) if number else name) or ""
    except IndexError:
        return ""


def _substituted(frame: frames.Frame, text: str, sought: Any, replace: Callable[[Match], str], most: int) -> str:
    pieces: list[str] = []
    at = length = 0
    for count, found in enumerate(patterns.each(frame, patterns.pattern(sought), text), 1):
        pieces += (text[at : found.start()], replace(found))
        length += len(pieces[-1]) + len(pieces[-2])
        if length > frame.limits.result_bytes:
            frame.room(length)
        at = found.end()
        if count == most:
            break
    result = "".join(pieces) + text[at:]
    frame.room(len(result))
    return result


def _gsub(frame: frames.Frame, text: str, sought: Any, *by: Any, block: kinds.Block | None = None) -> str:
    if isinstance(sought, str) and len(by) == 1 and type(by[0]) is str and "\\" not in by[0]:
        frame.room(len(text) + text.count(sought) * max(0, len(by[0]) - len(sought)))
        return text.replace(sought, by[0])
    return _substituted(frame, text, sought, _replacement(frame, by, block), -1)


def _sub(frame: frames.Frame, text: str, sought: Any, *by: Any, block: kinds.Block | None = None) -> str:
    return _substituted(frame, text, sought, _replacement(frame, by, block), 1)


def _scan(frame: frames.Frame, text: str, sought: Any) -> list[Any]:
    groups = patterns.pattern(sought)
    return [
        list(found.groups()) if groups.program.groups else found.group() for found in patterns.each(frame, groups, text)
    ]


def _split(frame: frames.Frame, text: str, by: Any = None, limit: Any = 0) -> list[str]:
    most = kinds.whole(limit, "the limit")
    if by is None or by == " ":
        parts = _words(text, most)
    elif isinstance(by, kinds.Pattern) or by == "":
        parts = _split_at(frame, text, by if isinstance(by, kinds.Pattern) else patterns.compiled(""), most)
    else:
        parts = text.split(kinds.text(by, "the separator"), most - 1 if most > 0 else -1)
    frame.items(len(parts))
    while not most and parts and not parts[-1]:
        parts.pop()
    return parts if text else []


def _words(text: str, most: int) -> list[str]:
    if most > 0:
        return text.lstrip().split(None, most - 1)
    return text.split() + ([""] if most < 0 and text[-1:].isspace() else [])


def _split_at(frame: frames.Frame, text: str, by: kinds.Pattern, most: int) -> list[str]:
    parts: list[str] = []
    at = 0
    for found in patterns.each(frame, by, text):
        if most > 0 and len(parts) >= most - 1:
            break
        if found.end() == found.start() and found.start() in (at, len(text)) and found.start() in (0, len(text)):
            continue
        parts += (text[at : found.start()], *(group for group in found.groups() if group is not None))
        at = found.end()
    return [*parts, text[at:]]


def _is_match(frame: frames.Frame, text: str, sought: Any, start: Any = 0) -> bool:
    if isinstance(sought, str):
        sought = patterns.compiled(sought)
    return patterns.found(frame, patterns.pattern(sought), text, kinds.whole(start)) is not None


def _match(frame: frames.Frame, text: str, sought: Any) -> list[Any] | None:
    """The match and its groups as a list."""
    found = patterns.found(
        frame, patterns.compiled(sought) if isinstance(sought, str) else patterns.pattern(sought), text
    )
    return None if found is None else [found.group(), *found.groups()]


def _index(frame: frames.Frame, text: str, sought: Any, start: Any = 0) -> int | None:
    at = kinds.whole(start)
    if at < 0:
        at += len(text)
    if not 0 <= at <= len(text):
        return None
    if isinstance(sought, kinds.Pattern):
        found = patterns.found(frame, sought, text, at)
        return found.start() if found else None
    place = text.find(kinds.text(sought), at)
    return None if place < 0 else place


def _rindex(frame: frames.Frame, text: str, sought: Any) -> int | None:
    if isinstance(sought, kinds.Pattern):
        places = [found.start() for found in patterns.each(frame, sought, text)]
        return places[-1] if places else None
    place = text.rfind(kinds.text(sought))
    return None if place < 0 else place


def _partition(frame: frames.Frame, text: str, sought: Any) -> list[str]:
    found = patterns.found(frame, patterns.pattern(sought), text)
    return [text[: found.start()], found.group(), text[found.end() :]] if found else [text, "", ""]


def _rpartition(_: frames.Frame, text: str, sought: Any) -> list[str]:
    return list(text.rpartition(kinds.text(sought))) if sought != "" else [text, "", ""]


def sliced(frame: frames.Frame, text: str, at: Any, length: Any = None) -> str | None:
    """`text[…]`: a character, a stretch, what a pattern or a group of it matches, or a text if it is there."""
    if isinstance(at, kinds.Pattern):
        found = patterns.found(frame, at, text)
        if found is None:
            return None
        group = found.group(length if isinstance(length, str) else kinds.whole(length or 0))
        return None if group is None else str(group)
    if isinstance(at, str):
        return at if at in text else None
    if isinstance(at, kinds.Range):
        bounds = extent(at, len(text))
        return None if bounds is None else text[bounds[0] : bounds[1]]
    start = kinds.whole(at, "the index")
    if length is None:
        return text[start] if -len(text) <= start < len(text) else None
    return stretch(text, start, kinds.whole(length, "the length"))


Whole = TypeVar("Whole", str, bytes, list[Any])


def stretch(whole: Whole, start: int, length: int) -> Whole | None:
    """So many items from a place on; None where there is no such place."""
    start += len(whole) if start < 0 else 0
    return None if length < 0 or not 0 <= start <= len(whole) else whole[start : start + length]


def extent(bounds: kinds.Range, length: int) -> tuple[int, int] | None:
    """Where a range of places begins and ends in something so long; None where it begins outside."""
    start = kinds.whole(bounds.first or 0)
    start += length if start < 0 else 0
    end = kinds.whole(-1 if bounds.last is None else bounds.last)
    end += length if end < 0 else 0
    if not 0 <= start <= length:
        return None
    return start, max(start, end + (0 if bounds.exclusive and bounds.last is not None else 1))


def _delete(frame: frames.Frame, text: str, *sets: Any) -> str:
    members = [_set(kinds.text(each)) for each in sets]
    frame.room(len(text))
    return "".join(each for each in text if not all(each in letters for letters in members)) if members else text


class _Set:
    """Characters as `tr`, `delete` and `count` name them: `a-z`, `^a-z`."""

    def __init__(self, spelled: str) -> None:
        self.negated = len(spelled) > 1 and spelled[0] == "^"
        self.letters = expanded(spelled[1:] if self.negated else spelled)

    def __contains__(self, letter: str) -> bool:
        return (letter in self.letters) is not self.negated


def _set(spelled: str) -> _Set:
    return _Set(spelled)


def expanded(spelled: str) -> str:
    """Characters with ranges such as `a-z` written out."""
    found: list[str] = []
    at = 0
    while at < len(spelled):
        if at + 2 < len(spelled) and spelled[at + 1] == "-" and spelled[at] <= spelled[at + 2]:
            found += map(chr, range(ord(spelled[at]), min(ord(spelled[at + 2]), ord(spelled[at]) + 65_536) + 1))
            at += 3
        else:
            at += 2 if spelled[at] == "\\" and at + 1 < len(spelled) else 1
            found.append(spelled[at - 1])
    return "".join(found)


def _tr(frame: frames.Frame, text: str, sought: Any, by: Any) -> str:
    old, new = _set(kinds.text(sought)), expanded(kinds.text(by))
    frame.room(len(text))
    if not new:
        return "".join(each for each in text if each not in old)
    return "".join(_traded(each, old, new) for each in text)


def _traded(letter: str, old: _Set, new: str) -> str:
    if letter not in old:
        return letter
    at = len(new) - 1 if old.negated else old.letters.index(letter)
    return new[min(at, len(new) - 1)]


def _count(frame: frames.Frame, text: str, *sets: Any) -> int:
    members = [_set(kinds.text(each)) for each in sets]
    frame.room(len(text))
    return sum(all(each in letters for letters in members) for each in text)


def _squeeze(frame: frames.Frame, text: str, letters: Any = None) -> str:
    members = None if letters is None else _set(kinds.text(letters))
    frame.room(len(text))
    return "".join(
        each for at, each in enumerate(text) if not at or text[at - 1] != each or (members and each not in members)
    )


TEXT: dict[str, Callable[..., Any]] = {
    "gsub": _gsub,
    "sub": _sub,
    "scan": _scan,
    "split": _split,
    "match?": _is_match,
    "match": _match,
    "=~": lambda frame, text, sought: operators.match(frame, text, sought),
    "index": _index,
    "rindex": _rindex,
    "partition": _partition,
    "rpartition": _rpartition,
    "slice": sliced,
    "[]": sliced,
    "at": sliced,
    "delete": _delete,
    "remove": lambda frame, text, *sought: _removed(frame, text, sought),
    "tr": _tr,
    "tr_s": lambda frame, text, sought, by: _squeeze(frame, _tr(frame, text, sought, by), by),
    "count": _count,
    "squeeze": _squeeze,
}


def _removed(frame: frames.Frame, text: str, sought: tuple[Any, ...]) -> str:
    for each in sought:
        text = _gsub(frame, text, each, "")
    return text


PATTERN: dict[str, Callable[..., Any]] = {
    "match?": lambda frame, sought, text: text is not None and _is_match(frame, kinds.text(text), sought),
    "match": lambda frame, sought, text: None if text is None else _match(frame, kinds.text(text), sought),
    "source": lambda _, sought: sought.source,
}
