"""Recipes as the API takes and shows them: `code` travels as a text of JSON, and assets are named by their ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from recipeyard.model import assets, documents, errors, recipes, runs
from recipeyard.wire import answers

Problems = list[tuple[int, list[tuple[str, Any, str, str]]]]
"""Problems by step: each is a label, a value, a sentence and the path of the field."""


class ConfigEntry(msgspec.Struct):
    """An app that a recipe uses, and the connection that it uses it through."""

    keyword: str
    name: str
    provider: str
    skip_validation: bool
    account_id: int | None


class Recipe(msgspec.Struct):
    """A recipe, at its current version.

    `webhook_url` is where events are sent to, those of an app too that a stub answers for; null where they come
    otherwise. `events_of_stopped` says what becomes of those that come while it is stopped (refuse or keep),
    `held_events_count` how many were kept.
    """

    id: int
    user_id: int
    name: str
    created_at: str
    updated_at: str
    copy_count: int
    trigger_application: str | None
    action_applications: list[str]
    applications: list[str]
    description: str
    parameters_schema: list[Any]
    parameters: dict[str, Any]
    webhook_url: str | None
    events_of_stopped: str | None
    held_events_count: int
    folder_id: int
    project_id: int | None
    running: bool
    active: bool
    job_succeeded_count: int
    job_failed_count: int
    lifetime_task_count: int
    last_run_at: str | None
    stopped_at: str | None
    version_no: int
    version: int
    running_version_no: int | None
    stop_cause: str | None
    config: list[ConfigEntry]
    trigger_closure: Any
    code: str
    private: bool
    concurrency: int
    author_name: str
    version_author_name: str
    version_author_email: str
    version_comment: str | None
    tags: list[str] | None


class RecipeList(msgspec.Struct):
    """A page of recipes."""

    items: list[Recipe]


class Reading(msgspec.Struct):
    """The version of a recipe that the sender has read: `version_no`, or else `version`; an older one is refused."""

    version_no: int | None = None
    version: int | None = None

    @property
    def read_at(self) -> int | None:
        """The version that was read, None where the sender does not say."""
        return self.version if self.version_no is None else self.version_no


class RecipeFields(Reading):
    """What a recipe is made of; everything else that a recipe shows is passed over."""

    name: str | None = None
    description: str | None = None
    code: str | dict[str, Any] | None = None
    config: str | list[Any] | None = None
    folder_id: answers.Id | None = None
    private: bool | None = None
    concurrency: int | None = None


class RecipeRequest(RecipeFields):
    """The fields themselves, or wrapped in `recipe`."""

    recipe: RecipeFields | None = None

    @property
    def fields(self) -> RecipeFields:
        """The fields, whichever way they came."""
        return self.recipe or self


class Created(msgspec.Struct):
    """A recipe was made."""

    success: bool
    id: int


class CopyRequest(msgspec.Struct):
    """Where the copy goes; absent, beside the recipe."""

    folder_id: answers.Id | None = None


class Copied(msgspec.Struct):
    """A recipe was copied; `new_flow_id` is the copy's id."""

    success: bool
    new_flow_id: int
    id: int


class ConnectRequest(Reading, kw_only=True):
    """Which connection a recipe is to reach an app through."""

    adapter_name: str
    connection_id: answers.Id


class Stopped(msgspec.Struct):
    """A recipe takes no more events. The jobs that are under way go on to their end."""

    jobs_under_way: int
    success: bool = True


class NotStarted(msgspec.Struct):
    """A recipe cannot start: what is wrong with its steps, and with its connections."""

    code_errors: Problems
    config_errors: Problems
    success: bool = False


class Version(msgspec.Struct):
    """One version of a recipe."""

    id: int
    version_no: int
    author_name: str
    author_email: str
    comment: str | None
    created_at: str
    updated_at: str


class VersionAnswer(Version):
    """One version; its fields stand at the top and under `data`, as clients read either."""

    data: Version | None = None


class VersionList(msgspec.Struct):
    """A page of versions, newest first."""

    data: list[Version]


class CommentRequest(msgspec.Struct):
    """A version's comment, at most 255 characters."""

    comment: str | None


class Health(msgspec.Struct):
    """What an analysis of a recipe found; `status` is healthy or unhealthy."""

    recipe_id: int
    version_no: int
    status: str
    code_errors: Problems
    config_errors: Problems
    analyzed_at: str


