"""Plugins for Lucid in Python: functions become tools that Lucid calls over MCP, on standard input and output.

    from lucid_plugin import Plugin

    plugin = Plugin("todo")

    @plugin.tool
    def add(item: str) -> None:
        "Adds an item to the list."
        ...

    plugin.run()

One file without dependencies: copy it into the plugin's folder. What a tool may do, and what a person is asked
before it does it, stands in plugin.toml alone. Print nothing to standard output; `print(..., file=sys.stderr)` is for complaints.
"""

import dataclasses
import inspect
import json
import sys
import types
import typing

VERSIONS = ("2025-06-18", "2025-03-26", "2024-11-05")
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}


class Refused(Exception):
    """What a person reads when a tool cannot do what is asked: raise it with a sentence."""


def schema_of(kind):
    """The JSON schema of a type hint; anything where it is unknown."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        known = [argument for argument in arguments if argument is not type(None)]
        return schema_of(known[0]) if len(known) == 1 else {}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is list and arguments:
        return {"type": "array", "items": schema_of(arguments[0])}
    name = TYPES.get(origin or kind)
    return {"type": name} if name else {}


def schema_of_given(kind):
    """The JSON schema of what a tool gives, as it is sent; nothing where its hint does not tell."""
    schema = schema_of_part(kind)
    if not schema or schema.get("type") == "object":
        return schema
    return {"type": "object", "properties": {"result": schema}, "required": ["result"]}


def schema_of_part(kind, within=()):
    """The same of a part of it: data classes and typed dictionaries are objects with these fields."""
    arguments = typing.get_args(kind)
    if kind in (None, type(None), *within) or type(None) in arguments:
        return {}
    if typing.get_origin(kind) is list and arguments:
        return {"type": "array", "items": schema_of_part(arguments[0], within)}
    if dataclasses.is_dataclass(kind):
        names = required = [field.name for field in dataclasses.fields(kind)]
    elif typing.is_typeddict(kind):
        names, required = kind.__annotations__, kind.__required_keys__
    else:
        return schema_of(kind)
    hints = typing.get_type_hints(kind)
    fields = {name: schema_of_part(hints[name], (*within, kind)) for name in names}
    return {"type": "object", "properties": fields, "required": sorted(required)}


def plain(given):
    """The same without data classes, which JSON does not know."""
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        given = {field.name: getattr(given, field.name) for field in dataclasses.fields(given)}
    if isinstance(given, dict):
        return {key: plain(each) for key, each in given.items()}
    if isinstance(given, (list, tuple)):
        return [plain(each) for each in given]
    return given


class Plugin:
    """The tools of one plugin."""

    def __init__(self, name, version="1.0"):
        self.name, self.version, self.tools = name, version, {}

    def tool(self, function):
        """Makes a tool of a function: its name, the first line of its doc string, and its type hints.

        It gives nothing, a value, a dictionary, a data class, or a list of these.
        """
        hints = typing.get_type_hints(function)
        parameters = inspect.signature(function).parameters.values()
        described = {
            "name": function.__name__,
            "description": (inspect.getdoc(function) or function.__name__).split("\n")[0],
            "inputSchema": {
                "type": "object",
                "properties": {each.name: schema_of(hints.get(each.name)) for each in parameters},
                "required": [each.name for each in parameters if each.default is each.empty],
                "additionalProperties": False,
            },
        }
        output = schema_of_given(hints.get("return"))
        if output:
            described["outputSchema"] = output
        self.tools[function.__name__] = (function, described)
        return function

    def run(self):
        """Serves until Lucid closes the input."""
        for line in sys.stdin:
            try:
                message = json.loads(line)
            except ValueError:
                self.send({"id": None, "error": {"code": -32700, "message": "this is no JSON"}})
                continue
            # What has no id wants no answer.
            if isinstance(message, dict) and "id" in message and "method" in message:
                self.send({"id": message["id"], **self.answer(message["method"], message.get("params") or {})})

    def answer(self, method, parameters):
        if method == "initialize":
            wanted = parameters.get("protocolVersion")
            return {"result": {
                "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": self.name, "version": self.version},
            }}
        if method == "tools/list":
            return {"result": {"tools": [described for _, described in self.tools.values()]}}
        if method == "tools/call":
            return self.call(parameters.get("name"), parameters.get("arguments") or {})
        if method == "ping":
            return {"result": {}}
        return {"error": {"code": -32601, "message": f"{method} is not served"}}

    def call(self, name, arguments):
        if name not in self.tools:
            return {"error": {"code": -32602, "message": f"there is no tool {name}"}}
        function, _ = self.tools[name]
        try:
            inspect.signature(function).bind(**arguments)
        except TypeError as error:
            return {"error": {"code": -32602, "message": str(error)}}
        try:
            given = plain(function(**arguments))
            written = json.dumps(given, ensure_ascii=False)
        except Refused as reason:
            return {"result": {"content": [{"type": "text", "text": str(reason)}], "isError": True}}
        except Exception as error:  # A mistake of a tool ends neither the server nor the others.
            print(f"{name}: {error!r}", file=sys.stderr)
            return {"result": {"content": [{"type": "text", "text": f"{type(error).__name__}: {error}"}], "isError": True}}
        if given is None:
            return {"result": {"content": []}}
        # A structure is an object: what is none stands in `result`.
        structure = given if isinstance(given, dict) else {"result": given}
        text = given if isinstance(given, str) else written
        return {"result": {"content": [{"type": "text", "text": text}], "structuredContent": structure}}

    @staticmethod
    def send(message):
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
