"""Bring back what went: folders and assets, under the ids they had and where they stood.

What has taken their place meanwhile stays: an asset comes back under the next free file name, and into the folder that
bears the name of its own. A folder that is gone is made anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from recipeyard.model import assets, packages, proposals, snapshots, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders, restoring
from recipeyard.sql import packages as package_rows
from recipeyard.sql import snapshots as snapshot_rows
from recipeyard.work import undo

_Group = tuple[int, str]


def bring_back(job: undo.Undo) -> None:
    """Folders and assets that went are here again, assets all at once so that they find each other.

    What will move away gives up its stem first, for these and for one another.
    """
    _bring_back_folders(job)
    asset_rows.make_way(job.tx, job.moving)
    states = _placed(job)
    _tell_clashes(job, states)
    stems = free_stems(job, states)
    wholes = [_whole(job.wholes[each], state, stems[each]) for each, state in states.items()]
    snapshot_rows.put_back(job.tx, wholes)
    job.recorder.brought_back(states)


def free_stems(job: undo.Undo, states: Mapping[int, snapshots.State]) -> dict[int, str]:
    """The stems that assets get, by id: their own where those are free, and only then others that nobody wants.

    They are reserved: no later call gives them to another.
    """
    taken = _taken(job, states.values())
    own = [each for each, state in states.items() if _key(state, state.stem) not in taken]
    found = {each: free_stem(job, states[each], known_free=True) for each in own}
    return found | {each: free_stem(job, state) for each, state in states.items() if each not in found}


def free_stem(job: undo.Undo, state: snapshots.State, *, known_free: bool = False) -> str:
    """The stem that one asset gets; no later call gives it to another. `known_free` says that nobody here has it."""
    here: set[str] = set()
    if not known_free:
        family = asset_rows.numbered(job.tx, job.workspace.id, state.place_id, state.kind, state.stem)
        here = {asset.stem.casefold() for asset in family}
    stem = assets.free_stem(state.stem, here)
    while _key(state, stem) in job.reserved:
        here.add(stem.casefold())
        stem = assets.free_stem(state.stem, here)
    job.reserved.add(_key(state, stem))
    return stem


def _bring_back_folders(job: undo.Undo) -> None:
    """Folders that the package removed; another one that has the name by now stands for the one that had it."""
    stands_for: dict[int, int] = {}
    footprint = package_rows.footprint(job.tx, job.package.id) or proposals.Footprint()
    for removed in reversed(footprint.removed):
        parent_id = stands_for.get(removed.parent_id, removed.parent_id)
        if not folders.exists(job.tx, job.workspace.id, parent_id):
            continue
        parent = folders.find(job.tx, job.workspace.id, parent_id)
        if namesake := _child(job, parent, removed.name):
            stands_for[removed.folder_id] = namesake.id
        else:
            project_id = removed.project_id if removed.is_project else parent.project_id
            back = replace(removed, parent_id=parent_id, project_id=project_id)
            restoring.put_back_folder(job.tx, job.workspace.id, back)
            job.recorder.folders.append(removed.folder_id)


def _placed(job: undo.Undo) -> dict[int, snapshots.State]:
    """How the assets were that come back, by id, in folders that are here."""
    folder_ids: dict[int, int] = {}
    found: dict[int, snapshots.State] = {}
    for asset_id, whole in job.wholes.items():
        state = job.known[asset_id]
        if state.folder_id not in folder_ids:
            is_there = folders.exists(job.tx, job.workspace.id, state.folder_id)
            folder_ids[state.folder_id] = state.folder_id if is_there else _folder_at(job, whole.folder)
        folder_id = folder_ids[state.folder_id]
        place_id = folder_id if state.place_id == state.folder_id else state.place_id
        found[asset_id] = replace(state, folder_id=folder_id, place_id=place_id)
    return found


def _folder_at(job: undo.Undo, path: str) -> int:
    """The folder at a path from the workspace's root; what is missing of it is made."""
    step = folders.find(job.tx, job.workspace.id, job.workspace.root_folder_id)
    for name in path.split("/") if path else ():
        found = _child(job, step, name)
        if found is None:
            found = folders.create(job.tx, step, name)
            job.recorder.folders.append(found.id)
        step = found
    return step.id


def _child(job: undo.Undo, parent: workspaces.Folder, name: str) -> workspaces.Folder | None:
    """The folder of that name right below another; case makes no difference, as it makes none to who makes folders."""
    below = folders.children(job.tx, job.workspace.id, parent.id)
    return next((each for each in below if each.name.casefold() == name.casefold()), None)


def _tell_clashes(job: undo.Undo, states: Mapping[int, snapshots.State]) -> None:
    """What comes back beside another one that has its name only since then."""
    for asset_id, others in _namesakes(job, states).items():
        clashing = [each for each in others if each not in job.wholes[asset_id].beside]
        if not clashing:
            continue
        kind = states[asset_id].kind
        what = f"comes back beside another of its name ({', '.join(map(str, clashing))})"
        notice = job.notice(proposals.Code.NAME_CLASH, asset_id, what)
        refused = job.order.options.policy(kind) is packages.Policy.FAIL
        (job.blockers if refused else job.warnings).append(notice)


def _namesakes(job: undo.Undo, states: Mapping[int, snapshots.State]) -> dict[int, list[int]]:
    """The assets here that will bear the name of one that comes back, at its place, by the latter's id."""
    wanted: dict[_Group, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for asset_id, state in states.items():
        wanted[state.place_id, state.kind][state.name].append(asset_id)
    found: dict[int, list[int]] = {}
    for (place_id, kind), named in wanted.items():
        for other in asset_rows.named(job.tx, job.workspace.id, kind, named, place_id):
            will = job.wanted.get(other.id)
            if will is None or (will.name, will.place_id) == (other.name, other.place_id):
                for asset_id in named[other.name]:
                    found.setdefault(asset_id, []).append(other.id)
    return found


def _taken(job: undo.Undo, states: Iterable[snapshots.State]) -> set[tuple[int, str, str]]:
    """Those of the stems of these states that something here has."""
    wanted: dict[_Group, set[str]] = defaultdict(set)
    for state in states:
        wanted[state.place_id, state.kind].add(state.stem)
    return {
        (place_id, kind, asset.stem.casefold())
        for (place_id, kind), stems in wanted.items()
        for asset in asset_rows.at_stems(job.tx, job.workspace.id, place_id, kind, stems)
    }


def _key(state: snapshots.State, stem: str) -> tuple[int, str, str]:
    return state.place_id, state.kind, stem.casefold()


def _whole(whole: snapshots.Whole, state: snapshots.State, stem: str) -> snapshots.Whole:
    """An asset to be put back at a place, under a stem."""
    [row] = whole.rows["assets"]
    at = {"folder_id": state.folder_id, "place_id": state.place_id, "stem": stem, "folded_stem": stem.casefold()}
    return replace(whole, rows={**whole.rows, "assets": [{**row, **at}]})
