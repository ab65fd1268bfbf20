"""Python snippets: `main(input)` of the recipe's own code, in a limited process."""

from collections.abc import Mapping

from recipeyard.runtime import fields, interface, snippets


def _invoke(call: interface.Call) -> interface.Result:
    code = call.input.get("code")
    if not isinstance(code, str) or not code.strip():
        raise interface.Failure("code is required", kind="Invalid")
    outcome = snippets.run(code, _input(call.input.get("code_input")))
    known = fields.schema(call.input.get("code_output_schema_json"))
    return interface.Result({"output": fields.fit(known, outcome.returned), "logs": outcome.log})


def _input(given: object) -> interface.Object:
    """The snippet's input: schema and data, or its fields alone."""
    if not isinstance(given, Mapping):
        return {}
    data = given.get("data")
    if not isinstance(data, Mapping):
        return {} if "schema" in given else given
    known = fields.schema(given.get("schema"))
    return {**{each.name: None for each in known}, **fields.fit(known, data)}


CONNECTOR = interface.Connector(
    name="py_eval",
    title="Python snippets",
    actions=(
        interface.Action(
            "invoke_custom_py_code",
            _invoke,
            "Run Python",
            interface.Effect.PURE,
            (
                interface.Field("name"),
                interface.Field("code"),
                interface.Field("code_input", "object"),
                interface.Field("code_output_schema_json"),
            ),
            (interface.Field("output", "object"), interface.Field("logs")),
            seconds=snippets.LIMITS.seconds,
        ),
    ),
)
