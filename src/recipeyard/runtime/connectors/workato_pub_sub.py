"""Event topics: messages published to whoever listens, with the step that publishes them or not at all."""

from recipeyard.runtime import fields, inputs, interface, values
from recipeyard.runtime.interface import Call, Field, Result

_TOPIC = Field("topic_id", optional=False, label="Topic")
_MESSAGE = Field("message", "object", label="Message")
_OUTPUT = (_MESSAGE, Field("message_id", label="Message ID"), Field("published_at", "date_time", label="Published at"))


def _publish(call: Call) -> Result:
    """A message is of the types that its topic's schema says. Its id is the step's key."""
    topic_id = inputs.word(call.input, "topic_id")
    topic = call.workspace.document("topic", topic_id)
    message = fields.take(fields.schema(topic.get("schema")), inputs.fields(call.input, "message"), "message")
    sent: dict[str, values.Value] = {"message": message, "message_id": call.key, "published_at": call.now}
    call.workspace.publish(f"topic:{topic_id}", sent)
    return Result({"message_id": call.key})


CONNECTOR = interface.Connector(
    "workato_pub_sub",
    "Event topics",
    triggers=(
        interface.Trigger(
            "subscribe_to_topic",
            interface.Subject(lambda given: f"topic:{inputs.word(given, 'topic_id')}"),
            "New message",
            (_TOPIC,),
            _OUTPUT,
        ),
    ),
    actions=(
        interface.Action(
            "publish_to_topic",
            _publish,
            "Publish a message",
            interface.Effect.HERE,
            (_TOPIC, _MESSAGE),
            (Field("message_id", label="Message ID"),),
        ),
    ),
)
