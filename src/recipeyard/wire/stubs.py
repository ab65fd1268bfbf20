"""Stubs as the API shows and binds them."""

from typing import Any

import msgspec

from recipeyard.model import assets, stubs
from recipeyard.wire import answers


class RecordedAnswer(msgspec.Struct):
    """What an operation answers where its input has these fields: an output, or an error, `times` times or always."""

    operation: str
    input: dict[str, Any]
    output: dict[str, Any] | None
    error: dict[str, Any] | None
    times: int | None


class Stub(msgspec.Struct):
    """Recorded answers of one provider. It answers for `connection_ids`, and with `without_connection` for steps of its
    provider that have none.
    """

    id: int
    name: str
    provider: str
    folder_id: int
    version_no: int
    connection_ids: list[int]
    without_connection: bool


class StubList(msgspec.Struct):
    """The workspace's stubs."""

    items: list[Stub]


class StubAnswers(Stub):
    """A stub with what it answers, in the order in which that is tried."""

    answers: list[RecordedAnswer]


class StubBindings(msgspec.Struct):
    """All that a stub is to answer for."""

    connection_ids: list[answers.Id] = []
    without_connection: bool = False


def bound(sent: StubBindings) -> stubs.Bound:
    """What a stub is to answer for."""
    return stubs.Bound(tuple(sorted(set(sent.connection_ids))), sent.without_connection)


def stub(asset: assets.Asset, bound: stubs.Bound) -> Stub:
    """A stub's answer."""
    return Stub(
        asset.id,
        asset.name,
        asset.provider or "",
        asset.folder_id,
        asset.version_no,
        list(bound.connection_ids),
        bound.without_connection,
    )


def with_answers(shown: Stub, content: stubs.Stub) -> StubAnswers:
    """A stub with what it answers."""
    listed = [_answer(each) for each in content.answers]
    return StubAnswers(**msgspec.structs.asdict(shown), answers=listed)


def _answer(each: stubs.Answer) -> RecordedAnswer:
    fault = each.outcome if isinstance(each.outcome, stubs.Fault) else None
    return RecordedAnswer(
        operation=each.operation,
        input=dict(each.input),
        output=None if isinstance(each.outcome, stubs.Fault) else dict(each.outcome),
        error={"message": fault.message, "kind": fault.kind, "details": dict(fault.details)} if fault else None,
        times=each.times,
    )
