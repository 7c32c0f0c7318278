//! Measures what an act waits for the disk: `cargo run --release -p journal --example timings [FOLDER]`.

use std::{
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use journal::{Intent, Journal, Outcome};
use plan::{Effect, FunctionName};
use policy::{Permission, PermittedCall, ResolvedCall, Rules};

/// How many acts are measured.
const ACTS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from)
        .join(format!("lucid-timings-{}", std::process::id()));
    let measured = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("journal.sqlite");
    show("first open", vec![timed(|| Journal::open(&path))?.1]);
    for effect in [Effect::Read, Effect::Transient] {
        let (journal, opened) = timed(|| Journal::open(&path))?;
        show("open again", vec![opened]);
        let (mut turns, mut opens, mut closes) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ACTS {
            let (turn, time) = timed(|| journal.begin_turn("mute"))?;
            turns.push(time);
            let permitted = permitted(effect)?;
            let (entry, time) =
                timed(|| journal.open_entry(&turn, permitted, Intent::default(), None))?;
            opens.push(time);
            let ((), time) = timed(|| journal.close_done(entry, &Outcome::default()))?;
            closes.push(time);
        }
        show(&format!("{effect:?}: begin turn"), turns);
        show(&format!("{effect:?}: open entry"), opens);
        show(&format!("{effect:?}: close entry"), closes);
    }
    Ok(())
}

fn permitted(effect: Effect) -> Result<PermittedCall, Box<dyn Error>> {
    let call = ResolvedCall {
        function: FunctionName::new("audio.mute")?,
        effect,
        arguments: Vec::new(),
    };
    match PermittedCall::ask(call, &Rules::default()) {
        Permission::Permitted(permitted) => Ok(permitted),
        other => Err(format!("{other:?}").into()),
    }
}

fn timed<T, E>(body: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    let start = Instant::now();
    let value = body()?;
    Ok((value, start.elapsed()))
}

fn show(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    eprintln!(
        "{what}: p50 {:.3} ms, p99 {:.3} ms, longest {:.3} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
