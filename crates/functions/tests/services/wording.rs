//! What every function of these domains must say about itself.

use std::collections::{BTreeMap, BTreeSet};

use plan::{Effect, LiveNames, Output, check, parse};
use protocol::text::{Language, message};

use crate::support::Fixture;

const DOMAINS: &[&str] = &[
    "audio", "calc", "media", "notify", "power", "screen", "timers",
];

/// The names that the examples use.
fn live() -> LiveNames {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    LiveNames {
        apps: Vec::new(),
        sources: BTreeMap::from([
            ("media.player".to_owned(), names(&["mpv"])),
            (
                "audio.output".to_owned(),
                names(&["Headphones", "HDMI", "Speakers", "耳机", "音箱"]),
            ),
        ]),
    }
}

#[test]
fn every_function_has_words_in_both_languages_and_plans_that_check() {
    let fixture = Fixture::new();
    let live = live();
    let mut seen = 0;
    for function in fixture.registry.functions() {
        let name = &function.signature.name;
        if !DOMAINS.contains(&name.domain()) {
            continue;
        }
        seen += 1;
        let count = |language: &str| {
            let examples = function
                .examples
                .iter()
                .filter(|e| e.language == language)
                .count();
            let templates = function
                .templates
                .iter()
                .filter(|t| t.language == language)
                .count();
            (examples, templates)
        };
        let (english, chinese) = (count("en"), count("zh"));
        assert!(
            english.0 >= 3 && chinese.0 >= 2,
            "{name}: {english:?} {chinese:?}"
        );
        assert!(
            english.1 >= 1 && chinese.1 >= 1,
            "{name}: {english:?} {chinese:?}"
        );
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c));
        assert!(
            is_chinese(&function.summary_zh) && is_chinese(&function.label_zh),
            "{name}"
        );
        for example in &function.examples {
            let plan = parse(&example.plan)
                .unwrap_or_else(|errors| panic!("{name}: {}: {errors:?}", example.plan));
            check(&plan, &fixture.registry, &live)
                .unwrap_or_else(|errors| panic!("{name}: {}: {errors:?}", example.plan));
        }
        if function.signature.effect == Effect::Read {
            assert_ne!(function.signature.output, plan::Output::None, "{name}");
        }
    }
    assert!(seen >= 37, "{seen} functions");
}

/// A panel's headings are the names of fields.
#[test]
fn every_field_has_a_heading_in_both_languages() {
    let fixture = Fixture::new();
    let mut missing = BTreeSet::new();
    for function in fixture.registry.functions() {
        let fields = match &function.signature.output {
            Output::Rows { fields, .. } | Output::Record { fields, .. } => fields,
            Output::Value { .. } | Output::None => continue,
        };
        for field in fields {
            let id = format!("field-{}", field.name);
            if message(Language::Chinese, &id, &[]) == id {
                missing.insert(format!("{} of {}", field.name, function.signature.name));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}
