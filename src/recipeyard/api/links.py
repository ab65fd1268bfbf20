"""Download links: absolute, without credentials, valid for a while. The token signs package and end."""

import hashlib
import hmac

from recipeyard.api import context
from recipeyard.model import errors, packages

_DIGITS = 8


def address(context: context.Context, base_url: str, package: packages.Package, now_s: int) -> str | None:
    """Where a package's archive can be had, None while there is none, and where the transfer has failed."""
    without = {packages.Status.FAILED, packages.Status.IN_PROGRESS} if package.manifest_id else {packages.Status.FAILED}
    if not package.blob_key or package.status in without:
        return None
    stored = context.deed.blobs.link(package.blob_key, context.link_ttl_s)
    if stored:
        return stored
    groups = "/".join(f"{package.id:09d}"[at : at + 3] for at in range(0, 9, 3))
    if package.id > 999_999_999:
        groups = f"0/0/{package.id}"
    path = f"packages/zip_files/{groups}/original/{package.file_name}"
    return f"{base_url}/{path}?token={token(context, package.id, now_s)}"


def address_for(context: context.Context, request: context.Asked, package: packages.Package) -> str | None:
    """`address` as whoever sent this request reaches the server, at this moment."""
    now_s = int(context.deed.db.clock().timestamp())
    return address(context, _base_url(context, request), package, now_s)


def token(context: context.Context, package_id: int, now_s: int) -> str:
    """The token of a link that ends `link_ttl_s` after `now_s`: hex digits alone."""
    ends = f"{now_s + context.link_ttl_s:0{_DIGITS}x}"
    return ends + _signature(context, package_id, ends)


def check(context: context.Context, package_id: int, token: str, now_s: int) -> None:
    """Raises `errors.Forbidden` for a token that is not ours, or has ended."""
    ends, signature = token[:_DIGITS], token[_DIGITS:]
    if not hmac.compare_digest(signature.encode(), _signature(context, package_id, ends).encode()):
        raise errors.Forbidden("The download link is not valid")
    if now_s > int(ends, 16):
        raise errors.Forbidden("The download link has expired; ask for the package again")


_base_url = context.base_url


def _signature(context: context.Context, package_id: int, ends: str) -> str:
    return hmac.new(context.link_secret, f"{package_id}:{ends}".encode(), hashlib.sha256).hexdigest()
