//! The items of the package.

use std::path::Path;

use anyhow::Context;
use planner::MAX_UTTERANCE;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::schema::FunctionSchema;

/// One item.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Item {
    /// Its name.
    pub(super) id: String,
    /// The turns, each of one or more messages.
    question: Vec<Vec<Message>>,
    /// The functions to choose from.
    #[serde(rename = "function")]
    pub(super) functions: Vec<FunctionSchema>,
    /// The file that it stands in.
    #[serde(skip)]
    pub(super) category: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Message {
    content: String,
}

/// Reads the items of a category.
pub(super) fn read(data: &Path, category: &str) -> anyhow::Result<Vec<Item>> {
    let path = data.join(format!("bfcl_eval/data/BFCL_v4_{category}.json"));
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("could not read {}", path.display()))?;
    text.lines()
        .enumerate()
        .map(|(line, text)| {
            let mut item: Item = serde_json::from_str(text)
                .with_context(|| format!("line {} of {}", line + 1, path.display()))?;
            category.clone_into(&mut item.category);
            Ok(item)
        })
        .collect()
}

impl Item {
    /// Returns what orders the items for a sample.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.id).into()
    }

    /// Joins the messages, system and assistant ones included, as far from the end as the planner reads.
    pub(super) fn words(&self) -> String {
        let messages = self.question.iter().flatten();
        let mut words = String::new();
        for message in messages.rev() {
            let content = message.content.trim();
            let length = words.chars().count() + content.chars().count() + 1;
            if !words.is_empty() && length > MAX_UTTERANCE {
                break;
            }
            words = format!("{content}\n{words}");
        }
        words.trim_end().to_owned()
    }

    /// Makes an item without anything but an id.
    #[cfg(test)]
    pub(super) fn bare(id: &str) -> Item {
        Item {
            id: id.to_owned(),
            question: Vec::new(),
            functions: Vec::new(),
            category: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_joined_from_the_end() {
        let long = "x".repeat(MAX_UTTERANCE);
        for (contents, words) in [
            (
                vec!["You help.", " Set it to 5. "],
                "You help.\nSet it to 5.",
            ),
            (vec![long.as_str(), "hello", "there"], "hello\nthere"),
            (vec!["before", long.as_str()], long.as_str()),
        ] {
            let mut item = Item::bare("a");
            let message = |content: &&str| Message {
                content: (*content).to_owned(),
            };
            item.question = vec![contents.iter().map(message).collect()];
            assert_eq!(item.words(), words);
        }
    }
}
