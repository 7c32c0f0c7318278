//! Measures a model: one JSON object a line, with `name`, `value` and `unit`.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use engine::{ChatTurn, Prompt};
use mistralrs::Constraint;
use serde_json::json;

use crate::model::Loaded;
use crate::{prompt, serve};

const GRAMMAR: &str = r#"start: "audio.set_volume(" /[0-9]{1,3}/ ")\n" | "media.pause()\n"
"#;

/// Tokens of the free answer.
const TOKENS: usize = 24;

/// Runs the measurements.
///
/// # Errors
///
/// When the model cannot be loaded or does not answer.
pub(crate) fn bench(model: &str) -> anyhow::Result<()> {
    let start = Instant::now();
    let path = Path::new(model).canonicalize().context(model.to_owned())?;
    let loaded = Loaded::load(&path, None, 4096)?;
    print("load_ms", milliseconds(start), "ms");
    let tokens = loaded.tokens(&prompt::pieces(loaded.markup, &prompt()))?;
    let count = tokens.len();
    let (reading, writing, written) = answer(&loaded, tokens.clone(), Constraint::None)?;
    print(
        "prefill_tokens_per_s",
        count as f64 / reading.as_secs_f64(),
        "tokens/s",
    );
    print(
        "decode_tokens_per_s",
        written as f64 / writing.as_secs_f64(),
        "tokens/s",
    );
    let start = Instant::now();
    answer(&loaded, tokens, Constraint::Lark(GRAMMAR.to_owned()))?;
    print("short_answer_ms", milliseconds(start), "ms");
    print("rss_mb", worker::rss_bytes() as f64 / 1e6, "MB");
    eprintln!("{}", serve::build_name());
    Ok(())
}

/// How long an answer took until its first token, and from there, with how many more tokens.
fn answer(
    loaded: &Loaded,
    tokens: Vec<u32>,
    constraint: Constraint,
) -> anyhow::Result<(Duration, Duration, usize)> {
    let begin = Instant::now();
    let mut chunks = loaded.answer(tokens, |request| {
        request.sampling_params.max_len = Some(TOKENS);
        request.constraint = constraint;
    })?;
    let mut first = None;
    let mut written = 0;
    loop {
        let Some(chunk) = chunks.next(Duration::from_millis(1))? else {
            continue;
        };
        let first = *first.get_or_insert_with(|| begin.elapsed());
        if chunk.end.is_some() {
            return Ok((first, begin.elapsed() - first, written.max(1)));
        }
        written += 1;
    }
}

fn prompt() -> Prompt {
    let mut system =
        "You turn a request into calls of the functions below, one a line.\n".to_owned();
    for number in 0..20 {
        system.push_str(&format!(
            "audio.set_volume_{number}(percent)  # sets the volume\n"
        ));
    }
    Prompt {
        system,
        turns: vec![ChatTurn::new("stop the music", "media.pause()\n")],
        user: "volume to thirty".to_owned(),
        ..Prompt::default()
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn print(name: &str, value: f64, unit: &str) {
    println!("{}", json!({ "name": name, "value": value, "unit": unit }));
}
