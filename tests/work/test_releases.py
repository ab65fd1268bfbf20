"""Which custom connectors are at a version that is released."""

import worlds
from recipeyard.model import assets
from recipeyard.sql import custom_connectors as release_rows
from recipeyard.work import custom_connectors


def test_a_connector_is_released_until_its_draft_is_changed(place: worlds.Place) -> None:
    for stem, title in (("one", "One"), ("two", "Two")):
        adapter = worlds.document({"title": title})
        place.load({f"{stem}.custom_adapter.json": adapter, f"{stem}.custom_adapter.rb": b"{a: 1}"})
    one, two = place.asset(assets.CUSTOM_ADAPTER, "One"), place.asset(assets.CUSTOM_ADAPTER, "Two")
    with place.world.db.write() as tx:
        custom_connectors.change(tx, place.workspace.id, one.id, custom_connectors.Edit(code="{draft: 1}"))

        assert {two.id} == release_rows.released(tx, [one.id, two.id])
