//! Random and broken plans for the parser.

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::random::Random;
use crate::tally::Tally;

/// Plans to start from; mutations keep finding the border between plan and nonsense.
const SEEDS: [&str; 8] = [
    "f = files.find(folder=\"~/Downloads\", min_mb=100)\ntitle(\"Big downloads\")\ntable(f, [\"name\", \"size\"], [files.trash])",
    "audio.set_volume(30)\nmedia.pause()",
    "p = system.processes(by=\"memory\", limit=1)\nsystem.kill(p[0])",
    "ask(\"Which one?\", [\"a\", \"b\"])",
    "say(\"音量已调到 30%。\")",
    "x = filter(f, \"size\", \">\", 100MB)\nc = count(x)\nmeter(\"n\", c)",
    "each(x, files.trash)\nbutton(\"All\", audio.mute())",
    "t = timers.list()\nsection(\"Timers\")\nlist(t, [timers.cancel])",
];
const PIECES: [&str; 24] = [
    "(",
    ")",
    "[",
    "]",
    "=",
    ",",
    ".",
    "\"",
    "\\",
    "\n",
    "#",
    "%",
    "MB",
    "min",
    "none",
    "true",
    "-",
    "0",
    "9999999999999999999999",
    "\u{0}",
    "\u{202e}",
    "é",
    "好",
    "𝄞",
];
const SAVE_EVERY: u64 = 2_000_000;

/// Gives the parser texts until the time is over.
pub(crate) fn run(tally: &mut Tally, limit: Duration) -> Result<()> {
    // A panic is what we look for; its trace would only hide the text that caused it.
    std::panic::set_hook(Box::new(|_| {}));
    let begin = Instant::now();
    let before = tally.fuzz_seconds;
    while begin.elapsed() < limit {
        let text = text(&mut Random::new(tally.texts));
        if let Some(problem) = problem(&text) {
            tally.find(format!("parser: {problem}: {text:?}"));
        }
        tally.plans += u64::from(plan::parse(&text).is_ok());
        tally.texts += 1;
        if tally.texts.is_multiple_of(SAVE_EVERY) {
            tally.fuzz_seconds = before + begin.elapsed().as_secs_f64();
            tally.save()?;
            eprintln!("    {} texts, {} of them plans", tally.texts, tally.plans);
        }
    }
    tally.fuzz_seconds = before + begin.elapsed().as_secs_f64();
    tally.save()
}

/// Makes a text: a plan with a few random changes.
fn text(random: &mut Random) -> String {
    let mut text: Vec<char> = random.choose(&SEEDS).chars().collect();
    for _ in 0..random.below(6) {
        let at = random.below(text.len() + 1);
        match random.below(4) {
            0 => {
                let piece = random.choose(&PIECES);
                text.splice(at..at, piece.chars());
            }
            1 => {
                let end = (at + random.below(9)).min(text.len());
                text.drain(at..end);
            }
            2 => {
                let other: Vec<char> = random.choose(&SEEDS).chars().collect();
                let from = random.below(other.len());
                text.splice(at..at, other[from..].iter().copied());
            }
            _ => {
                let letter = char::from_u32(random.next() as u32 % 0x11_0000);
                text.splice(at..at, letter);
            }
        }
    }
    text.into_iter().collect()
}

/// Returns what is wrong with how the language treats `text`.
fn problem(text: &str) -> Option<&'static str> {
    let parsed = match catch_unwind(|| plan::parse(text)) {
        Err(_) => return Some("panics"),
        Ok(Err(errors)) => return errors.is_empty().then_some("fails without an error"),
        Ok(Ok(parsed)) => parsed,
    };
    let printed = plan::print(&parsed);
    match plan::parse(&printed) {
        Err(_) => Some("prints what it cannot read"),
        Ok(again) if again != parsed => Some("reads something else from what it printed"),
        Ok(again) if plan::print(&again) != printed => Some("prints in two ways"),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_are_plans() {
        for seed in SEEDS {
            assert!(plan::parse(seed).is_ok(), "{seed}: {:?}", plan::parse(seed));
            assert_eq!(problem(seed), None, "{seed}");
        }
    }

    #[test]
    fn twenty_thousand_texts_are_treated_well() {
        let mut plans = 0;
        for seed in 0..20_000 {
            let text = text(&mut Random::new(seed));
            assert_eq!(problem(&text), None, "{text:?}");
            plans += usize::from(plan::parse(&text).is_ok());
        }
        // Were nearly all of them nonsense, or none, the fuzzing would find nothing.
        assert!((2_000..18_000).contains(&plans), "{plans}");
    }
}
