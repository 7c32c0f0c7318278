//! Plugins for Lucid in Rust: functions become tools that Lucid calls over MCP, on standard input and output.
//!
//! ```no_run
//! use lucid_plugin::{Plugin, Refused};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Thrown {
//!     sides: u32,
//! }
//!
//! Plugin::new("dice", "1.0")
//!     .tool("sum", "Adds one to the sides.", |thrown: Thrown| match thrown.sides {
//!         0 => Err(Refused::new("A die has at least one side.")),
//!         sides => Ok(sides + 1),
//!     })
//!     .run();
//! ```
//!
//! What a tool may do, and what a person is asked before it does it, stands in `plugin.toml` alone. Print nothing to
//! standard output; standard error is for complaints. A tool that panics ends neither the server nor the others.

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The versions of the protocol that are spoken, the newest first.
const VERSIONS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];

// Of JSON-RPC.
const NO_JSON: i32 = -32700;
const NO_METHOD: i32 = -32601;
const WRONG_PARAMETERS: i32 = -32602;

/// What a person reads when a tool cannot do what is asked: one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl Refused {
    /// Refuses with a sentence.
    pub fn new(sentence: impl Into<String>) -> Refused {
        Refused(sentence.into())
    }
}

impl<E: std::error::Error> From<E> for Refused {
    fn from(error: E) -> Refused {
        Refused(error.to_string())
    }
}

/// An error of JSON-RPC.
struct Wrong {
    code: i32,
    message: String,
}

type Call = Box<dyn Fn(Value) -> Result<Result<Value, Refused>, Wrong>>;

struct Tool {
    description: String,
    input: Value,
    /// Nothing where it gives nothing.
    output: Option<Value>,
    call: Call,
}

fn schema_of<T: JsonSchema>() -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator();
    schema.into_root_schema_for::<T>().to_value()
}

/// The schema of what is given, as it is sent: an object, or what stands in its `result`. Nothing where it may be one
/// or the other, or nothing at all.
fn output_of(mut given: Value) -> Option<Value> {
    match given["type"].as_str()? {
        "object" => return Some(given),
        "null" => return None,
        _ => {}
    }
    let mut output = json!({ "type": "object", "required": ["result"] });
    if let Some(schema) = given.as_object_mut() {
        // Parts of a schema are found from its root.
        for root in ["$defs", "$schema"] {
            if let Some(part) = schema.remove(root) {
                output[root] = part;
            }
        }
    }
    output["properties"] = json!({ "result": given });
    Some(output)
}

/// The tools of one plugin.
pub struct Plugin {
    name: String,
    version: String,
    tools: BTreeMap<String, Tool>,
}