class HealthAnswer(msgspec.Struct):
    """The analysis of a recipe."""

    data: Health


@dataclass(frozen=True, slots=True)
class Beside:
    """What a recipe shows that its document does not tell. `tags` are handles, None where they were not asked for."""

    project_id: int | None
    running_version_no: int | None
    tally: runs.Tally
    held_events: int
    webhook_url: str | None
    events_of_stopped: str | None
    tags: list[str] | None


def recipe(asset: assets.Asset, state: recipes.State, value: Mapping[str, documents.Value], beside: Beside) -> Recipe:
    """A recipe's answer. `value` is its document with ids."""
    code = value.get("code")
    email = f"{state.author.lower().replace(' ', '-')}@recipeyard.invalid"
    return Recipe(
        id=asset.id,
        user_id=1,
        name=asset.name,
        created_at=answers.stamp(state.created_at),
        updated_at=answers.stamp(state.updated_at),
        copy_count=state.copy_count,
        trigger_application=state.trigger_application,
        action_applications=[name for name in state.applications if name != state.trigger_application],
        applications=list(state.applications),
        description=str(value.get("description") or ""),
        parameters_schema=[],
        parameters={},
        webhook_url=beside.webhook_url,
        events_of_stopped=beside.events_of_stopped,
        held_events_count=beside.held_events,
        folder_id=asset.folder_id,
        project_id=beside.project_id,
        running=asset.running,
        active=asset.running,
        job_succeeded_count=beside.tally.succeeded,
        job_failed_count=beside.tally.failed,
        lifetime_task_count=beside.tally.tasks,
        last_run_at=answers.stamp_or_none(beside.tally.last_run_at),
        stopped_at=answers.stamp_or_none(state.stopped_at),
        version_no=asset.version_no,
        version=asset.version_no,
        running_version_no=beside.running_version_no,
        stop_cause=state.stop_cause,
        config=list(_config(value.get("config"))),
        trigger_closure=None,
        code=msgspec.json.encode(code).decode() if code is not None else "",
        private=value.get("private") is True,
        concurrency=_number(value.get("concurrency")),
        author_name=state.author,
        version_author_name=state.author,
        version_author_email=email,
        version_comment=state.comment,
        tags=beside.tags,
    )


def version(shown: recipes.Version) -> Version:
    """A version's answer."""
    return Version(
        id=shown.id,
        version_no=shown.version_no,
        author_name=shown.author,
        author_email=f"{shown.author.lower().replace(' ', '-')}@recipeyard.invalid",
        comment=shown.comment,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def version_answer(shown: recipes.Version) -> VersionAnswer:
    """A version's answer, said twice."""
    once = version(shown)
    return VersionAnswer(**msgspec.structs.asdict(once), data=once)


def not_started(code: Sequence[recipes.Problem], config: Sequence[recipes.Problem]) -> NotStarted:
    """The answer to a refused start."""
    return NotStarted(code_errors=_by_step(code), config_errors=_by_step(config))


def health(
    recipe: assets.Asset, code: Sequence[recipes.Problem], config: Sequence[recipes.Problem], now: datetime
) -> HealthAnswer:
    """The answer to an analysis."""
    found = Health(
        recipe_id=recipe.id,
        version_no=recipe.version_no,
        status="unhealthy" if code or config else "healthy",
        code_errors=_by_step(code),
        config_errors=_by_step(config),
        analyzed_at=answers.stamp(now),
    )
    return HealthAnswer(found)


def json_field(name: str, value: object) -> Any:
    """A field that may come as a text of JSON or as JSON itself. Raises `errors.Invalid`."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as e:
        raise errors.Invalid.listing([errors.Issue(name, f"is not valid JSON ({e})")]) from e


def _config(value: documents.Value) -> Iterable[ConfigEntry]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            yield msgspec.convert(recipes.as_shown(entry), ConfigEntry)


def _by_step(problems: Sequence[recipes.Problem]) -> Problems:
    found: dict[int, list[tuple[str, Any, str, str]]] = {}
    for each in problems:
        found.setdefault(each.step, []).append((each.label, each.value, each.message, each.path))
    return sorted(found.items())


def _number(value: documents.Value) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 1
