"""Documents made of message templates."""

from collections.abc import Mapping

from recipeyard.runtime import fields, interface, mustache, values


def _create_document(call: interface.Call) -> interface.Result:
    template_id = fields.text(call.input.get("template_id"))
    if not template_id:
        raise interface.Failure("template_id is required", kind="Invalid")
    template = call.workspace.document("workato_template", template_id)
    content = template.get("content")
    if not isinstance(content, str):
        raise interface.Failure(f"the template {template.get('name') or template_id} has no content", kind="Invalid")
    given = call.input.get("template_input")
    text = mustache.render(content, given if isinstance(given, Mapping) else {})
    called = [each.name for each in fields.outputs(call.step) if each.type == "string"]
    output: dict[str, values.Value] = dict.fromkeys(called or ["document"], text)
    return interface.Result(output)


CONNECTOR = interface.Connector(
    name="workato_template",
    title="Message templates",
    actions=(
        interface.Action(
            "create_document",
            _create_document,
            "Create a document",
            interface.Effect.HERE,
            (interface.Field("template_id"), interface.Field("template_input", "object")),
            (interface.Field("document"),),
        ),
    ),
)
