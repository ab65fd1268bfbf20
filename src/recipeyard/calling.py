"""How the client speaks: one workspace's token, requests, answers, and the failures that are raised for them.

A GET that meets 429 or 5xx is tried again; nothing else is. Whatever is refused is raised as one of `model.errors`, or
as one of the failures below.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import msgspec

import recipeyard
from recipeyard.model import errors, recipes
from recipeyard.wire import received

T = TypeVar("T")

PAGE = 100
_PAUSES_S = (0.5, 1.0, 2.0)
_LONGEST_WAIT_S = 60
STATUS: dict[int, type[errors.Failure]] = {
    400: errors.Invalid,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.TooLarge,
    422: errors.Unprocessable,
}
"""What is raised for an answer of that status."""


class Unreachable(errors.Failure):
    """No answer came, so what was asked for may have been done or not."""


class Foreign(errors.Failure):
    """What answered is none of this API's."""


class NotStarted(errors.Failure):
    """A recipe cannot start; `problems` say why, by step."""

    def __init__(self, problems: tuple[recipes.Problem, ...]) -> None:
        lines = [f"step {each.step}: {each.label}: {each.message}" for each in problems]
        super().__init__("\n".join(lines) or "the recipe can't start")
        self.problems = problems


class Caller:
    """One workspace, as the holder of a token sees it: its requests and answers. Usable from one thread at a time."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 60) -> None:
        self.url = url.strip().rstrip("/").removesuffix("/api")
        self.token = token.strip()
        if not (self.token.isprintable() and self.token.isascii() and self.token):
            raise errors.Invalid("that is no token: it is empty, or holds characters that none has")
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": f"recipeyard/{recipeyard.__version__}"}
        self._http = httpx.Client(base_url=f"{self.url}/api/", headers=headers, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Any call of the API, by its path below `/api/`; the answer as plain values. `more` is what httpx takes."""
        return self._ask(Any, method, path, **more)

    def _pages(self, kind: Any, path: str, **asked: Any) -> Iterator[Any]:
        """Everything a list holds, page after page, until one is not full."""
        wanted = {name: value for name, value in asked.items() if value is not None}
        page = 0
        while True:
            page += 1
            answer = self._ask(kind, "GET", path, params=wanted | {"page": page, "per_page": PAGE})
            found = answer.items if isinstance(answer, received.RecipeList) else answer
            yield from found
            if len(found) < PAGE:
                return

    def _send(self, kind: type[T], path: str, content: bytes | Path, params: Mapping[str, Any]) -> T:
        """The answer to a POST of a zip: its bytes, or the file that holds it."""
        asked = {"params": params, "headers": {"Content-Type": "application/octet-stream"}}
        if isinstance(content, bytes):
            return self._ask(kind, "POST", path, content=content, **asked)
        with content.open("rb") as file:
            return self._ask(kind, "POST", path, content=file, **asked)

    def _ask(self, kind: type[T], method: str, path: str, **more: Any) -> T:
        with self._answered(method, path, **more) as answer:
            content = answer.read()
        refused = received.error(content)
        if refused.success is False:
            raise _refusal(refused)
        try:
            return received.decode(content, kind)
        except msgspec.MsgspecError as e:
            raise Foreign(f"{self.url} gave an answer that is none of this API's ({e})") from e

    @contextmanager
    def _answered(self, method: str, path: str, **more: Any) -> Iterator[httpx.Response]:
        """A good answer, its body still to be read. Raises what `model.errors` has for any other."""
        answer = self._tried(method, path, more)
        try:
            if not answer.is_success:
                raise _failure(answer)
            yield answer
        except httpx.TransportError as e:
            raise self._lost(e) from e
        finally:
            answer.close()

    def _tried(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        """The answer; a GET is tried again where the server says that it can't just now."""
        for pause_s in _PAUSES_S if method == "GET" else ():
            answer = self._sent(method, path, more)
            wait_s = _wait_s(answer, pause_s)
            if wait_s is None:
                return answer
            answer.close()
            time.sleep(wait_s)
        return self._sent(method, path, more)

    def _sent(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        try:
            request = self._http.build_request(method, path, **more)
            return self._http.send(request, stream=True, follow_redirects=method == "GET")
        except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects) as e:
            raise self._lost(e) from e

    def _lost(self, e: Exception) -> Unreachable:
        return Unreachable(f"{self.url} does not answer ({reason(e)})")


def _failure(answer: httpx.Response) -> errors.Failure:
    """What `model.errors` has for an answer that is no success."""
    if answer.has_redirect_location:
        return errors.Failure(f"this is not the server's address: it answers from {answer.headers['Location']}")
    said = received.error(answer.read())
    sentence = said.sentence or "\n".join(_joined(said.fields)) or f"{answer.status_code} {answer.reason_phrase}"
    if answer.status_code == 429:
        return errors.TooMany(sentence, _retry_after_s(answer) or 1)
    if answer.status_code == 400:
        return errors.Invalid(sentence, [errors.Issue(where, what) for where, what in said.fields])
    kind = STATUS.get(answer.status_code, errors.Failure)
    return kind(sentence if kind is not errors.Failure else f"{sentence} (HTTP {answer.status_code})")


def _refusal(said: received.Error) -> errors.Failure:
    """What a 200 that says `success: false` means."""
    if said.problems:
        return NotStarted(tuple(_problem(step, detail) for step, detail in said.problems))
    for field, reason in said.fields:
        return errors.Refused(field, reason)
    return errors.Failure(said.sentence or "the server refused, and did not say why")


def _problem(step: int, detail: list[Any]) -> recipes.Problem:
    label, value, message, path = detail
    return recipes.Problem(step, str(label or ""), value, str(message or ""), path if isinstance(path, str) else "")


def _joined(fields: Iterable[tuple[str, str]]) -> list[str]:
    return [str(errors.Issue(where, what)) for where, what in fields]


def _wait_s(answer: httpx.Response, pause_s: float) -> float | None:
    """How long to wait before a GET is tried again; None where it should not be."""
    if answer.status_code != 429 and answer.status_code < 500:
        return None
    asked_s = _retry_after_s(answer)
    wait_s = pause_s if asked_s is None else asked_s
    return wait_s if wait_s <= _LONGEST_WAIT_S else None


def _retry_after_s(answer: httpx.Response) -> int | None:
    asked = answer.headers.get("Retry-After", "")
    return int(asked) if asked.isdigit() else None


def reason(e: Exception) -> str:
    """Why no answer came, in a few words."""
    return str(e) or type(e).__name__
