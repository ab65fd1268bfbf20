"""What a folder would be exported as, now."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from recipeyard import client
from recipeyard.cli import places, session
from recipeyard.model import bundles, errors


@dataclass(frozen=True, slots=True)
class Fetched:
    """An export of a folder: its files' digests by path, and the archive they are in (None: the folder is empty)."""

    digests: dict[str, str]
    archive: Path | None

    def files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """The files whose paths are wanted."""
        return client.unpack(self.archive, wanted) if self.archive else iter(())


@contextmanager
def fetched(asked: session.Session, place: places.Place, *, leaves_package: bool) -> Iterator[Fetched]:
    """Export a folder for as long as this lasts. Without `leaves_package` no record of it stays on the server."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "package.zip"
        try:
            with asked.progress("export") as watch:
                package = place.yard.export_folder(place.folder_id, archive, watch)
        except (client.NotCompleted, errors.Invalid):
            if place.yard.folder_assets(place.folder_id):
                raise
            yield Fetched({}, None)
            return
        if not leaves_package:
            with suppress(errors.Failure):  # some servers keep their packages for ever
                place.yard.delete_package(package.id)
        yield Fetched({path: bundles.digest(content) for path, content in client.unpack(archive)}, archive)
