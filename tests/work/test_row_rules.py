"""Rules for rows in an import: inserted, updated, mirrored, ignored; shown in the plan as they will be."""

from collections.abc import Iterable
from typing import Any

import pytest

import worlds
from recipeyard.model import assets, bindings, data_tables, diffs, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import rows

PATH = "codes.lookup_table.json"
INSERT, UPDATE, MIRROR, IGNORE = bindings.Policy
FIRST = [["a", "1"], ["b", "2"]]
SECOND = [["b", "20"], ["c", "3"]]
LOCAL = [["a", "1"], ["b", "2"], ["local", "9"]]


def codes(listed: Iterable[list[str]], columns: int = 2) -> dict[str, bytes]:
    """A package with a table of these rows."""
    data = worlds.spelled(list(listed))
    text = worlds.lookup_table("Codes", data).decode()
    return {PATH: text.replace('"sticky": false', '"sticky": true', columns - 2).encode()}


def rule(policy: bindings.Policy, *key: str) -> bindings.Rule:
    return bindings.Rule(assets.LOOKUP_TABLE, "Codes", policy, key or ("Column 1",))


def here(place: worlds.Place, kind: str = assets.LOOKUP_TABLE) -> list[Any]:
    """The rows of the table here."""
    with place.world.db.read() as tx:
        return rows.of_table(tx, place.asset(kind, "Codes").id)


def add(place: worlds.Place, fields: Any) -> None:
    """A row that only this workspace has."""
    table = place.asset(assets.LOOKUP_TABLE, "Codes").id
    with place.world.db.write() as tx:
        rows.add(tx, table, fields)
        asset_rows.forget_rows_digest(tx, table)


def loaded(place: worlds.Place, *rules: bindings.Rule) -> None:
    """The first package, a local row, then the rules."""
    place.load(codes(FIRST))
    add(place, LOCAL[-1])
    place.bind(*rules)


def diff(package: packages.Package, place: worlds.Place) -> diffs.Rows | None:
    """How a package's plan shows the table's rows."""
    line = next(line for line in place.plan_of(package).changes if line.path == PATH)
    assert line.diff
    assert line.diff.document
    return line.diff.document.rows


@pytest.mark.parametrize(
    ("policy", "after", "shown"),
    [
        (INSERT, [*LOCAL, ["c", "3"]], diffs.Rows(added=(["c", "3"],))),
        (
            UPDATE,
            [["a", "1"], ["b", "20"], ["local", "9"], ["c", "3"]],
            diffs.Rows(added=(["c", "3"],), changed=(diffs.ChangedRow(["b", "2"], ["b", "20"]),)),
        ),
        (
            MIRROR,
            SECOND,
            diffs.Rows(
                added=(["c", "3"],),
                removed=(["a", "1"], ["local", "9"]),
                changed=(diffs.ChangedRow(["b", "2"], ["b", "20"]),),
            ),
        ),
    ],
)
def test_rows_become_what_the_policy_says_and_the_plan_shows(
    place: worlds.Place, policy: bindings.Policy, after: list[Any], shown: diffs.Rows
) -> None:
    loaded(place, rule(policy))

    package = place.load(codes(SECOND))

    assert (after, shown) == (here(place), diff(package, place))


def test_ignored_rows_stay_and_are_no_change(place: worlds.Place) -> None:
    loaded(place, rule(IGNORE))

    package = place.load(codes(SECOND))

    assert (LOCAL, {PATH: "unchanged"}) == (here(place), place.actions(package))


@pytest.mark.parametrize("policy", bindings.Policy)
def test_a_second_import_of_the_same_rows_is_no_change(place: worlds.Place, policy: bindings.Policy) -> None:
    loaded(place, rule(policy))
    place.load(codes(SECOND))
    before = here(place)

    package = place.load(codes(SECOND))

    assert ({PATH: "unchanged"}, before) == (place.actions(package), here(place))
    assert () == place.plan_of(package).changes


def test_rows_that_nobody_touches_keep_their_ids_and_times(place: worlds.Place) -> None:
    loaded(place, rule(UPDATE))
    table = place.asset(assets.LOOKUP_TABLE, "Codes").id
    with place.world.db.read() as tx:
        before = rows.listed(tx, table)

    place.load(codes(SECOND))

    with place.world.db.read() as tx:
        after = rows.listed(tx, table)
    assert [each.id for each in before] == [each.id for each in after[:3]]
    assert [before[0], before[2]] == [after[0], after[2]]


@pytest.mark.parametrize(("policy", "expected"), [(INSERT, FIRST), (UPDATE, FIRST), (MIRROR, FIRST), (IGNORE, [])])
def test_a_new_table_begins_with_the_rows_that_its_policy_lets_in(
    place: worlds.Place, policy: bindings.Policy, expected: list[Any]
) -> None:
    place.bind(rule(policy))

    place.load(codes(FIRST))

    assert expected == here(place)
    assert {PATH: "unchanged"} == place.actions(place.load(codes(FIRST)))


