"""A plan on a page: what would change, grouped by kind; what restarts; all that stands in the way; what to do next."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rich.text import Text

from recipeyard.cli import changes, values
from recipeyard.model import assets
from recipeyard.wire import received_gates, received_plans

_ABOUT_AN_ASSET = {"conflict", "drift"}
_PAGE_WITHOUT_A_SCREEN = 120
_COUNTED = {
    "create": "to create",
    "update": "to update",
    "rename": "to rename",
    "conflict": "in conflict",
    "delete": "to delete",
}
_KINDS = {wire: kind for kind, wire in assets.WIRE_TYPES.items()}
_PLURALS = {
    assets.ACCOUNT_PROPERTIES: "Properties of the workspace",
    assets.PROJECT_PROPERTIES: "Properties of the project",
    assets.PROJECT: "Project",
}


def width(screen: int | None) -> int:
    """How wide a page is; where nobody looks at a screen, as wide as reads well."""
    return screen or _PAGE_WITHOUT_A_SCREEN


def spoken(wire: str) -> str:
    """A type of assets in people's words."""
    return assets.spoken(_kind(wire))


def draw(plan: received_plans.Plan, width: int) -> Iterator[Text]:
    """A plan's lines, for a page so wide."""
    drawn = {change.path for change in plan.changes}
    for kind, group in _grouped(plan.changes).items():
        yield Text(_plural(kind), "bold")
        for change in group:
            yield from changes.draw(change, _told(plan, change.path), width)
        yield Text("")
    yield from _restarts(plan.restarts, width)
    yield from _bindings(plan.bindings, width)
    yield from _approvals(plan)
    yield from _notices("Gates that are not met now", plan.unmet_gates, "yellow")
    warnings = [each for each in plan.warnings if not (each.code in _ABOUT_AN_ASSET and each.path in drawn)]
    yield from _notices("Warnings", warnings, "yellow")
    yield from _notices("In the way: nothing can be applied until this is mended", plan.blockers, "bold red")


def summary(plan: received_plans.Plan) -> str:
    """How many assets would see what, in one sentence."""
    counts = [f"{count:,} {word}" for name, word in _COUNTED.items() if (count := getattr(plan.summary, name))]
    unchanged = f"{plan.summary.unchanged:,} unchanged"
    return f"{', '.join(counts)}; {unchanged}." if counts else f"Nothing would change; {unchanged}."


def approval(given: received_gates.Approval) -> str:
    """Who has approved, when, and what they said."""
    said = f": {given.comment}" if given.comment else ""
    return values.plain(f"{given.by}, {given.at}{said}")


def _told(plan: received_plans.Plan, path: str) -> changes.Told:
    """What notices tell of the asset at a path."""
    refused, known = (
        [each.message for each in notices if each.code in _ABOUT_AN_ASSET and each.path == path]
        for notices in (plan.blockers, plan.warnings)
    )
    return changes.Told((*refused, *known), is_refused=bool(refused))


def _grouped(found: Iterable[received_plans.Change]) -> dict[str, list[received_plans.Change]]:
    """Changes by kind, as packages order kinds."""
    groups: dict[str, list[received_plans.Change]] = defaultdict(list)
    for change in sorted(found, key=lambda each: assets.rank(_kind(each.type), each.path)):
        groups[_kind(change.type)].append(change)
    return groups


def _kind(wire: str) -> str:
    return _KINDS.get(wire, wire)


def _plural(kind: str) -> str:
    spoken = assets.spoken(kind)
    return _PLURALS.get(kind) or f"{spoken[:1].upper()}{spoken[1:]}s"


def _restarts(found: Iterable[received_plans.Restart], width: int) -> Iterator[Text]:
    names = [values.cut(each.name, width - 4) for each in found]
    if names:
        yield Text("Running recipes that restart", "bold")
        yield from (Text(f"  {name}", "cyan") for name in names)
        yield Text("")


def _bindings(found: Iterable[received_plans.Binding], width: int) -> Iterator[Text]:
    """Which binding is used, once for each, however many files use it."""
    lines = {_bound(each): None for each in found}
    if lines:
        yield Text("Bindings used", "bold")
        yield from (Text(f"  {values.cut(line, width - 2)}") for line in lines)
        yield Text("")


def _approvals(plan: received_plans.Plan) -> Iterator[Text]:
    if plan.approvals or plan.approvals_required:
        yield Text(f"Approvals: {len(plan.approvals)} of {plan.approvals_required}", "bold")
        for each in plan.approvals:
            yield Text(f"  {approval(each)}")
        yield Text("")


def _bound(binding: received_plans.Binding) -> str:
    """What a name, or the rows of the table of that name, come to here."""
    what = "property" if _kind(binding.type) in assets.PROPERTIES else spoken(binding.type)
    number = f" (id {binding.target_id})" if binding.target_id is not None else ""
    return f"{what} {binding.name!r} → {binding.target}{number}"


def _notices(heading: str, notices: Iterable[received_plans.Notice], style: str) -> Iterator[Text]:
    lines = [f"{each.path}: {each.message}" if each.path else each.message for each in notices]
    if lines:
        yield Text(heading, style)
        for line in lines:
            first, *others = line.splitlines() or [""]
            yield Text(f"  {values.plain(first)}", style.removeprefix("bold "))
            yield from (Text(f"    {values.plain(other)}") for other in others)
        yield Text("")
