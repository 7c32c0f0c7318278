//! The same requests with less: JSON tool schemas, the plan language alone, and with a grammar, without
//! nearest examples and checks. What these lack is what the planner adds.

use std::{fs::OpenOptions, io::Write, path::Path, time::Instant};

use engine::{
    Capsule, Engine, GenerateRequest, GenerationEvent, Prompt, WorkerEngine, WorkerOptions,
    energy::{Meter, processor_time},
};
use functions::Registry;
use plan::{GrammarOptions, Literal};
use planner::Planner;
use serde_json::Value;

use crate::{
    answers::{self, Answer},
    desk, json_schema,
    requests::EvalRequest,
};

/// How many requests are compared.
pub(crate) const COUNT: usize = 30;
/// The model alone, with JSON tool schemas.
const SCHEMAS: &str = "JSON schemas";
/// The model with the constant part of Lucid's prompt, and nothing that binds it.
const LANGUAGE: &str = "plan language alone";
/// The same under the grammar of all functions and names.
const GRAMMAR: &str = "plan language + grammar";
/// The most tokens of an answer.
const MAX_TOKENS: u32 = 200;

/// Answers what is missing of these columns, and returns all.
pub(crate) async fn complete(
    root: &Path,
    requests: &[&EvalRequest],
    (model, file): (&str, &str),
) -> anyhow::Result<Vec<Answer>> {
    let path = root.join(format!(
        "target/eval/compared-{}.jsonl",
        answers::digest(&[])?
    ));
    let mut kept = answers::read(&path);
    let mut file_of_kept = OpenOptions::new().create(true).append(true).open(&path)?;
    let registry = desk::registry(root)?;
    let mut answers = Vec::new();
    for column in [SCHEMAS, LANGUAGE, GRAMMAR] {
        let prompt = match column {
            SCHEMAS => Prompt {
                system: json_schema::system(&registry),
                capsule: Capsule::None,
                ..Prompt::default()
            },
            _ => Planner::new(&registry).constant(),
        };
        let way = Way {
            column,
            prompt,
            grammar: (column == GRAMMAR).then(|| grammar(&registry)),
        };
        let mut engine = None;
        for request in requests {
            let answer = match kept.remove(&answers::key(request, model, column)) {
                Some(answer) => answer,
                None => {
                    let engine = engine.get_or_insert_with(|| worker(model, file));
                    let answer = answer(engine, &way, request, model).await?;
                    writeln!(file_of_kept, "{}", serde_json::to_string(&answer)?)?;
                    answer
                }
            };
            answers.push(answer);
        }
        if let Some(engine) = engine {
            engine.unload().await;
        }
    }
    Ok(answers)
}

fn worker(model: &str, file: &str) -> WorkerEngine {
    let mut options = WorkerOptions::new(model, file);
    // A hundred tokens a function do not fit the context that plans need.
    options.load.context_length = 16_384;
    WorkerEngine::new(options)
}

/// How the requests of a column are asked.
struct Way {
    column: &'static str,
    /// All but the words.
    prompt: Prompt,
    /// What binds the model.
    grammar: Option<String>,
}

/// Any plan over the functions and names of the desk.
fn grammar(registry: &Registry) -> String {
    let live = desk::live();
    let names = |values: &[functions::LiveValue]| -> Vec<String> {
        let names = values.iter().filter_map(|value| value.names.first());
        names.cloned().collect()
    };
    let options = GrammarOptions {
        live: plan::LiveNames {
            apps: names(&live.apps),
            sources: (live.sources.iter())
                .map(|(source, values)| (source.clone(), names(values)))
                .collect(),
        },
        follows: false,
        ..GrammarOptions::default()
    };
    plan::grammar(registry, &options)
}

async fn answer(
    engine: &WorkerEngine,
    way: &Way,
    request: &EvalRequest,
    model: &str,
) -> anyhow::Result<Answer> {
    let prompt = Prompt {
        user: request.text.clone(),
        ..way.prompt.clone()
    };
    let column = way.column;
    let spent = engine.stats().await?.cpu_seconds;
    let (began, meter) = (Instant::now(), Meter::start());
    let mut asked = GenerateRequest::new(prompt).max_tokens(MAX_TOKENS);
    asked.grammar.clone_from(&way.grammar);
    let mut generation = engine.generate(asked).await?;
    let (mut text, mut first, mut tokens) = (String::new(), None, (0, 0));
    while let Some(event) = generation.next().await {
        match event? {
            GenerationEvent::Started(started) => {
                let known = started.restored_tokens + started.reused_tokens;
                tokens.0 = started.prompt_tokens.saturating_sub(known);
            }
            GenerationEvent::Delta(delta) => text.push_str(&delta),
            GenerationEvent::Done(generated) => tokens.1 = generated.decoded_tokens,
        }
        let is_whole = match column {
            SCHEMAS => json_schema::first_object(&text).is_some(),
            _ => text.contains('\n'),
        };
        if is_whole {
            first.get_or_insert_with(|| began.elapsed());
        }
    }
    let plan = match column {
        SCHEMAS => plan_of(&text),
        _ => text,
    };
    let worker = engine.stats().await?.cpu_seconds - spent;
    let answer = Answer {
        plan,
        first_statement_ms: first.map(|first| first.as_secs_f64() * 1000.0),
        read_tokens: tokens.0,
        decoded_tokens: tokens.1,
        cpu_seconds: Some(worker),
        energy: Some(meter.read(processor_time(Some(worker)))),
        ..Answer::empty(&request.id, model, column)
    };
    println!(
        "{model} {column} {}: {}",
        request.id,
        answers::shown(request, &answer)
    );
    Ok(answer)
}

/// Writes calls in Qwen's form as a plan. An answer without any is words.
fn plan_of(text: &str) -> String {
    let mut plan = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        rest = &rest[start..];
        let mut objects = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(object)) = objects.next() else {
            rest = &rest[1..];
            continue;
        };
        rest = &rest[objects.byte_offset()..];
        if let Some(call) = call_of(&object) {
            plan.push_str(&call);
            plan.push('\n');
        }
    }
    match plan.is_empty() {
        true => format!("say({})\n", Literal::Text(text.trim().replace('\n', " "))),
        false => plan,
    }
}

fn call_of(object: &Value) -> Option<String> {
    let name = object["name"].as_str()?;
    let empty = serde_json::Map::new();
    let arguments = object["arguments"].as_object().unwrap_or(&empty);
    let arguments: Vec<String> = arguments
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{name}={}", literal(value)))
        .collect();
    Some(format!("{name}({})", arguments.join(", ")))
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => Literal::Text(text.clone()).to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_become_lines_and_other_answers_words() {
        let calls = "<tool_call>\n{\"name\": \"audio.set_volume\", \"arguments\": {\"level\": 35, \"output\": null}}\n</tool_call>\n\
                     {broken <tool_call>{\"name\": \"files.zip\", \"arguments\": {\"paths\": [\"a b.txt\"]}}";
        assert_eq!(
            plan_of(calls),
            "audio.set_volume(level=35)\nfiles.zip(paths=[\"a b.txt\"])\n"
        );
        assert_eq!(
            plan_of("I cannot\ndo that."),
            "say(\"I cannot do that.\")\n"
        );
    }
}