impl Plugin {
    /// A plugin without tools.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Plugin {
        Plugin {
            name: name.into(),
            version: version.into(),
            tools: BTreeMap::new(),
        }
    }

    /// Adds a tool. `A` is what it takes, a structure; what it gives, `R`, becomes JSON: nothing, a value, a structure or
    /// rows. Lucid is told the schemas of both.
    #[must_use]
    pub fn tool<A, R>(
        mut self,
        name: &str,
        description: &str,
        function: impl Fn(A) -> Result<R, Refused> + 'static,
    ) -> Plugin
    where
        A: DeserializeOwned + JsonSchema,
        R: Serialize + JsonSchema,
    {
        let call = move |arguments: Value| {
            let arguments: A = serde_json::from_value(arguments).map_err(|error| Wrong {
                code: WRONG_PARAMETERS,
                message: error.to_string(),
            })?;
            let done = catch_unwind(AssertUnwindSafe(|| function(arguments)));
            let done = done.unwrap_or_else(|_| Err(Refused::new("The tool has failed.")));
            Ok(done.and_then(|given| Ok(serde_json::to_value(given)?)))
        };
        let tool = Tool {
            description: description.to_owned(),
            input: schema_of::<A>(),
            output: output_of(schema_of::<R>()),
            call: Box::new(call),
        };
        self.tools.insert(name.to_owned(), tool);
        self
    }

    /// Serves until Lucid closes the input.
    pub fn run(self) {
        let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
        // Lucid has gone when it cannot be told anything.
        let _ = self.serve(input, output);
    }

    /// Serves what comes from `input` until it ends.
    ///
    /// # Errors
    ///
    /// Those of the two streams.
    pub fn serve(&self, input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
        for line in input.split(b'\n') {
            if let Some(answer) = self.answer_to(&line?) {
                writeln!(output, "{answer}")?;
                output.flush()?;
            }
        }
        Ok(())
    }

    /// What is answered to a line; nothing to what wants no answer.
    fn answer_to(&self, line: &[u8]) -> Option<Value> {
        let Ok(message) = serde_json::from_slice::<Value>(line) else {
            let error = json!({ "code": NO_JSON, "message": "this is no JSON" });
            return Some(json!({ "jsonrpc": "2.0", "id": null, "error": error }));
        };
        let (id, method) = (message.get("id")?, message.get("method")?.as_str()?);
        let parameters = message.get("params").cloned().unwrap_or_default();
        Some(match self.answer(method, &parameters) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(wrong) => {
                let error = json!({ "code": wrong.code, "message": wrong.message });
                json!({ "jsonrpc": "2.0", "id": id, "error": error })
            }
        })
    }

    fn answer(&self, method: &str, parameters: &Value) -> Result<Value, Wrong> {
        match method {
            "initialize" => {
                let wanted = parameters["protocolVersion"].as_str().unwrap_or_default();
                let known = VERSIONS.iter().find(|version| **version == wanted);
                Ok(json!({
                    "protocolVersion": known.unwrap_or(&VERSIONS[0]),
                    "capabilities": { "tools": {} },
                    "serverInfo": { "name": self.name, "version": self.version },
                }))
            }
            "tools/list" => {
                let tools = self.tools.iter().map(|(name, tool)| {
                    let mut told = json!({
                        "name": name, "description": tool.description, "inputSchema": tool.input
                    });
                    if let Some(output) = &tool.output {
                        told["outputSchema"] = output.clone();
                    }
                    told
                });
                Ok(json!({ "tools": tools.collect::<Vec<Value>>() }))
            }
            "tools/call" => self.call(parameters),
            "ping" => Ok(json!({})),
            _ => Err(Wrong {
                code: NO_METHOD,
                message: format!("{method} is not served"),
            }),
        }
    }

    fn call(&self, parameters: &Value) -> Result<Value, Wrong> {
        let name = parameters["name"].as_str().unwrap_or_default();
        let tool = self.tools.get(name).ok_or_else(|| Wrong {
            code: WRONG_PARAMETERS,
            message: format!("there is no tool {name}"),
        })?;
        let arguments = match &parameters["arguments"] {
            Value::Null => json!({}),
            arguments => arguments.clone(),
        };
        let text = |text: &str| json!([{ "type": "text", "text": text }]);
        Ok(match (tool.call)(arguments)? {
            Err(Refused(sentence)) => json!({ "content": text(&sentence), "isError": true }),
            Ok(Value::Null) => json!({ "content": [] }),
            // A structure is an object: what is none stands in `result`.
            Ok(given @ Value::Object(_)) => {
                json!({ "content": text(&given.to_string()), "structuredContent": given })
            }
            Ok(given) => {
                let shown = given
                    .as_str()
                    .map_or_else(|| given.to_string(), str::to_owned);
                json!({ "content": text(&shown), "structuredContent": { "result": given } })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Halved {
        number: i64,
    }

    fn plugin() -> Plugin {
        Plugin::new("halves", "1")
            .tool("halve", "Halves a number.", |Halved { number }| {
                assert!(number < 1000, "too large");
                match number % 2 {
                    0 => Ok(number / 2),
                    _ => Err(Refused::new("It is odd.")),
                }
            })
            .tool(
                "nothing",
                "Does nothing.",
                |_: BTreeMap<String, i64>| Ok(()),
            )
    }

    fn answers(asked: &str) -> Vec<Value> {
        let mut output = Vec::new();
        plugin()
            .serve(asked.as_bytes(), &mut output)
            .expect("memory takes it");
        let lines = output
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).expect("JSON"))
            .collect()
    }

    fn called(name: &str, arguments: Value) -> Value {
        let parameters = json!({ "name": name, "arguments": arguments });
        let asked =
            json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": parameters });
        answers(&asked.to_string()).remove(0)
    }

    #[test]
    fn tools_are_listed_with_what_they_take() {
        let listed = answers(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).remove(0);
        let tool = &listed["result"]["tools"][0];
        assert_eq!(
            (&tool["name"], &tool["description"]),
            (&json!("halve"), &json!("Halves a number."))
        );
        assert_eq!(
            tool["inputSchema"]["properties"]["number"]["type"],
            "integer"
        );
        assert_eq!(tool["inputSchema"]["required"], json!(["number"]));
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
    }

    #[derive(serde::Serialize, JsonSchema)]
    struct Row {
        name: String,
        inner: Inner,
    }

    #[derive(serde::Serialize, JsonSchema)]
    struct Inner {
        count: u32,
    }

    #[test]
    fn tools_are_listed_with_what_they_give() {
        let listed = answers(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).remove(0);
        let tools = &listed["result"]["tools"];
        let output = &tools[0]["outputSchema"];
        assert_eq!(output["properties"]["result"]["type"], "integer");
        assert_eq!(output["required"], json!(["result"]));
        assert_eq!(tools[1]["outputSchema"], Value::Null, "it gives nothing");
        let one = output_of(schema_of::<Row>()).expect("it gives something");
        assert_eq!(one["properties"]["name"]["type"], "string");
        let rows = output_of(schema_of::<Vec<Row>>()).expect("it gives something");
        assert_eq!(rows["properties"]["result"]["type"], "array");
        let count = &rows["$defs"]["Inner"]["properties"]["count"]["type"];
        assert_eq!(count, "integer", "a part is found from the root: {rows}");
        let unclear = [
            schema_of::<Option<Row>>(),
            schema_of::<Option<u32>>(),
            schema_of::<Result<u32, String>>(),
            schema_of::<Value>(),
        ];
        assert_eq!(unclear.map(output_of), [None, None, None, None]);
    }

    #[test]
    fn what_is_given_refused_or_wrong_is_told_apart() {
        let given = called("halve", json!({ "number": 8 }));
        assert_eq!(given["result"]["structuredContent"], json!({ "result": 4 }));
        assert_eq!(
            called("nothing", json!({}))["result"],
            json!({ "content": [] })
        );
        let refused = called("halve", json!({ "number": 7 }));
        assert_eq!(refused["result"]["isError"], true);
        assert_eq!(refused["result"]["content"][0]["text"], "It is odd.");
        assert_eq!(
            called("halve", json!({ "number": 2000 }))["result"]["isError"],
            true
        );
        for (tool, arguments) in [
            ("halve", json!({ "number": "eight" })),
            ("halve", json!({ "number": 8, "twice": true })),
            ("halve", json!({})),
            ("double", json!({ "number": 8 })),
        ] {
            assert_eq!(called(tool, arguments)["error"]["code"], WRONG_PARAMETERS);
        }
    }

    #[test]
    fn any_line_is_survived() {
        let answered = answers(
            "no JSON\n[]\n{\"id\":1}\n{\"method\":\"ping\"}\n{\"id\":2,\"method\":\"dance\"}\n\n",
        );
        let codes: Vec<&Value> = answered
            .iter()
            .map(|answer| &answer["error"]["code"])
            .collect();
        assert_eq!(codes, [&json!(NO_JSON), &json!(NO_METHOD), &json!(NO_JSON)]);
    }
}
