"""jobs list, show and repeat."""

import errands
import servers
import terminals


def test_jobs_are_listed_shown_and_repeated(terminal: terminals.Terminal, client: servers.Client) -> None:
    recipe = errands.started(client, errands.hooked(), "Orders")
    job = errands.sent(client, recipe, {"order": "A-7"})
    errands.ended(client, recipe, job)

    listed = terminal.run("jobs", "list", "orders")
    shown = terminal.run("jobs", "show", "Orders", job).out
    repeated = terminal.run("jobs", "repeat", str(recipe), job, "--json").json["results"]

    assert job in listed.out
    assert "   1 logger.log_message  done" in shown
    assert '{"message":"A-7"' in shown
    assert [(job, "enqueued")] == [(each["job_id"], each["status"]) for each in repeated]
    errands.ended(client, recipe, repeated[0]["new_job_id"])
    assert 2 == len(terminal.run("jobs", "list", "Orders", "--json").json["items"])
    assert "There are no jobs." in terminal.run("jobs", "list", "Orders", "--status", "failed").out


def test_a_job_that_cant_be_repeated_is_refused_in_words(terminal: terminals.Terminal, client: servers.Client) -> None:
    errands.started(client, errands.hooked(), "Orders")

    refused = terminal.run("jobs", "repeat", "Orders", "j-99999999", code=1).out

    assert "refused   j-99999999: recipe 'Orders' has no job 'j-99999999'; it is gone, or never was" in refused
