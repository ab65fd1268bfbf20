"""Callable recipes: what recipe functions were before, with requests and replies."""

from collections.abc import Mapping

from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_recipe_function as functions

_ERROR = "error"


def _send_reply(call: interface.Call) -> interface.Result:
    """Answer whoever called: with the reply, or with an error that fails the caller's step."""
    given = call.input.get("reply")
    reply: interface.Object = given if isinstance(given, Mapping) else {}
    answer: interface.Object = {functions.RESULT: reply}
    if call.input.get("reply_type") == _ERROR:
        message = reply.get("message")
        said = message if isinstance(message, str) and message else "the reply does not say which"
        answer = {functions.RESULT: reply, "error": said}
    return interface.Result({"reply": reply}, reply=answer)


_REQUEST = interface.Field("request", "object")
_REPLY = interface.Field("reply", "object")
CONNECTOR = interface.Connector(
    name="workato_service",
    title="Callable recipes",
    triggers=(
        interface.Trigger(
            name="receive_request",
            title="New call for recipe",
            listening=interface.Called(lambda parameters, context: {"request": parameters, "context": context}),
            input=(interface.Field("request_schema_json"), interface.Field("reply_schema_json")),
            output=(_REQUEST, interface.Field("context", "object")),
        ),
    ),
    actions=(
        interface.Action(
            name="call_service",
            title="Call recipe",
            run=lambda asked: functions.call(asked, "request", "reply"),
            effect=interface.Effect.HERE,
            input=(functions.FLOW_ID, _REQUEST),
            output=(_REPLY, interface.Field("job_id")),
        ),
        interface.Action(
            name="call_service_async",
            title="Call recipe and go on",
            run=lambda asked: functions.call_async(asked, "request"),
            effect=interface.Effect.HERE,
            input=(functions.FLOW_ID, _REQUEST),
            output=(interface.Field("job_id"),),
        ),
        interface.Action(
            name="send_reply",
            title="Reply",
            run=_send_reply,
            effect=interface.Effect.HERE,
            input=(interface.Field("reply_type"), _REPLY),
            output=(_REPLY,),
        ),
        interface.Action(
            name="wait_for_async_jobs",
            title="Wait for calls",
            run=functions.wait,
            effect=interface.Effect.HERE,
            output=(interface.Field("results", "array"),),
        ),
    ),
)
