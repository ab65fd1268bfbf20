"""Customers as the API takes and shows them to their manager, and the shapes that answers have at their addresses."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from recipeyard.model import customers
from recipeyard.wire import answers, connections, folders, packages, recipes

Shown = TypeVar("Shown")


class Customer(msgspec.Struct):
    """A workspace that the token's workspace manages."""

    id: int
    external_id: str | None
    name: str
    notification_email: str | None
    plan_id: str
    root_folder_id: int
    created_at: str
    updated_at: str


class CustomerRequest(msgspec.Struct):
    """What a customer is made of; what is not sent stays. `email` is another word for `notification_email`."""

    name: str | None = None
    external_id: str | None = None
    notification_email: str | None = None
    email: str | None = None

    @property
    def details(self) -> dict[str, str]:
        """What the manager keeps of a customer beside its name and id."""
        return answers.sent({"notification_email": self.notification_email or self.email})


class Page(msgspec.Struct, Generic[Shown]):
    """A page of what a customer's address shows; `count` says how many are on it."""

    result: list[Shown]
    count: int
    page: int
    per_page: int


class CustomerPage(Page[Customer]):
    """A page of customers, oldest first; `count` says how many are on it."""


class FolderPage(Page[folders.Folder]):
    """A page of folders; `count` says how many are on it."""


class ProjectPage(Page[folders.Project]):
    """A page of projects; `count` says how many are on it."""


class RecipePage(Page[recipes.Recipe]):
    """A page of recipes; `count` says how many are on it."""


class ConnectionPage(Page[connections.Connection]):
    """A page of connections; `count` says how many are on it."""


class RecipeResult(msgspec.Struct):
    """One recipe, in a list."""

    result: list[recipes.Recipe]


class Export(packages.Package, kw_only=True, omit_defaults=True):
    """An export, said twice as clients read it from either place: at the top and as `result`."""

    result: packages.Package


def customer(shown: customers.Customer) -> Customer:
    """A customer's answer."""
    return Customer(
        id=shown.workspace.id,
        external_id=shown.external_id,
        name=shown.workspace.name,
        notification_email=shown.details.get("notification_email"),
        plan_id="self_hosted",
        root_folder_id=shown.workspace.root_folder_id,
        created_at=answers.stamp(shown.workspace.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def customer_page(shown: Sequence[customers.Customer], page: int, per_page: int) -> CustomerPage:
    """A page of customers' answers."""
    return CustomerPage([customer(each) for each in shown], len(shown), page, per_page)


def export(package: packages.Package) -> Export:
    """An export's answer, twice in one."""
    fields = {name: getattr(package, name) for name in packages.Package.__struct_fields__}
    return Export(**fields, result=package)
