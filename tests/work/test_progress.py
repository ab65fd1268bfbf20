"""How far work is, told now and then."""

import io

import worlds
from recipeyard.archive import reader
from recipeyard.work import progress, reading


def told(seconds: list[float], amounts: list[int], total: int) -> list[int]:
    """The percents that are told of work whose steps are done at these seconds."""
    percents = list[int]()
    count = progress.Progress(percents.append, (10, 60), total, iter([0.0, *seconds]).__next__)
    for amount in amounts:
        count.add(amount)
    return percents


def test_work_that_is_done_soon_tells_nothing() -> None:
    assert [] == told([0.1, 0.2, 0.49], [1, 1, 1], 3)


def test_it_is_told_at_most_twice_a_second() -> None:
    assert [30, 50] == told([0.1, 0.6, 0.6, 0.8, 1.1, 1.1], [20, 20, 20, 20], 100)


def test_it_never_says_more_than_its_share() -> None:
    assert [60] == told([9, 9], [500], 100)
    assert [60] == told([9, 9], [1], 0)


def test_a_package_counts_every_byte_of_its_documents(embedded: worlds.World) -> None:
    counted = list[int]()
    archive = reader.open_archive(io.BytesIO(worlds.zipped(worlds.project())), embedded.deed.limits)

    reading.read(archive, embedded.db, embedded.deed.limits, add=counted.append)

    assert sum(entry.deflated_size for entry in archive.entries) == sum(counted)
    assert len(archive.entries) == len(counted)
