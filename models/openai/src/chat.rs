//! A request in the words of `chat/completions`.

use engine::GenerateRequest;
use engine::protocol::{Endpoint, GrammarForm};
use serde_json::{Value, json};

/// Some servers refuse a call with more stop texts than this; the worker itself looks for the rest.
const MOST_STOPS: usize = 4;

/// The body of the call.
pub(crate) fn body(endpoint: &Endpoint, request: &GenerateRequest) -> Value {
    let mut body = json!({
        "model": endpoint.model,
        "stream": true,
        "messages": messages(request),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
    });
    if !request.stop.is_empty() {
        let stops = &request.stop[..request.stop.len().min(MOST_STOPS)];
        body["stop"] = json!(stops);
    }
    if let (Some(form), Some(grammar)) = (endpoint.grammar, &request.grammar) {
        match form {
            // The marker without which the server takes a grammar for one of its own form.
            GrammarForm::LlamaServer => {
                body["grammar"] = json!(format!("%llguidance {{}}\n{grammar}"))
            }
            GrammarForm::VllmGuidance => body["structured_outputs"] = json!({ "grammar": grammar }),
        }
    }
    body
}

fn messages(request: &GenerateRequest) -> Vec<Value> {
    let message = |role: &str, content: &str| json!({ "role": role, "content": content });
    let prompt = &request.prompt;
    let mut messages = Vec::new();
    if !prompt.system.is_empty() {
        messages.push(message("system", &prompt.system));
    }
    for turn in &prompt.turns {
        messages.push(message("user", &turn.user));
        messages.push(message("assistant", &turn.assistant));
    }
    messages.push(message("user", &prompt.user));
    if !request.fixed.is_empty() {
        messages.push(message("assistant", &request.fixed));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(grammar: Option<GrammarForm>) -> Endpoint {
        Endpoint {
            url: String::new(),
            model: "m".to_owned(),
            key_file: None,
            grammar,
        }
    }

    #[test]
    fn a_grammar_goes_only_to_a_server_that_takes_it() {
        let request = GenerateRequest::new(engine::Prompt::default()).grammar("start: \"a\"");
        let none = body(&endpoint(None), &request);
        assert!(!none.to_string().contains("start"), "{none}");
        let llama = body(&endpoint(Some(GrammarForm::LlamaServer)), &request);
        assert_eq!(llama["grammar"], "%llguidance {}\nstart: \"a\"");
        let vllm = body(&endpoint(Some(GrammarForm::VllmGuidance)), &request);
        assert_eq!(vllm["structured_outputs"]["grammar"], "start: \"a\"");
    }
}
