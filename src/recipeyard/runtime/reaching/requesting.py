"""A request and where it leads: redirects are followed, credentials stay at home, and failures say what came back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from urllib import parse

from recipeyard.runtime import interface, outbound, values
from recipeyard.runtime.reaching import access

MOST_REDIRECTS = 10
_HARMLESS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def perform(out: outbound.Outbound, with_: access.Access, send: outbound.Send, now: datetime) -> outbound.Answer:
    """The last answer. Whatever leads elsewhere gets no credentials and none of the step's own headers.

    Raises `interface.Failure`; `Stale` is for who knows whether it would help.
    """
    current, is_home = send, True
    for _ in range(MOST_REDIRECTS + 1):
        answer = out.request(with_.sent(current, now) if is_home else current)
        location = answer.headers.get("location")
        if answer.status not in _REDIRECTS or not location:
            return answer
        following = _redirected(current, answer.status, location)
        if access.origin(following.url) != access.origin(current.url):
            is_home = False
            following = replace(following, headers=_harmless(following.headers))
        current = following
    raise interface.Failure(f"It redirects more than {MOST_REDIRECTS} times", "TooManyRedirects")


def _redirected(send: outbound.Send, status: int, location: str) -> outbound.Send:
    try:
        url = parse.urljoin(send.url, location)
    except ValueError as e:
        raise interface.Failure("It redirects to what is no address", "AnswerInvalid") from e
    is_kept = status in {307, 308} or send.method.upper() in {"GET", "HEAD"}
    if is_kept:
        return replace(send, url=url)
    headers = {name: value for name, value in send.headers.items() if name.lower() != "content-type"}
    return replace(send, url=url, method="GET", body=b"", headers=headers)


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in _HARMLESS}


def refused(answer: outbound.Answer, url: str) -> interface.Failure:
    """What an answer that is no success is to a step: its sentence, and what a catch step may read of it."""
    host = access.origin(url)[1]
    phrase = _phrase(answer.status)
    family = "client_error" if answer.status < 500 else "server_error"
    word = phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "") or str(answer.status)
    details: dict[str, values.Value] = {
        "error_type": f"{answer.status} {phrase}".strip(),
        "error_type_id": f"err.http.response.{family}.{word}",
        "http_response": {
            "code": answer.status,
            "status_text": phrase,
            "headers": dict(answer.headers),
            "body": answer.body.decode("utf-8", "replace"),
        },
    }
    return interface.Failure(f"{host} answered {answer.status} {phrase}".strip(), "HTTPError", details)


def stale(answer: outbound.Answer, url: str) -> interface.Stale:
    """The same, where other credentials may help."""
    failure = refused(answer, url)
    return interface.Stale(failure.message, failure.kind, failure.details)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
