"""Failures carry what the one who sent the request needs to know."""

from recipeyard.model import errors


def test_a_refusal_names_its_field_and_a_limit_its_wait() -> None:
    refused, late = errors.Refused("running", "can't be"), errors.TooMany("Slow down", 7)

    assert ("running", "can't be", "running can't be") == (refused.field, refused.reason, refused.message)
    assert ("Slow down", 7) == (late.message, late.retry_after_s)


def test_an_issue_names_its_place_if_it_has_one() -> None:
    assert ("what", "where: what") == (str(errors.Issue("", "what")), str(errors.Issue("where", "what")))
