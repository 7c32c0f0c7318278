//! Tells the tokens of prompts and answers, for training an adapter: see `models/tune`.

use std::io::{self, BufRead as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use engine::{ChatTurn, Prompt};
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use serde::Deserialize;
use serde_json::json;

use crate::backend;
use crate::prompt::{self, Markup};

/// What stands behind the constant part, and its answer.
#[derive(Debug, Deserialize)]
struct Taught {
    turns: Vec<ChatTurn>,
    user: String,
    answer: String,
}

/// Reads the constant prompt and what was taught behind it, a JSON object a line; writes first the tokens of the
/// constant part, then for each line those behind it, those of its answer with the end of the turn, and how
/// many lines the answer has.
pub(crate) fn tokens(arguments: &[String]) -> anyhow::Result<()> {
    let [option, path] = arguments else {
        bail!("usage: lucid-engine-llama tokens --model FILE <taught.jsonl");
    };
    anyhow::ensure!(option == "--model", "{option} is no option");
    let backend = backend::start()?;
    let parameters = LlamaModelParams::default().with_vocab_only(true);
    let model = LlamaModel::load_from_file(&backend, Path::new(path), &parameters)
        .context("the model's words cannot be read")?;
    let markup = Markup::new(&model)?;
    let mut lines = io::stdin().lock().lines();
    let first = lines.next().context("there is no constant prompt")??;
    let constant: Prompt = serde_json::from_str(&first)?;
    let before = markup.render_constant(&model, &constant);
    let capsule = before.capsule.context("the prompt has no constant part")?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", json!(numbers(&before.tokens[..capsule])))?;
    let end = model.vocab().eos();
    for line in lines {
        let taught: Taught = serde_json::from_str(&line?)?;
        let mut prompt = constant.clone();
        prompt.turns.extend(taught.turns);
        prompt.user = taught.user;
        let rendered = markup.render(&model, &prompt);
        anyhow::ensure!(
            rendered.tokens.starts_with(&before.tokens[..capsule]),
            "the constant part changes with what stands behind it"
        );
        let mut answer = prompt::plain(&model, &taught.answer);
        answer.push(end);
        let count = taught.answer.lines().count();
        let line = json!([
            numbers(&rendered.tokens[capsule..]),
            numbers(&answer),
            count
        ]);
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn numbers(tokens: &[llama_cpp_2::token::LlamaToken]) -> Vec<i32> {
    tokens.iter().map(|token| token.0).collect()
}
