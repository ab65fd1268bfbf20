"""Lines in a job's log."""

from recipeyard.runtime import fields, interface

_INPUT = (
    interface.Field("message", label="Message"),
    interface.Field("user_logs_enabled", "boolean", label="Send to the log service"),
)


def _log_message(call: interface.Call) -> interface.Result:
    message = fields.text(call.input.get("message"))
    call.workspace.log(message, "info")
    return interface.Result({"message": message})


CONNECTOR = interface.Connector(
    name="logger",
    title="Logger",
    actions=(
        interface.Action(
            name="log_message",
            title="Log a message",
            run=_log_message,
            effect=interface.Effect.PURE,
            input=_INPUT,
            output=(interface.Field("message"),),
        ),
    ),
)
