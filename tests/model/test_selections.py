"""A selection is closed over what it needs, and holds nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import assets, bundles, references, selections

_PATHS = [f"{folder}{stem}.recipe.json" for folder in ("", "X/", "X/Y/", "XY/") for stem in "ab"]
_GRAPHS = st.dictionaries(st.sampled_from(_PATHS), st.lists(st.sampled_from(_PATHS), max_size=3), min_size=1)


def package(graph: dict[str, list[str]]) -> list[bundles.Incoming]:
    """Recipes by their paths, each with the paths that it refers to."""
    made = []
    for path, needed in sorted(graph.items()):
        refers_to = tuple(dict.fromkeys(references.inside(each, "N") for each in needed))
        content = assets.Content(path)
        folder, filename = assets.split(path)
        stem = filename.partition(".")[0]
        facts = bundles.Facts(path, refers_to=refers_to)
        made.append(bundles.Incoming(path, folder, assets.RECIPE, stem, facts, content, content))
    return made


@given(graph=_GRAPHS, wanted=st.sets(st.sampled_from(_PATHS), min_size=1))
def test_all_that_is_needed_is_there_and_each_for_a_reason(graph: dict[str, list[str]], wanted: set[str]) -> None:
    incoming = package(graph)

    closed = selections.close(incoming, selections.select(incoming, sorted(wanted), {}))

    assert wanted & graph.keys() == closed.paths
    assert set(closed.unknown) == wanted - graph.keys()
    for path in closed.all:
        assert {each for each in graph[path] if each in graph} <= closed.all
    for path, by in closed.pulled.items():
        assert by in closed.all
        assert path in graph[by]
        assert path not in closed.paths


@given(graph=_GRAPHS)
def test_a_folder_is_everything_below_it_and_nothing_that_is_called_alike(graph: dict[str, list[str]]) -> None:
    selected = selections.select(package(graph), ["X"], {})

    assert {path for path in graph if path.startswith("X/")} == selected.paths
