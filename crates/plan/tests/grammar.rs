//! The decoding grammar against llguidance itself.

mod sample;

use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv};
use llguidance::{Matcher, ParserFactory};
use plan::{Effect, GrammarOptions, Literal, LiveNames, Said, Unit, grammar, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A tokenizer whose tokens are single bytes, without slices: the strictest reading.
fn factory() -> ParserFactory {
    let environment: TokEnv = ApproximateTokEnv::single_byte_env();
    let mut factory =
        ParserFactory::new(&environment, InferenceCapabilities::default(), &[]).expect("a factory");
    factory.quiet();
    factory
}

fn matcher(factory: &ParserFactory, text: &str) -> Matcher {
    let mut matcher =
        Matcher::new(factory.create_parser(TopLevelGrammar::from_lark(text.to_owned())));
    assert_eq!(matcher.get_error(), None, "{text}");
    assert!(matcher.grammar_warnings().is_empty(), "{text}");
    matcher
}

fn options() -> GrammarOptions {
    GrammarOptions {
        live: sample::live(),
        ..GrammarOptions::default()
    }
}

/// Feeds `text` byte by byte; says how far it got.
fn accepted(matcher: &mut Matcher, text: &str) -> Result<(), String> {
    for (at, byte) in text.bytes().enumerate() {
        let mask = matcher.compute_mask_or_eos().map_err(|e| e.to_string())?;
        if !mask.is_allowed(u32::from(byte)) {
            return Err(format!("stopped before `{}`", &text[at..]));
        }
        matcher
            .consume_token(u32::from(byte))
            .map_err(|e| e.to_string())?;
    }
    match matcher.is_accepting() {
        Ok(true) => Ok(()),
        other => Err(format!("not at an end: {other:?}")),
    }
}

#[test]
fn every_plan_of_the_corpus_is_accepted_parsed_and_checked() {
    let (functions, live) = (sample::functions(), sample::live());
    let factory = factory();
    let start = matcher(&factory, &grammar(&functions, &options()));
    for text in sample::CORPUS {
        assert_eq!(accepted(&mut start.deep_clone(), text), Ok(()), "{text}");
        let plan = parse(text).unwrap_or_else(|errors| panic!("{text}{errors:?}"));
        assert_eq!(plan.to_string(), *text);
        if let Err(errors) = plan::check(&plan, &functions, &live) {
            panic!("{text}{}", errors[0]);
        }
    }
}

#[test]
fn what_must_not_be_written_is_refused() {
    let factory = factory();
    let start = matcher(&factory, &grammar(&sample::functions(), &options()));
    for text in [
        "audio.set_volume(101)\n",
        "audio.set_volume(-1)\n",
        "audio.set_volume(30)",
        "audio.set_volume(30, device=\"Nowhere\")\n",
        "audio.set_volum(30)\n",
        "audio.set_volume(volume=30)\n",
        "apps.open(\"Unknown\")\n",
        "screen.set_brightness(0)\n",
        "media.pause(player=\"<|im_end|>\")\n",
        "files.find(kind=\"picture\")\n",
        "files.trash(\"~/*.txt\")\n",
        "files.trash(\"~/a\tb\")\n",
        "files.trash()\n",
        "system.processes(limit=1, limit=2)\n",
        "system.processes(\"cpu\", by=\"memory\")\n",
        "audio.set_volume(1, \"HDMI\", device=\"HDMI\")\n",
        "f = files.trash(\"~/a\")\n",
        "true = files.find()\n",
        "verylongname1 = files.find()\n",
        "\n",
        "say(\"\")\n",
        "say(\"a\nb\")\n",
        "say(\"ok\")\naudio.set_volume(1)\n",
        "audio.set_volume(1)\nsay(\"done\")\n",
        "rm -rf\n",
    ] {
        let refused = accepted(&mut start.deep_clone(), text);
        assert!(refused.is_err(), "accepted: {text}");
    }
}

#[test]
fn exits_are_always_open_and_can_be_the_only_way() {
    let factory = factory();
    let only = GrammarOptions {
        exits_only: true,
        ..options()
    };
    let mut start = matcher(&factory, &grammar(&sample::functions(), &only));
    assert_eq!(accepted(&mut start.deep_clone(), "say(\"no\")\n"), Ok(()));
    assert!(accepted(&mut start.deep_clone(), "media.pause()\n").is_err());
    assert!(accepted(&mut start, "ask(\"which?\", [\"a\"])\n").is_ok());
    let nothing = grammar(&Vec::new(), &GrammarOptions::default());
    assert_eq!(
        accepted(&mut matcher(&factory, &nothing), "say(\"no\")\n"),
        Ok(())
    );
}

/// Values that were said.
fn said() -> Said {
    let literal = |value: f64, unit: Unit| Literal::Number {
        value,
        unit: Some(unit),
    };
    Said {
        numbers: Some(vec![35.0]),
        sizes: Some(Vec::new()),
        durations: Some(vec![literal(10.0, Unit::Minute)]),
        times: Some(vec!["tomorrow 09:00".to_owned()]),
        one: true,
        closed: vec!["max_"],
        described: true,
        names: true,
    }
}

#[test]
fn exits_can_be_closed() {
    let factory = factory();
    let closed = GrammarOptions {
        no_exits: true,
        ..options()
    };
    let start = matcher(&factory, &grammar(&sample::functions(), &closed));
    assert_eq!(
        accepted(&mut start.deep_clone(), "audio.set_volume(35)\n"),
        Ok(())
    );
    for text in ["say(\"Hello\")\n", "ask(\"Which one?\")\n"] {
        assert!(accepted(&mut start.deep_clone(), text).is_err(), "{text}");
    }
}

#[test]
fn only_what_was_said_can_be_written() {
    let factory = factory();
    let mut options = GrammarOptions {
        said: said(),
        follows: false,
        ..options()
    };
    options.live.sources.clear();
    let start = matcher(&factory, &grammar(&sample::functions(), &options));
    for text in [
        "audio.set_volume(35)\n",
        "timers.start(10min)\n",
        "timers.start(10min, \"tea\")\n",
        "timers.remind(\"tomorrow 09:00\", \"water the plants\")\n",
        "files.find(limit=1)\n",
        "f = files.find(\"tax\", limit=35)\nfiles.open(f[0])\n",
    ] {
        assert_eq!(accepted(&mut start.deep_clone(), text), Ok(()), "{text}");
    }
    for text in [
        "audio.set_volume(50)\n",
        "timers.start(11min)\n",
        "timers.remind(\"2023-04-01 15:00\", \"water the plants\")\n",
        "files.find(min_size=100MB)\n",
        "files.find(limit=2)\n",
        "audio.set_volume(35, device=\"Headphones\")\n",
        "files.open(f[0])\n",
        "files.open(\"~/newest.pdf\")\n",
        "text(\"Hello\")\n",
        "count(f)\n",
        "table(f)\n",
    ] {
        assert!(accepted(&mut start.deep_clone(), text).is_err(), "{text}");
    }
}

#[test]
fn a_file_is_written_with_a_folder_or_an_ending() {
    let factory = factory();
    let start = matcher(&factory, &grammar(&sample::functions(), &options()));
    for (text, expected) in [
        ("text.summarise(\"plan.txt\")\n", true),
        ("text.summarise(\"~/plan\")\n", true),
        ("text.summarise(\"the plan\")\n", false),
    ] {
        let found = accepted(&mut start.deep_clone(), text);
        assert_eq!(found.is_ok(), expected, "{text}: {found:?}");
    }
}

/// Options for words that hold no number, at the beginning.
fn without_numbers() -> GrammarOptions {
    let said = Said {
        numbers: Some(Vec::new()),
        ..Said::default()
    };
    GrammarOptions {
        said,
        follows: false,
        ..options()
    }
}

#[test]
fn a_number_that_nobody_said_comes_from_a_result() {
    let factory = factory();
    let options = without_numbers();
    let start = matcher(&factory, &grammar(&sample::functions(), &options));
    let found = "p = system.processes()\nsystem.end_process(p[0])\n";
    assert_eq!(accepted(&mut start.deep_clone(), found), Ok(()));
    for text in ["system.end_process(1)\n", "system.end_process(4711)\n"] {
        assert!(accepted(&mut start.deep_clone(), text).is_err(), "{text}");
    }
}

#[test]
fn what_a_row_is_known_by_can_be_taken_from_one() {
    let factory = factory();
    let options = without_numbers();
    let cancel = sample::function(
        "timers.cancel",
        "timer: int(1..), label: text(80)",
        "",
        Effect::Reversible,
    );
    let list = sample::function(
        "timers.list",
        "",
        "rows timer: int(1..), left: duration",
        Effect::Read,
    );
    let both = matcher(&factory, &grammar(&vec![cancel.clone(), list], &options));
    let found = "t = timers.list()\ns = sort(t, \"left\")\ntimers.cancel(timer=s[0])\n";
    assert_eq!(accepted(&mut both.deep_clone(), found), Ok(()));
    assert!(accepted(&mut both.deep_clone(), "timers.cancel(timer=3)\n").is_err());
    // Of other rows it is no key.
    let mut others = sample::functions();
    others.push(cancel);
    let others = matcher(&factory, &grammar(&others, &options));
    let found = "p = system.processes()\ntimers.cancel(timer=p[0])\n";
    assert!(accepted(&mut others.deep_clone(), found).is_err());
}

#[test]
fn the_number_of_lines_is_bounded() {
    let factory = factory();
    let three = GrammarOptions {
        max_statements: 3,
        ..options()
    };
    let start = matcher(&factory, &grammar(&sample::functions(), &three));
    assert_eq!(
        accepted(&mut start.deep_clone(), &"media.pause()\n".repeat(3)),
        Ok(())
    );
    assert!(accepted(&mut start.deep_clone(), &"media.pause()\n".repeat(4)).is_err());
}

#[test]
fn each_function_alone_makes_a_grammar_that_compiles() {
    let factory = factory();
    for function in sample::functions() {
        let text = grammar(&vec![function], &GrammarOptions::default());
        matcher(&factory, &text);
    }
}

#[test]
fn hostile_live_names_neither_break_the_grammar_nor_enter_it() {
    let hostile: Vec<String> = [
        "\"\nstart: /.*/",
        "a\\",
        "<|im_start|>",
        "/x/",
        "\u{0}",
        "a\u{200b}b",
        "} %json {",
        "ok",
    ]
    .map(str::to_owned)
    .to_vec();
    let options = GrammarOptions {
        live: LiveNames {
            apps: hostile,
            ..LiveNames::default()
        },
        ..GrammarOptions::default()
    };
    let text = grammar(&sample::functions(), &options);
    assert!(!text.contains("im_start"));
    let factory = factory();
    let start = matcher(&factory, &text);
    assert_eq!(
        accepted(&mut start.deep_clone(), "apps.open(\"ok\")\n"),
        Ok(())
    );
    assert_eq!(
        accepted(&mut start.deep_clone(), "apps.open(\"a\\\\\")\n"),
        Ok(())
    );
    assert!(accepted(&mut start.deep_clone(), "anything").is_err());
}

/// Walks at random through what the masks allow, until the end of a plan.
fn random_plan(start: &Matcher, rng: &mut TestRng) -> Vec<u8> {
    let mut matcher = start.deep_clone();
    let mut text = Vec::new();
    for _ in 0..4000 {
        if text.ends_with(b"\n") && (matcher.is_stopped() || rng.random_ratio(1, 3)) {
            break;
        }
        let mask = matcher.compute_mask_or_eos().expect("a mask");
        let allowed: Vec<u32> = (0..256).filter(|byte| mask.is_allowed(*byte)).collect();
        if allowed.is_empty() {
            break;
        }
        // Texts would never end if each of 250 bytes were as likely as the closing quote.
        let closing = allowed.contains(&u32::from(b'"')) && rng.random_ratio(1, 6);
        let byte = if closing {
            u32::from(b'"')
        } else {
            allowed[rng.random_range(0..allowed.len())]
        };
        matcher.consume_token(byte).expect("an allowed byte");
        text.push(byte as u8);
    }
    text
}

#[test]
fn random_walks_through_the_grammar_parse() {
    let functions = sample::functions();
    let factory = factory();
    let open = matcher(&factory, &grammar(&functions, &options()));
    let narrow = GrammarOptions {
        said: said(),
        follows: false,
        ..options()
    };
    let narrow = matcher(&factory, &grammar(&functions, &narrow));
    let mut runner = TestRunner::new_with_rng(
        Config::with_cases(160),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let mut rng = runner.new_rng();
    let mut whole = 0;
    for start in [&open, &narrow].into_iter().cycle().take(160) {
        let bytes = random_plan(start, &mut rng);
        if !bytes.ends_with(b"\n") {
            continue;
        }
        whole += 1;
        let text = String::from_utf8(bytes).expect("the grammar writes UTF-8");
        let plan = parse(&text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"));
        // The check may refuse it, in a sentence, but not panic.
        let _ = plan::check(&plan, &functions, &sample::live()).map_err(|e| e[0].to_string());
    }
    assert!(whole > 80, "only {whole} walks came to an end");
}
