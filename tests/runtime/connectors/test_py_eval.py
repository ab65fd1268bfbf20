"""Python snippets: what they are given and give back, and what is kept from them."""

import dataclasses

import pytest

import connector_calls
from recipeyard.runtime import interface, snippets, values
from recipeyard.runtime.connectors import py_eval


def _perform(code: str, **given: values.Value) -> interface.Object:
    fields: interface.Object = {"name": "snippet", "code": code, **given}
    return connector_calls.perform(py_eval.CONNECTOR, "invoke_custom_py_code", fields).output


def test_main_gets_its_input_and_its_answer_is_the_output() -> None:
    code = "import json\n\ndef main(input):\n    print('adding')\n    return {'sum': input['a'] + len(input['b'])}\n"
    data: interface.Object = {
        "schema": '[{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]',
        "data": {"a": "2", "b": "four"},
    }

    assert {"output": {"sum": 6}, "logs": "adding\n"} == _perform(code, code_input=data)


def test_inputs_that_are_empty_are_none_and_outputs_have_the_types_of_their_schema() -> None:
    code = "def main(input):\n    return {'n': '5', 'was': input['a'] is None}"

    output = _perform(
        code,
        code_input={"schema": '[{"name": "a"}]', "data": {}},
        code_output_schema_json='[{"name": "n", "type": "integer"}]',
    )

    assert {"n": 5, "was": True} == output["output"]


def test_times_and_bytes_arrive_as_text() -> None:
    code = "def main(input):\n    return input"
    data: interface.Object = {"at": connector_calls.NOW, "text": b"abc", "raw": b"\xff"}

    assert {"at": "2024-05-15T10:30:00+00:00", "text": "abc", "raw": "/w=="} == _perform(code, code_input=data)[
        "output"
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def main(input):\n    return 1 / 0", r"the code failed: ZeroDivisionError: division by zero \(line 2\)"),
        ("def main(input:\n    return", r"the code failed: SyntaxError: .* \(line 1\)"),
        ("def other(input):\n    return", r"the code has no function main\(input\)"),
        ("def main(input):\n    return [1]", r"main must return an object, not “\[1\]”"),
        ("def main(input):\n    return {'a': {1}}", "something of the type set, which JSON has no word for"),
        ("import sys\ndef main(input):\n    sys.exit()", "the code ended before main returned"),
        ("import os\ndef main(input):\n    os.abort()", "the code's process was ended by signal 6"),
        ("", "code is required"),
    ],
)
def test_code_that_fails_says_how_and_where(code: str, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _perform(code)


@pytest.mark.parametrize(
    "code",
    [
        "def main(input):\n    return {'x': open('/etc/hostname').read()}",
        "import os\ndef main(input):\n    return {'x': os.listdir('/')}",
        "import os\ndef main(input):\n    os.remove('/tmp/nothing')",
        "def main(input):\n    open('/tmp/written-by-a-snippet', 'w')",
        "import socket\ndef main(input):\n    socket.create_connection(('127.0.0.1', 80))",
        "import subprocess\ndef main(input):\n    subprocess.run(['true'])",
        "import os\ndef main(input):\n    os.system('true')",
        "import os\ndef main(input):\n    os.fork()",
        "import ctypes",
        "import sqlite3\ndef main(input):\n    sqlite3.connect('/tmp/a-database')",
        "import os\ndef main(input):\n    open('x', 'w'); os.rename('x', '/tmp/moved-by-a-snippet')",
        "import os\ndef main(input):\n    open('x', 'w'); os.link('x', '/tmp/linked-by-a-snippet')",
    ],
)
def test_files_connections_and_processes_are_kept_from_it(code: str) -> None:
    with pytest.raises(interface.Failure, match="PermissionError: a snippet may not"):
        _perform(code)


def test_it_sees_nothing_of_the_servers_environment_or_packages() -> None:
    code = """
import importlib.util, os
def main(input):
    return {"names": sorted(os.environ), "package": importlib.util.find_spec("recipeyard") is not None}
"""

    assert {"names": ["LC_CTYPE"], "package": False} == _perform(code)["output"]


def test_its_own_directory_and_the_standard_library_are_open_to_it() -> None:
    code = """
import csv, datetime, decimal, hashlib, io, re, statistics, uuid, zoneinfo
def main(input):
    with open("scratch.txt", "w") as stream:
        stream.write("kept")
    return {"read": open("scratch.txt").read(), "day": datetime.date(2024, 5, 15)}
"""

    assert {"read": "kept", "day": "2024-05-15"} == _perform(code)["output"]


@pytest.mark.parametrize(
    ("code", "words", "changes"),
    [
        ("while True: pass", "more than 1 seconds of the processor", {"processor_seconds": 1}),
        ("import time; time.sleep(60)", "longer than 0.5 seconds", {"seconds": 0.5}),
        ("x = [0] * 10**9", "more than 268,435,456 bytes of memory", {}),
        ("print('x' * 2000)", "writes more than 1,000 bytes", {"written": 1000}),
        ("for each in range(6): open(str(each), 'w')", "makes more than 5 files", {"files": 5}),
        ("import os\nfor each in range(6): os.mkdir(str(each))", "makes more than 5 files", {"files": 5}),
        ("def main(input): return {'x': 'y' * 2000}", "writes more than 1,000 bytes", {"written": 1000}),
    ],
)
def test_each_limit_is_named(code: str, words: str, changes: dict[str, int]) -> None:
    with pytest.raises(interface.Failure, match=words):
        snippets.run(code, {}, dataclasses.replace(snippets.LIMITS, **changes))


def test_as_many_files_as_it_may_make_can_be_written_again_and_again() -> None:
    code = "def main(input):\n    for each in range(60): open(str(each % 5), 'w').write('x')\n    return {}"

    assert {} == snippets.run(code, {}, dataclasses.replace(snippets.LIMITS, files=5)).returned


def test_the_files_of_its_own_printing_may_be_gone() -> None:
    code = "import os\ndef main(input):\n    print('gone')\n    os.remove('printed.txt')\n    return {}"

    assert "gone\n" == _perform(code)["logs"]


def test_the_end_of_a_long_complaint_is_told() -> None:
    code = "import sys\ndef main(input):\n    sys.stderr.write('warning\\n' * 100_000)\n    raise ValueError('the end')"

    with pytest.raises(interface.Failure, match="ValueError: the end"):
        _perform(code)


def test_what_was_printed_before_a_failure_is_told_with_it() -> None:
    with pytest.raises(interface.Failure) as failed:
        _perform("def main(input):\n    print('so far')\n    raise ValueError('no')")

    assert {"logs": "so far\n"} == failed.value.details
