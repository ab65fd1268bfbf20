"""`recipeyard stubs`: what stubs answer for."""

import servers
import terminals
import worlds

FILES = {
    "chat.connection.json": worlds.connection("Chat", "slack"),
    "answers.stub.json": worlds.document({"name": "Answers", "provider": "slack", "answers": []}),
}


def test_a_stub_is_bound_by_name_shown_and_unbound(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped(FILES))

    bound = terminal.run("stubs", "bind", "Answers", "--connection", "Chat", "--without-connection").out
    shown = terminal.run("stubs").out
    unbound = terminal.run("stubs", "bind", "Answers", "--json").json

    assert "Stub 'Answers' answers for Chat, slack without a connection.\n" == bound
    assert "Answers" in shown
    assert "Chat, slack without a connection" in shown
    assert ([], False) == (unbound["connection_ids"], unbound["without_connection"])


def test_what_is_not_there_is_told_with_what_is(terminal: terminals.Terminal, client: servers.Client) -> None:
    assert "There are no stubs." in terminal.run("stubs").out
    client.load(client.folder(), worlds.zipped(FILES))

    assert "there is no one stub 'Other'; there are: Answers" in terminal.run("stubs", "bind", "Other", code=1).err
    gone = terminal.run("stubs", "bind", "Answers", "--connection", "Mail", code=1).err
    assert "there is no one connection 'Mail'; there are: Chat" in gone
