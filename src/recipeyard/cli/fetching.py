"""What a folder would be exported as, now."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from recipeyard import client
from recipeyard.cli import checkout, places, session
from recipeyard.model import errors


@dataclass(frozen=True, slots=True)
class Fetched:
    """An export of a folder: what is in it, and the archive that holds it (None: the folder is empty)."""

    seen: checkout.Seen
    archive: Path | None

    @property
    def digests(self) -> dict[str, str]:
        """The files' digests by path."""
        return self.seen.digests

    def files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """The files whose paths are wanted."""
        return client.unpack(self.archive, wanted) if self.archive else iter(())


@contextmanager
def fetched(asked: session.Session, place: places.Place, *, leaves_package: bool, with_rows: bool) -> Iterator[Fetched]:
    """Export a folder for as long as this lasts. Without `leaves_package` no record of it stays on the server."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "package.zip"
        try:
            with asked.progress("export") as watch:
                package = place.yard.export_folder(place.folder_id, archive, watch, include_data=with_rows)
        except (client.NotCompleted, errors.Invalid):
            if place.yard.folder_assets(place.folder_id):
                raise
            yield Fetched(checkout.see([], with_rows=with_rows), None)
            return
        if not leaves_package:
            with suppress(errors.Failure):  # some servers keep their packages for ever
                place.yard.delete_package(package.id)
        yield Fetched(checkout.see(client.unpack(archive), with_rows=with_rows), archive)
