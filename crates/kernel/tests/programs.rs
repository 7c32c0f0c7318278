//! `lucid mcp`: another program calls functions, under the same policy, consent and journal as a person's requests.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the programs that it tests"
)]

mod support;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout},
};

use serde_json::{Value, json};
use support::{Fixture, SCRIPT};

/// Another program, on the pipes of `lucid mcp`.
struct Program {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    number: u64,
}

impl Program {
    fn start(fixture: &Fixture) -> Program {
        let mut server = fixture.command(&["mcp"]).spawn().unwrap();
        let (to, from) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let mut program = Program {
            server,
            to,
            from: BufReader::new(from),
            number: 0,
        };
        let begun = program.ask(
            "initialize",
            json!({
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": { "name": "a test", "version": "1" },
            }),
        );
        assert_eq!(begun["result"]["serverInfo"]["name"], "lucid", "{begun}");
        program.say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        program
    }

    fn say(&mut self, message: Value) {
        writeln!(self.to, "{message}").unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.number, "method": method, "params": params });
        self.say(message);
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the server has ended"
            );
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == self.number {
                return answer;
            }
        }
    }

    /// Calls a tool. Returns what was said, and what it gave where it was done.
    fn call(&mut self, tool: &str, arguments: Value) -> (String, Option<Value>) {
        let answer = self.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        );
        let result = &answer["result"];
        let said = result["content"][0]["text"].as_str().unwrap_or_default();
        let failed = result["isError"] == true;
        (
            said.to_owned(),
            (!failed).then(|| result["structuredContent"]["result"].clone()),
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn rules(fixture: &Fixture, text: &str) {
    let folder = fixture.home().join(".config/lucid");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("policy.toml"), text).unwrap();
}

#[tokio::test]
async fn a_program_sees_what_can_be_used_and_nothing_passes_without_a_word() {
    let fixture = Fixture::start(SCRIPT).await;
    let mut program = Program::start(&fixture);
    let listed = program.ask("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let find = tools
        .iter()
        .find(|tool| tool["name"] == "files-find")
        .unwrap();
    assert_eq!(find["annotations"]["readOnlyHint"], true);
    assert_eq!(
        find["inputSchema"]["properties"]["kind"]["type"], "string",
        "{find}"
    );
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"files-trash"), "{names:?}");
    assert!(
        !names.contains(&"power-battery"),
        "there is no system bus: {names:?}"
    );

    // Nobody is there to be asked.
    let (said, done) = program.call("files-make_folder", json!({ "path": "~/letters" }));
    assert_eq!(done, None);
    assert!(said.starts_with("Nobody can be asked about this"), "{said}");
    assert!(!fixture.home().join("letters").exists());
    let (said, done) = program.call("calc-evaluate", json!({ "expression": "6*7" }));
    assert_eq!(done, None, "{said}");
    for (tool, arguments, sentence) in [
        ("files-nothing", json!({}), "files.nothing"),
        ("calc-evaluate", json!({ "formula": "1" }), "formula"),
        ("calc-evaluate", json!({}), "expression"),
        ("calc-evaluate", json!({ "expression": 7 }), "expression"),
    ] {
        let (said, done) = program.call(tool, arguments);
        assert_eq!(done, None, "{tool}");
        assert!(said.contains(sentence), "{said}");
    }
    let log = fixture.log().await;
    assert_eq!(log.len(), 2, "what is no call is no turn");

    // Whoever is asked is told who asks, whatever else is to be said.
    let file = fixture.home().join("a.txt");
    std::fs::write(&file, "a").unwrap();
    program.call("files-trash", json!({ "path": file }));
    assert!(file.exists());
    let log = fixture.log().await;
    let client = fixture.client().await;
    let mut reasons = Vec::new();
    for turn in &log {
        let why = client.why(&turn.turn.0).await.unwrap();
        let why: protocol::WhyReport = serde_json::from_str(&why).unwrap();
        reasons.extend(why.decisions.into_iter().map(|decision| decision.reason));
    }
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for reason in &reasons {
        assert!(reason.starts_with("Another program "), "{reasons:?}");
    }
    let is_found = |reason: &&String| reason.contains("was found on this computer");
    assert_eq!(reasons.iter().filter(is_found).count(), 2, "{reasons:?}");
}

#[tokio::test]
async fn a_rule_lets_a_program_act_and_be_told_and_its_acts_are_undone() {
    let mut fixture = Fixture::without_kernel(SCRIPT);
    rules(
        &fixture,
        "[functions]\n\"files.make_folder\" = \"allow\"\n\"calc.evaluate\" = \"allow\"\n\"files.find\" = \"never\"\n",
    );
    fixture.start_kernel().await;
    let mut program = Program::start(&fixture);
    let (_, value) = program.call("calc-evaluate", json!({ "expression": "6*7" }));
    let value = value.expect("a rule allows it");
    assert!(value.to_string().contains("42"), "{value}");
    let (said, done) = program.call("files-make_folder", json!({ "path": "~/letters" }));
    assert!(done.is_some(), "{said}");
    assert!(fixture.home().join("letters").is_dir());
    let (said, done) = program.call("files-find", json!({ "name": "x" }));
    assert_eq!(done, None, "{said}");
    let undone = fixture.undo("").await;
    assert!(undone.failures().is_empty(), "{:?}", undone.failures());
    assert!(!fixture.home().join("letters").exists());
}
