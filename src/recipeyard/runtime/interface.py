"""What a connector is: its triggers and actions, typed, and what they are given. The built-in ones use nothing else.

A connector is a `Connector` found under the entry point group `recipeyard.connectors`; its name there is the provider
that recipes spell. Operations are plain functions; whatever they need arrives in their argument.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from recipeyard.runtime import outbound, values, workspace

GROUP = "recipeyard.connectors"
"""The entry point group of connectors."""

Object: TypeAlias = Mapping[str, values.Value]


class Effect(StrEnum):
    """What an action changes, and with it how often it happens.

    `pure` changes nothing and may be done again; `here` changes this workspace alone, in the transaction that writes
    the journal, so exactly once; `outside` reaches anything else, so at least once: its call bears a key that is the
    same at each attempt.
    """

    PURE = "pure"
    HERE = "here"
    OUTSIDE = "outside"


class Failure(Exception):
    """An operation can't be done: a sentence for people, and what a catch step may read beside it.

    `kind` is one word that says what failed; `details` become the catch step's outputs (`http_response`, …).
    """

    def __init__(self, message: str, kind: str = "Error", details: Object | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.details: Object = details or {}


class Stale(Failure):
    """The connection's credentials are to be got again, with `Connecting.renew`; then the call is made once more."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an input or output. `type` is string, integer, number, boolean, date, date_time, object or array.

    `fields` are those of an object or of an array's items; without them, anything goes there. Where there are
    `choices`, it is one of them.
    """

    name: str
    type: str = "string"
    optional: bool = True
    label: str = ""
    fields: tuple["Field", ...] = ()
    secret: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action.

    `input` is evaluated and converted to its fields' types, references in it are ids. `step` is the step as the recipe
    has it (its schemas, its flags). `connection` holds the connection's fields, None where the step has none. `key` is
    the same at each attempt at this step of this run. `outputs` are those of the steps before, by `as`. `resumed` is
    the state of the `Wait` that this call comes back from. `renewed` says that the connection's credentials were got
    again for this call, so that `Stale` would help no more.
    """

    input: Object
    step: Object
    connection: Object | None
    key: str
    now: datetime
    outputs: Mapping[str, values.Value]
    workspace: workspace.Workspace
    outbound: outbound.Outbound
    resumed: values.Value = None
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What an action came to.

    `updates` are new outputs of steps before, by `as`; `reply` is what whoever called this recipe is told.
    """

    output: Object = field(default_factory=dict)
    updates: Mapping[str, Object] = field(default_factory=dict)
    reply: Object | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The run rests, without a thread, until a moment or until other runs have ended; then the call is made again.

    `state` is handed to that call, as `resumed`; it must not be None.
    """

    state: values.Value
    until: datetime | None = None
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something a step can do. An action that goes on for longer than `seconds` is given up, and fails.

    One that changes this workspace holds others up meanwhile: it is given up after 10 seconds at the latest.
    """

    name: str
    run: Callable[[Call], "Result | Wait"]
    title: str = ""
    effect: Effect = Effect.OUTSIDE
    input: tuple[Field, ...] = ()
    output: tuple[Field, ...] = ()
    seconds: float = 120


@dataclass(frozen=True, slots=True)
class Event:
    """One firing of a trigger: its output, and a key by which a second arrival of the same is known."""

    output: Object
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to a recipe's own address. Header names are in lower case.

    What the query names several times is a list there. `path` has what the address leaves open, by name.
    """

    method: str
    query: Object
    headers: Mapping[str, str]
    body: bytes
    path: Mapping[str, str] = field(default_factory=dict)

    @property
    def event_id(self) -> str | None:
        """The sender's name for an event (`X-Event-Id`): sent again, it is the same event."""
        return self.headers.get("x-event-id") or None


@dataclass(frozen=True, slots=True)
class Hook:
    """Events arrive as HTTP requests at an address of the recipe's own. `event` raises `Failure` for a bad one."""

    event: Callable[[Object, Request], Event]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Events are calls of an API endpoint, and are answered by the run's reply: `status`, `headers`, `body`.

    `event` (input, request, context) makes the output; the context says who calls. It raises `Failure` for a bad one.
    """

    event: Callable[[Object, Request, Object], Object]


@dataclass(frozen=True, slots=True)
class Called:
    """Events are calls by other recipes. `event` (parameters, context) makes the output; the context says who calls:
    `calling_recipe_id`, `calling_job_id`.
    """

    event: Callable[[Object, Object], Object] = lambda parameters, context: {
        "parameters": parameters,
        "context": context,
    }


@dataclass(frozen=True, slots=True)
class Schedule:
    """Events come by the clock. `following` (input, after) is the next moment, None where there is none any more.

    Where the input names no time zone, it goes by that of `after`.

    `event` (input, moment) is its output. Both raise `Failure` for an input that can't be understood.
    """

    following: Callable[[Object, datetime], datetime | None]
    event: Callable[[Object, datetime], Object]


@dataclass(frozen=True, slots=True)
class Subject:
    """Events are what happens in this workspace. `of` (input) names what is listened to, as `Workspace.publish` does.

    `event` (input, payload) makes the output, None where it is none of the recipe's business.
    """

    of: Callable[[Object], str]
    event: Callable[[Object, Object], Object | None] = lambda _, payload: payload


@dataclass(frozen=True, slots=True)
class Asked:
    """One look of a polling trigger. `cursor` is what the look before left, None at the first."""

    input: Object
    step: Object
    connection: Object | None
    cursor: values.Value
    now: datetime
    workspace: workspace.Workspace
    outbound: outbound.Outbound
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Polled:
    """What a look found, oldest first, and the cursor for the next. `more` asks for the next look at once."""

    events: Sequence[Event]
    cursor: values.Value
    more: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """Events are looked for every `seconds`. Events whose key was seen before are passed over."""

    look: Callable[[Asked], Polled]
    seconds: float = 300


Listening: TypeAlias = Hook | Endpoint | Called | Schedule | Subject | Poll


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a recipe begins with."""

    name: str
    listening: Listening
    title: str = ""
    input: tuple[Field, ...] = ()
    output: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Connecting:
    """How a connection of this connector is made, and tested: `test` raises `Failure` where it does not work.

    `renew` gives the fields with credentials got again, to be kept. Where there is one, `test`, actions and looks may
    raise `Stale`.
    """

    fields: tuple[Field, ...]
    test: Callable[[Object, outbound.Outbound], None]
    renew: Callable[[Object, outbound.Outbound], Object] | None = None


@dataclass(frozen=True, slots=True)
class Connector:
    """One connector. Without `connecting` its steps need no connection."""

    name: str
    title: str
    triggers: tuple[Trigger, ...] = ()
    actions: tuple[Action, ...] = ()
    connecting: Connecting | None = None

    def action(self, name: str) -> Action | None:
        """The action of that name."""
        return next((each for each in self.actions if each.name == name), None)

    def trigger(self, name: str) -> Trigger | None:
        """The trigger of that name."""
        return next((each for each in self.triggers if each.name == name), None)
