"""Customers: workspaces that a manager makes, describes and removes with its own token, or is given by the operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recipeyard.model import activities as activity_model
from recipeyard.model import customers as model
from recipeyard.model import errors, packages, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import customers, database, environments, folders
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities


@dataclass(frozen=True, slots=True)
class Edit:
    """A customer as it is to be; what is None or not named in `details` stays as it was."""

    name: str | None = None
    external_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def manage(tx: database.Tx, manager_name: str, name: str, external_id: str | None) -> None:
    """Let one workspace manage another. Raises `errors.Invalid` for a chain, or where another manages it already."""
    manager, workspace = workspace_rows.named(tx, manager_name), workspace_rows.named(tx, name)
    if manager.id == workspace.id:
        raise errors.Invalid(f"{name!r} can't manage itself")
    if customers.listed(tx, workspace.id, offset=0, limit=1):
        raise errors.Invalid(f"{name!r} manages others itself")
    above = customers.manager(tx, workspace.id)
    if above and above.id != manager.id:
        raise errors.Invalid(f"{name!r} is managed by {above.name!r} already")
    _check_manager(tx, manager)
    if not above:
        customers.insert(tx, manager.id, workspace.id)
    _change(tx, customers.find(tx, manager.id, workspace.id), Edit(external_id=external_id))


def create(tx: database.Tx, manager: workspaces.Workspace, edit: Edit) -> model.Customer:
    """A new workspace that `manager` manages. Raises `errors.Invalid`, and `errors.Forbidden` for a customer."""
    _check_manager(tx, manager)
    made = workspace_rows.create(tx, edit.name or "")
    customers.insert(tx, manager.id, made.id)
    customer = _change(tx, customers.find(tx, manager.id, made.id), edit)
    _record(tx, customer, "customer_created")
    return customer


def change(tx: database.Tx, customer_id: int, edit: Edit) -> model.Customer:
    """Rename a customer's workspace, or describe it otherwise. Raises `errors.Invalid`."""
    workspace = workspace_rows.lock(tx, customer_id)
    if edit.name is not None:
        workspace_rows.rename(tx, workspace, edit.name)
    customer = _change(tx, customers.by_id(tx, customer_id), edit)
    _record(tx, customer, "customer_updated")
    return customer


def delete(tx: database.Tx, customer_id: int) -> set[str]:
    """Delete a customer's workspace that holds nothing any more; gives the keys of its packages' archives.

    The archives are the caller's to delete, once this has committed. Raises `errors.Invalid` saying what it holds.
    """
    workspace = workspace_rows.lock(tx, customer_id)
    if held := _held(tx, workspace):
        raise errors.Invalid(f"Workspace {workspace.name!r} can't be deleted: {held}")
    _record(tx, customers.by_id(tx, workspace.id), "customer_deleted")
    keys = package_rows.blob_keys(tx, workspace.id) | plan_rows.blob_keys(tx, workspace.id)
    workspace_rows.delete(tx, workspace)
    return keys


def find(tx: database.Tx, manager_id: int, address: str) -> model.Customer:
    """The customer that an address names: by its workspace's id, or by `E` and its external id.

    Raises `errors.NotFound`, for another manager's customer too.
    """
    if address.startswith(model.BY_EXTERNAL_ID):
        return customers.find_external(tx, manager_id, address.removeprefix(model.BY_EXTERNAL_ID))
    if not (address.isascii() and address.isdigit() and len(address) < 19):
        raise errors.NotFound.of("customer", repr(address))
    return customers.find(tx, manager_id, int(address))


def _check_manager(tx: database.Tx, manager: workspaces.Workspace) -> None:
    if customers.manager(tx, manager.id):
        raise errors.Forbidden(f"{manager.name!r} is a customer itself, and can't manage others")


def _change(tx: database.Tx, customer: model.Customer, edit: Edit) -> model.Customer:
    external_id = customer.external_id if edit.external_id is None else model.external_id(edit.external_id)
    customers.change(tx, customer, external_id, dict(customer.details) | dict(edit.details))
    return customers.find(tx, customer.manager_id, customer.workspace.id)


def _record(tx: database.Tx, customer: model.Customer, event_type: str) -> None:
    resource = activity_model.Resource(activity_model.Kind.CUSTOMER, customer.workspace.id, customer.workspace.name)
    activities.record(tx, customer.manager_id, event_type, resource)


def _held(tx: database.Tx, workspace: workspaces.Workspace) -> str | None:
    """What keeps a workspace from being deleted."""
    if projects := folders.children(tx, workspace.id, workspace.root_folder_id):
        return f"it holds projects ({', '.join(repr(folder.name) for folder in projects[:5])})"
    if held := asset_rows.in_folders(tx, workspace.id, [workspace.root_folder_id]):
        return f"it holds assets ({', '.join(f'{asset.kind} {asset.name!r}' for asset in held[:5])})"
    if environments.targets(tx, workspace.id) or environments.source(tx, workspace.id):
        return "it is bound to other workspaces for deployments"
    if package_rows.in_progress(tx, workspace.id):
        return f"a package is {packages.Status.IN_PROGRESS.replace('_', ' ')}"
    return None
