//! Measures a model: one JSON object a line, with `name`, `value` and `unit`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, anyhow, bail};
use engine::{Capsule, ChatTurn, GenerateRequest, Prompt};
use serde_json::json;

use crate::backend::{self, LoadOptions};
use crate::capsule::Capsules;
use crate::decode;
use crate::grammar::Grammars;
use crate::prompt::Markup;
use crate::session::{Halt, Session};

struct Options {
    model: PathBuf,
    runs: usize,
    mmap: bool,
    threads: Option<u32>,
}

/// Runs the measurements.
pub(crate) fn bench(arguments: &[String]) -> anyhow::Result<()> {
    let options = parse(arguments)?;
    let backend = backend::start()?;
    let load = LoadOptions {
        path: options.model,
        context_length: 4096,
        threads: options.threads,
        adapter: None,
        mmap: options.mmap,
    };
    let loaded = backend::load(&backend, &load, |_| ())?;
    print("load_ms", loaded.load_ms, "ms");
    let model = loaded.model;
    let start = Instant::now();
    let mut grammars = Grammars::new(model)?;
    print("grammar_start_ms", milliseconds(start), "ms");
    let markup = Markup::new(model)?;
    let folder = std::env::temp_dir().join(format!("lucid-bench-{}", std::process::id()));
    let capsules = Capsules::open(&folder, "bench".to_owned(), 1 << 30)?;
    let mut session = Session::new(loaded, Some(capsules));
    let result = measure(&mut session, &mut grammars, &markup, options.runs);
    std::fs::remove_dir_all(&folder).ok();
    result?;
    print("rss_mb", worker::rss_bytes() as f64 / 1e6, "MB");
    eprintln!("{}", backend::build_name());
    Ok(())
}

fn measure(
    session: &mut Session,
    grammars: &mut Grammars,
    markup: &Markup,
    runs: usize,
) -> anyhow::Result<()> {
    let prompt = prompt();
    let mut rendered = markup.render_constant(session.model, &prompt);
    let capsule = rendered.capsule.context("the prompt has a constant part")?;
    rendered.tokens.truncate(capsule);
    print("capsule_tokens", capsule as f64, "tokens");
    session.read(&rendered, 0, &mut |_| true).map_err(broken)?;
    print(
        "prefill_tokens_per_s",
        session.prefill.per_second(),
        "tokens/s",
    );
    let mut restores = Vec::new();
    for _ in 0..runs {
        session.clear();
        let start = Instant::now();
        if !session.restore(&rendered.tokens) {
            bail!("the capsule did not come back");
        }
        restores.push(milliseconds(start));
    }
    restores.sort_by(f64::total_cmp);
    print("capsule_restore_ms", restores[restores.len() / 2], "ms");
    for _ in 0..runs {
        answer(
            session,
            grammars,
            markup,
            &GenerateRequest::new(prompt.clone()).max_tokens(24),
        )?;
    }
    print(
        "decode_tokens_per_s",
        session.decode.per_second(),
        "tokens/s",
    );
    let bound = GenerateRequest::new(prompt).grammar(GRAMMAR).max_tokens(24);
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        answer(session, grammars, markup, &bound)?;
        times.push(milliseconds(start));
    }
    times.sort_by(f64::total_cmp);
    print("short_answer_ms", times[times.len() / 2], "ms");
    Ok(())
}

/// Answers as the kernel's requests do: the constant part from a capsule.
fn answer(
    session: &mut Session,
    grammars: &mut Grammars,
    markup: &Markup,
    request: &GenerateRequest,
) -> anyhow::Result<()> {
    session.clear();
    decode::generate(session, grammars, markup, request, &mut |_| true, &())
        .map(|_| ())
        .map_err(|failure| anyhow!("{failure:?}"))
}

const GRAMMAR: &str = r#"start: "audio.set_volume(" /[0-9]{1,3}/ ")\n" | "media.pause()\n" | say
say: "say(\"" /[^"\n\\]{1,60}/ "\")\n"
"#;

/// A constant part of some 2,800 tokens, as long as that of a real request.
fn prompt() -> Prompt {
    let mut system =
        "You turn a request into calls of the functions below, one a line.\n".to_owned();
    let domains = [
        "audio", "media", "screen", "files", "apps", "power", "timers",
    ];
    let verbs = [
        "open", "find", "list", "show", "copy", "move", "start", "close", "count", "rename",
    ];
    for domain in domains {
        for verb in verbs {
            system.push_str(&format!(
                "{domain}.{verb}(name, kind=\"any\")  # does that to something by its name\n\
                 {domain}.{verb}_level(level)  # does that up to a level, 0 to 100\n"
            ));
        }
        system.push_str(&format!(
            "{domain}.set(level)  # sets the level, 0 to 100\n"
        ));
    }
    let turn = |user: &str, plan: &str| ChatTurn::new(user, plan);
    Prompt {
        system,
        turns: vec![
            turn("quieter please", "audio.set(20)\n"),
            turn("open the calculator", "apps.open(\"calculator\")\n"),
            turn("把屏幕调亮一点", "screen.set(80)\n"),
        ],
        capsule: Capsule::AllTurns,
        user: "volume to thirty percent".to_owned(),
        ..Prompt::default()
    }
}

fn parse(arguments: &[String]) -> anyhow::Result<Options> {
    let mut options = Options {
        model: PathBuf::new(),
        runs: 5,
        mmap: false,
        threads: None,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--model" => options.model = PathBuf::from(value()?),
            "--runs" => options.runs = value()?.parse::<usize>()?.max(1),
            "--threads" => options.threads = Some(value()?.parse()?),
            "--mmap" => options.mmap = true,
            other => bail!("unknown option {other}"),
        }
    }
    if options.model.as_os_str().is_empty() {
        bail!("--model FILE is missing");
    }
    Ok(options)
}

#[expect(
    clippy::print_stdout,
    reason = "the measurements are this command's output"
)]
fn print(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": value, "unit": unit}));
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn broken(halt: Halt) -> anyhow::Error {
    anyhow!("{halt:?}")
}
