//! The usual way, for comparison: the whole catalogue as JSON tool schemas in the prompt,
//! without capsule, grammar or templates; the model answers with JSON.

use std::{path::Path, time::Instant};

use engine::{
    Capsule, Engine, GenerateRequest, GenerationEvent, Prompt, WorkerEngine, WorkerOptions,
};
use functions::Registry;
use plan::{ArgumentSpec, Type};
use serde_json::{Value, json};

use crate::desk;

/// Prints for each request how long it took to the first whole call, as one JSON object: first with nothing kept
/// between two requests, then (`kept`) with a worker that remembers the prompt of the one before.
pub(crate) async fn measure(root: &Path, model: &Path, words: &[String]) -> anyhow::Result<()> {
    let registry = desk::registry(root)?;
    let system = system(&registry);
    let mut options = WorkerOptions::new("json-schema", model);
    // A hundred tokens a function do not fit the context that plans need.
    options.load.context_length = 16_384;
    options.load.capsules = None;
    let engine = WorkerEngine::new(options);
    for kept in [false, true] {
        for text in words {
            if !kept {
                engine.unload().await;
            }
            engine.load().await?;
            let (call, ms, tokens) = first_call(&engine, &system, text).await?;
            let report = json!({
                "text": text, "call": call, "first_statement_ms": ms, "prompt_tokens": tokens, "kept": kept,
            });
            println!("{report}");
        }
    }
    engine.unload().await;
    Ok(())
}

/// The instructions of Qwen's own template for tools.
pub(crate) fn system(registry: &Registry) -> String {
    let mut system = String::from(
        "You are a helpful assistant that controls a computer.\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n\
        You are provided with function signatures within <tools></tools> XML tags:\n<tools>",
    );
    for function in registry.functions() {
        let signature = &function.signature;
        let properties: serde_json::Map<String, Value> = signature
            .arguments
            .iter()
            .map(|argument| (argument.name.clone(), property(argument)))
            .collect();
        let required: Vec<&str> = signature
            .arguments
            .iter()
            .filter(|argument| argument.required)
            .map(|argument| argument.name.as_str())
            .collect();
        let tool = json!({"type": "function", "function": {
            "name": signature.name.as_str(),
            "description": signature.summary,
            "parameters": {"type": "object", "properties": properties, "required": required},
        }});
        system.push('\n');
        system.push_str(&tool.to_string());
    }
    system.push_str(
        "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n\
        <tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>",
    );
    system
}

fn property(argument: &ArgumentSpec) -> Value {
    let mut property = match &argument.ty {
        Type::Bool => json!({"type": "boolean"}),
        Type::Int { .. } => json!({"type": "integer"}),
        Type::Number | Type::Percent | Type::Bytes | Type::Duration => json!({"type": "number"}),
        Type::Choice(words) => json!({"type": "string", "enum": words}),
        Type::List(_) => json!({"type": "array", "items": {"type": "string"}}),
        _ => json!({"type": "string"}),
    };
    let description = if argument.hint.is_empty() {
        argument.ty.to_string()
    } else {
        format!("{}; {}", argument.ty, argument.hint)
    };
    property["description"] = Value::String(description);
    property
}

/// Returns the text of the first whole call, the milliseconds until it was there, and the prompt's tokens.
async fn first_call(
    engine: &WorkerEngine,
    system: &str,
    text: &str,
) -> anyhow::Result<(String, f64, u32)> {
    let began = Instant::now();
    let prompt = Prompt {
        system: system.to_owned(),
        capsule: Capsule::None,
        user: text.to_owned(),
        ..Prompt::default()
    };
    let mut generation = engine.generate(GenerateRequest::new(prompt)).await?;
    let mut answer = String::new();
    let mut tokens = 0;
    while let Some(event) = generation.next().await {
        match event? {
            GenerationEvent::Started(started) => tokens = started.prompt_tokens,
            GenerationEvent::Delta(delta) => answer.push_str(&delta),
            GenerationEvent::Done(_) => break,
        }
        if answer.contains("</tool_call>") || first_object(&answer).is_some() {
            break;
        }
    }
    let call = first_object(&answer).unwrap_or(answer);
    Ok((call, began.elapsed().as_secs_f64() * 1000.0, tokens))
}

/// Returns the first whole JSON object of a text.
pub(crate) fn first_object(text: &str) -> Option<String> {
    let start = text.find('{')?;
    let mut objects = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    objects.next()?.ok().map(|object| object.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_complete_with_its_last_brace() {
        assert_eq!(first_object("<tool_call>\n{\"name\": \"a.b\", \"arg"), None);
        let whole =
            first_object("<tool_call>\n{\"name\": \"a.b\", \"arguments\": {}}\n</tool_call>");
        assert_eq!(
            whole.as_deref(),
            Some("{\"name\":\"a.b\",\"arguments\":{}}")
        );
    }
}
