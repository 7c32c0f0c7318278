//! Adds functions that nobody has seen before to what an adapter is trained on; `models/tune` says how it is used.
//!
//! `cargo run --release -p planner --example taught_tools -- TOOLS BANK OUT` reads each `*.jsonl` of the folder TOOLS,
//! lines of [`planner::ToolExample`], and BANK, what `--example taught` wrote; it writes into the folder OUT
//! `bank.jsonl`: that of the bank, with functions that are not meant before some of the words, and the examples of
//! TOOLS as if plugins had added their functions; and `tools.jsonl`: the same examples for `Planner::for_tools`.
#![allow(clippy::print_stderr, reason = "it is a program for the terminal")]

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::Context as _;
use functions::Registry;
use planner::{Planner, Taught, ToolExample};
use serde_json::{Value, json};

/// Before the words of each so many requests of the bank stand functions that are not meant.
const DISTRACTED: usize = 8;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tools, bank, out] = arguments.as_slice() else {
        anyhow::bail!("usage: taught_tools TOOLS BANK OUT");
    };
    let tools = read_tools(Path::new(tools))?;
    let out = Path::new(out);
    std::fs::create_dir_all(out)?;
    write_bank(&tools, Path::new(bank), &out.join("bank.jsonl"))?;
    write_tools(&tools, &out.join("tools.jsonl"))
}

/// Reads the examples; a mistake is told with its line and left out.
fn read_tools(folder: &Path) -> anyhow::Result<Vec<ToolExample>> {
    let mut examples = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        for (index, line) in text.lines().enumerate() {
            let read = serde_json::from_str::<ToolExample>(line).map_err(|error| error.to_string());
            match read.and_then(|example| example.taught().map(|_| example)) {
                Ok(example) => examples.push(example),
                Err(reason) => eprintln!("{}:{}: {reason}", path.display(), index + 1),
            }
        }
    }
    anyhow::ensure!(!examples.is_empty(), "{} has no example", folder.display());
    Ok(examples)
}

fn write_bank(tools: &[ToolExample], bank: &Path, path: &Path) -> anyhow::Result<()> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let (registry, errors) = Registry::load(&[&plugins], &[]);
    anyhow::ensure!(errors.is_empty(), "{errors:?}");
    let planner = Planner::new(&registry);
    let text = std::fs::read_to_string(bank)?;
    let mut lines = text.lines();
    let constant = lines.next().context("the bank is empty")?;
    anyhow::ensure!(
        constant == serde_json::to_string(&planner.constant())?,
        "{} is of other functions: write it anew",
        bank.display()
    );
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{constant}")?;
    let mut distracting = tools.iter().cycle();
    for (index, line) in lines.enumerate() {
        if index % DISTRACTED == 0
            && let Some(tool) = distracting.next()
        {
            let mut taught: Value = serde_json::from_str(line)?;
            let words = taught["user"].as_str().context("a line has no words")?;
            taught["user"] = tool.before(words).into();
            writeln!(file, "{taught}")?;
        } else {
            writeln!(file, "{line}")?;
        }
    }
    for taught in tools
        .iter()
        .filter_map(|example| example.taught_beside(&planner))
    {
        writeln!(file, "{}", line(&taught))?;
    }
    Ok(file.flush()?)
}

fn write_tools(tools: &[ToolExample], path: &Path) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let constant = Planner::for_tools(&Registry::default()).constant();
    writeln!(file, "{}", serde_json::to_string(&constant)?)?;
    for taught in tools.iter().filter_map(|example| example.taught().ok()) {
        writeln!(file, "{}", line(&taught))?;
    }
    Ok(file.flush()?)
}

/// What stands behind the constant part, and the answer.
fn line(taught: &Taught) -> Value {
    let constant = taught.prompt.capsule_turns().unwrap_or_default();
    json!({
        "turns": taught.prompt.turns[constant..],
        "user": taught.prompt.user,
        "answer": taught.answer,
    })
}
