"""Lines in a job's log."""

import connector_calls
from recipeyard.runtime.connectors import logger


def test_a_message_goes_to_the_jobs_log_and_is_the_steps_output() -> None:
    bare = connector_calls.Bare()

    result = connector_calls.perform(
        logger.CONNECTOR, "log_message", {"message": "Order 5", "user_logs_enabled": "false"}, workspace=bare
    )

    assert [("Order 5", "info")] == bare.logged
    assert {"message": "Order 5"} == result.output


def test_an_empty_message_is_no_failure() -> None:
    assert {"message": ""} == connector_calls.perform(logger.CONNECTOR, "log_message", {}).output