def test_rows_that_stay_follow_columns_that_arrive(place: worlds.Place) -> None:
    loaded(place, rule(INSERT))

    place.load(codes([["c", "3", "x"]], columns=3))

    assert [["a", "1", ""], ["b", "2", ""], ["local", "9", ""], ["c", "3", "x"]] == here(place)


@pytest.mark.parametrize(
    ("arriving", "key", "what"),
    [
        (SECOND, ("Country",), "Country: column unknown: table 'Codes' has no such column"),
        ([["b", "1"], ["b", "2"]], ("col1",), "rows that arrive share a key that should tell them apart: b"),
    ],
)
def test_a_key_that_tells_nothing_keeps_a_package_from_being_applied(
    place: worlds.Place, arriving: list[Any], key: tuple[str, ...], what: str
) -> None:
    loaded(place, rule(UPDATE, *key))

    package = place.load(codes(arriving))

    assert ((f"{PATH}: {what}",), LOCAL) == (package.error_parts, here(place))
    assert [proposals.Code.BINDING] == [notice.code for notice in place.plan_of(package).blockers]


def test_several_columns_may_be_a_key(place: worlds.Place) -> None:
    place.load(codes([["a", "1"], ["a", "2"]]))
    place.bind(rule(INSERT, "Column 1", "col2"))

    place.load(codes([["a", "2"], ["a", "3"]]))

    assert [["a", "1"], ["a", "2"], ["a", "3"]] == here(place)


def test_the_plan_shows_the_rule_that_was_used(place: worlds.Place) -> None:
    loaded(place, rule(UPDATE))

    planned = place.plan_of(place.load(codes(SECOND)))

    table = place.asset(assets.LOOKUP_TABLE, "Codes").id
    bound = proposals.Bound(PATH, assets.LOOKUP_TABLE, "Codes", table, "update rows by Column 1")
    assert (bound,) == planned.bindings


def test_an_applied_plan_leaves_the_rows_that_it_showed(place: worlds.Place) -> None:
    loaded(place, rule(UPDATE))

    package = place.apply(place.plan(codes(SECOND)))

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert [["a", "1"], ["b", "20"], ["local", "9"], ["c", "3"]] == here(place)


NAME, PRICE = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def records(*listed: tuple[str, str, str]) -> dict[str, bytes]:
    """A package with a data table of these records: id, name, price."""
    lines = [["record_id", "created_at", "updated_at", NAME, PRICE]]
    lines += [[record_id, "2024-01-01T00:00:00.000Z", "", name, price] for record_id, name, price in listed]
    schema = [{"id": key, "title": title, "type": "short-text"} for key, title in ((NAME, "Name"), (PRICE, "Price"))]
    table: dict[str, Any] = {"name": "Codes", "schema": schema, "data": worlds.spelled(lines)}
    return {"codes.workato_db_table.json": worlds.document(table)}


def test_records_that_a_key_finds_keep_their_ids_and_new_ones_get_free_ones(place: worlds.Place) -> None:
    place.bind(bindings.Rule(assets.DATA_TABLE, "Codes", UPDATE, ("Name",)))
    place.load(records(("r1", "a", "1"), ("r2", "b", "2")))

    place.load(records(("r9", "a", "10"), ("r2", "c", "3")))
    found = here(place, assets.DATA_TABLE)
    again = place.load(records(("r9", "a", "10"), ("r2", "c", "3")))

    assert [("a", "10"), ("b", "2"), ("c", "3")] == [(each[NAME], each[PRICE]) for each in found]
    ids = [each[data_tables.RECORD_ID] for each in found]
    assert (["r1", "r2"], 3) == (ids[:2], len(set(ids)))
    assert {"unchanged"} == set(place.actions(again).values())


def test_a_data_tables_key_may_be_its_records_id(place: worlds.Place) -> None:
    place.bind(bindings.Rule(assets.DATA_TABLE, "Codes", INSERT, ("record_id",)))
    place.load(records(("r1", "a", "1")))

    place.load(records(("r1", "z", "9"), ("r2", "b", "2")))

    assert ["a", "b"] == [each[NAME] for each in here(place, assets.DATA_TABLE)]


def test_rows_that_were_laid_over_are_not_taken_for_those_of_a_package(place: worlds.Place) -> None:
    place.load(codes(FIRST))
    place.bind(rule(INSERT))
    place.load(codes(SECOND))
    place.bind()

    package = place.load(codes(FIRST))

    assert ({PATH: "updated"}, FIRST) == (place.actions(package), here(place))


def test_the_key_is_looked_for_among_the_columns_that_arrive(place: worlds.Place) -> None:
    loaded(place, rule(INSERT, "Column 2"))
    only_second = worlds.lookup_table("Codes", worlds.spelled([["1"], ["5"]])).decode()
    only_second = only_second.replace('"sticky": true', '"sticky": false', 1)

    place.load({PATH: only_second.encode()})

    assert [["1"], ["2"], ["9"], ["5"]] == here(place)
