"""Packages followed to their end, and told of: what they did to each asset."""

from collections import Counter
from typing import Any

import msgspec

from recipeyard import client
from recipeyard.cli import session
from recipeyard.wire import received

UNTOUCHED = "no_update_or_updated_without_restart"
_STYLES = {"created": "green", "updated": "green", "renamed": "cyan", "deleted": "red", "restored": "green"}


def followed(asked: session.Session, yard: client.Client, package: received.Package) -> received.Package:
    """A package once it is completed. Raises `client.NotCompleted`; who stops following is told what goes on."""
    try:
        with asked.progress(package.operation_type) as watch:
            return yard.follow(package, watch)
    except KeyboardInterrupt as e:
        message = f"stopped following package {package.id}; the server goes on with it"
        raise session.Advised(message, f"`recipeyard follow {package.id}` takes it up again.") from e
    except client.Unreachable as e:
        raise session.Advised(str(e), f"`recipeyard follow {package.id}` tells how it ended.") from e


def show(asked: session.Session, package: received.Package) -> None:
    """What a package did: for people asset by asset, for machines as one object."""
    done = package.assets or ()
    for each in done:
        if each.action != "unchanged":
            asked.say(f"{each.action:10}{each.zip_name}  {_step(each)}".rstrip(), _STYLES.get(each.action, ""))
    names = {each.id: each.name for each in done}
    for status in package.recipe_status:
        if status.import_result != UNTOUCHED:
            asked.say(f"{status.import_result:10}{names.get(status.id, f'recipe {status.id}')}")
    for warning in package.warnings:
        asked.warn(f"warning: {warning}")
    counts = ", ".join(f"{count} {action}" for action, count in sorted(Counter(each.action for each in done).items()))
    asked.say(f"Package {package.id} is completed{': ' + counts if counts else ''}.")
    asked.answer(plain(package))


def _step(done: received.PackageAsset) -> str:
    """From which version to which; nothing where it is the same, or there is none on one side."""
    versions = (done.version_before, done.version_after)
    return f"version {versions[0]} → {versions[1]}" if all(versions) and versions[0] != versions[1] else ""


def plain(package: received.Package) -> dict[str, Any]:
    """A package without its link, which opens the archive for whoever reads it in a log."""
    return {name: value for name, value in msgspec.to_builtins(package).items() if name != "download_url"}
