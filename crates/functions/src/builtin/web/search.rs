//! `web.search`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use crate::{
    Action, Availability, FunctionError, World,
    builtin::files::{open_address, openers, place},
};

/// Searches the web in the browser.
pub(super) struct Search;

/// What stands before the words in each engine's address.
const ENGINES: &[(&str, &str)] = &[
    ("duckduckgo", "https://duckduckgo.com/?q="),
    ("wikipedia", "https://en.wikipedia.org/w/index.php?search="),
    ("google", "https://www.google.com/search?q="),
    ("bing", "https://www.bing.com/search?q="),
    ("baidu", "https://www.baidu.com/s?wd="),
];

fn page(call: &ResolvedCall) -> String {
    let engine = call.text("engine").unwrap_or_default();
    let known = ENGINES.iter().find(|(name, _)| *name == engine);
    let (_, before) = known.unwrap_or(&ENGINES[0]);
    let words = call.text("query").unwrap_or_default().trim();
    let words = place::percent_encoded(words.as_bytes()).replace('/', "%2F");
    format!("{before}{words}")
}

#[async_trait]
impl Action for Search {
    async fn availability(&self, world: &World) -> Availability {
        openers(world)
    }

    async fn intend(&self, call: &ResolvedCall, _: &World) -> Result<Intent, FunctionError> {
        Ok(Intent {
            touches: page(call),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let page = page(entry.call());
        open_address(&page, &page, world).await?;
        let words = plan::escape_for_display(entry.call().text("query").unwrap_or_default());
        Ok(Outcome {
            note: message(world.language, "web-searched", &[("query", &words)]),
            ..Outcome::default()
        })
    }
}
