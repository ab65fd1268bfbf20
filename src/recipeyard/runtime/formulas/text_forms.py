"""Methods of texts that make names of them, and that read and write other notations: HTML, XML, JSON, YAML."""

import html
import re
from collections.abc import Callable
from typing import Any

import msgspec
import yaml
from anyascii import anyascii

from recipeyard.runtime.formulas import frames, kinds, markup, spelling

_ACRONYM = re.compile(r"([A-Z\d]+)([A-Z][a-z])")
_CAMEL = re.compile(r"([a-z\d])([A-Z])")
_FIRST_LETTER = re.compile(r"\b(?<![\u2019'`()])[a-z]")
_TAG = re.compile(r"<!--.*?-->|<(?:script|style)\b[^>]*>.*?</(?:script|style)\s*>|</?[a-zA-Z!][^<>]*>", re.S | re.I)


def underscore(text: str) -> str:
    """`CamelCase` as `camel_case`."""
    return _CAMEL.sub(r"\1_\2", _ACRONYM.sub(r"\1_\2", text.replace("::", "/"))).replace("-", "_").lower()


def _humanize(_: frames.Frame, text: str) -> str:
    return humanize(text)


def humanize(text: str) -> str:
    """`author_id` as `Author`."""
    plain = re.sub(r"\A_+", "", text)
    plain = re.sub(r"_id\Z", "", plain).replace("_", " ").lower() if plain != "_id" else plain
    return plain[:1].upper() + plain[1:]


def _titleize(_: frames.Frame, text: str) -> str:
    return _FIRST_LETTER.sub(lambda letter: letter.group().upper(), humanize(underscore(text)))


def _parameterize(_: frames.Frame, text: str, *, separator: Any = "-", preserve_case: Any = False) -> str:
    joint = kinds.text(separator)
    plain = re.sub(r"[^a-zA-Z0-9\-_]+", joint, transliterated(text))
    if joint:
        edge = re.escape(joint)
        plain = re.sub(f"^(?:{edge})+|(?:{edge})+$", "", re.sub(f"(?:{edge}){{2,}}", joint, plain))
    return plain if preserve_case else plain.lower()


_LETTERS = {"Æ": "AE", "Œ": "OE", "Ĳ": "IJ", "Ǆ": "DZ"}


def transliterated(text: str, by: str = "?") -> str:
    """The text in ASCII; what has no letters in ASCII becomes `by`."""
    return "".join(each if each.isascii() else _LETTERS.get(each) or anyascii(each) or by for each in text)


def _camelize(_: frames.Frame, text: str, first: Any = "upper") -> str:
    words = re.split(r"[_\s]+", text)
    start = words[0][:1].lower() + words[0][1:] if first == "lower" else words[0][:1].upper() + words[0][1:]
    return start + "".join(each[:1].upper() + each[1:] for each in words[1:])


def _labelize(_: frames.Frame, text: str) -> str:
    words = [each for each in re.split(r"_+|(?<=[a-z])(?=[A-Z\d])|(?<=\d)(?=[A-Za-z])", text) if each]
    return " ".join(_label(each, at) for at, each in enumerate(words))


def _label(word: str, at: int) -> str:
    if word.isupper() or word.lower() in ("id", "url", "uri"):
        return word.upper()
    return word.capitalize() if not at else word.lower()


def strip_tags(text: str) -> str:
    """A text without its HTML tags, and without what scripts and styles hold."""
    return _TAG.sub("", text)


def _unescape_unicode(_: frames.Frame, text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)


def parse_json(frame: frames.Frame, text: Any) -> Any:
    """What a text says in JSON."""
    frame.spend(len(kinds.octets(text)))
    try:
        return kinds.weigh(frame, msgspec.json.decode(kinds.octets(text)))
    except (msgspec.DecodeError, RecursionError) as error:
        raise frames.Refusal(f"the text is no JSON: {error}") from None


def parse_yaml(frame: frames.Frame, text: Any) -> Any:
    """What a text says in YAML, without tags; anchors are refused, since they multiply."""
    source = kinds.text(text)
    frame.spend(len(source))
    if len(source) > _LONGEST_YAML:
        raise frames.Refusal(f"a YAML text is no longer than {_LONGEST_YAML} characters")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source, yaml.SafeLoader)):
            raise frames.Refusal("a YAML text with aliases is refused")
        return kinds.weigh(frame, _plain(yaml.safe_load(source)))
    except (yaml.YAMLError, RecursionError) as error:
        raise frames.Refusal(f"the text is no YAML: {str(error)[:200]}") from None


_LONGEST_YAML = 200_000
_YAML_COST = 40


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {spelling.text(key): _plain(item) for key, item in value.items()}
    return list(map(_plain, value)) if isinstance(value, (list, set, tuple)) else kinds.plain(value)


def render_yaml(frame: frames.Frame, value: Any) -> str:
    """A value in YAML."""
    before = frame.left
    kinds.weigh(frame, value)
    frame.spend(_YAML_COST * (before - frame.left))
    text: str = (
        "---" + _yaml_start(value) + yaml.safe_dump(spelling.jsonable(value), sort_keys=False, allow_unicode=True)
    )
    text = text.removesuffix("...\n")
    frame.room(len(text))
    return text


def _yaml_start(value: Any) -> str:
    return "\n" if isinstance(value, (list, dict)) and value else " "


TEXT: dict[str, Callable[..., Any]] = {
    "titleize": _titleize,
    "titlecase": _titleize,
    "humanize": _humanize,
    "parameterize": _parameterize,
    "transliterate": lambda _, text, by="?": transliterated(text, kinds.text(by)),
    "underscore": lambda _, text: underscore(text),
    "camelize": _camelize,
    "dasherize": lambda _, text: text.replace("_", "-"),
    "labelize": _labelize,
    "strip_tags": lambda _, text: strip_tags(text),
    "escape_html": lambda frame, text: _escaped(frame, text),
    "unescape_html": lambda _, text: html.unescape(text),
    "unescape_unicode": _unescape_unicode,
    "from_xml": markup.from_xml,
    "parse_json": parse_json,
    "parse_yaml": parse_yaml,
}


def _escaped(frame: frames.Frame, text: str) -> str:
    frame.room(len(text) * 6)
    return html.escape(text).replace("&#x27;", "&#39;")
