//! `functions.search`

use std::{cmp::Reverse, collections::BTreeSet};

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use protocol::text::{Language, message};

use crate::{Action, Availability, Function, FunctionError, World};

/// How many are told where nobody says.
const USUAL: usize = 200;
/// The most characters of a row's texts, as the function's table says.
const MOST_OF_TEXT: usize = 300;
const MOST_OF_CALL: usize = 200;
/// Words that say nothing about what is looked for.
const EMPTY: &[&str] = &[
    "a", "an", "the", "my", "of", "for", "to", "in", "on", "and", "or", "with", "的",
];
/// What part of the words a function must have.
const ENOUGH: f64 = 0.5;

/// Finds functions by words in their names and descriptions, those included for which no sentence asks.
pub(super) struct Search;

#[async_trait]
impl Action for Search {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let about = call.text("about").unwrap_or_default();
        let limit = call.argument("limit").and_then(Value::as_number);
        let limit = limit.map_or(USUAL, |limit| limit as usize);
        let registry = world.known.registry();
        let wanted = terms(about);
        let mut found: Vec<(f64, &Function)> = registry
            .functions()
            .map(|function| (share(&wanted, function), &**function))
            .filter(|(share, _)| *share >= ENOUGH)
            .collect();
        // Of those that have as many of the words what somebody has described.
        found.sort_by_cached_key(|(share, function)| {
            let name = function.signature.name.to_string();
            (Reverse((share * 1000.0) as u32), is_raw(function), name)
        });
        let rows = found.into_iter().take(limit);
        let rows = rows.map(|(_, function)| row(function, world.language));
        Ok(Value::List(rows.collect()))
    }
}

/// Whether nothing but an interface tells what it does.
fn is_raw(function: &Function) -> bool {
    let offered = function.offered.as_ref();
    offered.is_some_and(|offered| offered.is_guessed)
}

fn row(function: &Function, language: Language) -> Value {
    let signature = &function.signature;
    let does = match language {
        Language::Chinese if !function.summary_zh.is_empty() => &function.summary_zh,
        _ => &signature.summary,
    };
    let effect = message(
        language,
        &format!("effect-{}", signature.effect.word()),
        &[],
    );
    Value::record([
        ("function", Value::from(signature.name.to_string())),
        ("does", Value::from(bounded(does, MOST_OF_TEXT))),
        ("effect", Value::from(effect)),
        (
            "call",
            Value::from(bounded(&plan::describe_form(signature), MOST_OF_CALL)),
        ),
    ])
}

fn bounded(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// The words that are looked for, in small letters: English ones whole, Chinese ones in pairs.
fn terms(text: &str) -> BTreeSet<String> {
    let text = text.to_lowercase();
    let mut terms = BTreeSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let characters: Vec<char> = word.chars().collect();
        if EMPTY.contains(&word) {
            continue;
        }
        if word.is_ascii() && !word.is_empty() {
            let singular = word.strip_suffix('s').filter(|rest| rest.len() > 2);
            terms.insert(singular.unwrap_or(word).to_owned());
        } else if characters.len() == 1 {
            terms.insert(word.to_owned());
        }
        if !word.is_ascii() {
            terms.extend(characters.windows(2).map(|pair| pair.iter().collect()));
        }
    }
    terms
}

/// What part of the words a function has in its name or descriptions, from 0 to 1.
fn share(wanted: &BTreeSet<String>, function: &Function) -> f64 {
    let name = function.signature.name.as_str();
    let texts = [
        name,
        &function.signature.summary,
        &function.summary_zh,
        &function.label,
        &function.label_zh,
    ];
    let text = texts.join(" ").to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |term: &&String| match term.is_ascii() {
        true => words.iter().any(|word| word.starts_with(term.as_str())),
        false => text.contains(term.as_str()),
    };
    match wanted.len() {
        0 => 0.0,
        count => wanted.iter().filter(has).count() as f64 / count as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::Fixture;

    #[tokio::test]
    async fn functions_are_found_by_words_in_both_languages() {
        let fixture = Fixture::new();
        fixture.world.known.change(|_| fixture.registry.clone());
        let found = async |about: &str| {
            let about = [("about", about.into())];
            let found = fixture.call("functions.search", &about).await;
            let rows = found.expect("it reads").value;
            let rows = rows.as_list().expect("rows").to_vec();
            let name = |row: &Value| {
                row.field("function")
                    .and_then(Value::as_text)
                    .map(str::to_owned)
            };
            rows.iter().filter_map(name).collect::<Vec<_>>()
        };
        assert!(found("trash").await.contains(&"files.trash".to_owned()));
        assert!(
            found("蓝牙")
                .await
                .contains(&"bluetooth.devices".to_owned())
        );
        assert!(found("set volume").await[..2].contains(&"audio.set_volume".to_owned()));
        assert_eq!(found("xylophone").await, [""; 0]);
        assert_eq!(found("…").await, [""; 0]);
        assert_eq!(found("the trash").await, found("trash").await);
        assert_eq!(found("the").await, [""; 0]);
    }
}
