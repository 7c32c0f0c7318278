//! `files.find`, and what `files.largest` and `files.recent` share with it.

use std::{
    cmp::Ordering,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use jiff::Timestamp;
use journal::{OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::{Language, message};

use super::{
    blocking::{Stop, off_thread},
    kinds, place,
    row::Found,
    trouble,
    walk::{Walked, walk},
};
use crate::{ALL_ROWS, Action, Availability, ErrorKind, FunctionError, World};

/// How many files are listed when nobody said how many; as many as a panel shows.
const MOST: usize = 1000;

/// Finds files by name, kind, size and age.
pub(super) struct Find;

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) folder: PathBuf,
    pub(super) name: Vec<String>,
    /// The whole of the name: what is called just so comes first.
    pub(super) whole: String,
    pub(super) kind: String,
    pub(super) min_size: Option<u64>,
    pub(super) max_size: Option<u64>,
    pub(super) after: Option<SystemTime>,
    pub(super) before: Option<SystemTime>,
    pub(super) hidden: bool,
    pub(super) limit: usize,
    pub(super) order: Order,
}

/// Which files come first, and which stay when there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Largest,
    Newest,
}

impl Query {
    /// Reads the arguments that all three functions have.
    pub(super) fn of(
        call: &ResolvedCall,
        order: Order,
        world: &World,
    ) -> Result<Query, FunctionError> {
        let folder = match call.text("folder") {
            Some(text) => place::searched(text, world)?,
            None => world.places.home.clone(),
        };
        if !folder.is_dir() {
            let there = folder.symlink_metadata().is_ok();
            let id = if there {
                "file-not-folder"
            } else {
                "file-missing"
            };
            return Err(trouble::about(
                ErrorKind::NotFound,
                world.language,
                id,
                &folder,
            ));
        }
        Ok(Query {
            folder,
            name: Vec::new(),
            whole: String::new(),
            kind: call.text("kind").unwrap_or("any").to_owned(),
            min_size: None,
            max_size: None,
            after: None,
            before: None,
            hidden: false,
            limit: call
                .number("limit")
                .unwrap_or(MOST as f64)
                .clamp(1.0, ALL_ROWS as f64) as usize,
            order,
        })
    }

    fn with_filters(mut self, call: &ResolvedCall, now: SystemTime) -> Query {
        let words = call.text("name").unwrap_or_default().to_lowercase();
        self.whole = words.trim().to_owned();
        self.name = words.split_whitespace().map(str::to_owned).collect();
        self.min_size = call.number("min_size").map(|size| size as u64);
        self.max_size = call.number("max_size").map(|size| size as u64);
        let ago = |name: &str| {
            let seconds = call.number(name).filter(|seconds| seconds.is_finite())?;
            now.checked_sub(Duration::from_secs_f64(seconds.clamp(0.0, 1e10)))
        };
        self.after = ago("newer_than");
        self.before = ago("older_than");
        let moment = |name: &str| {
            let instant = call.text(name)?.parse::<Timestamp>().ok()?;
            SystemTime::try_from(instant).ok()
        };
        self.after = moment("modified_after").or(self.after);
        self.before = moment("modified_before").or(self.before);
        self.hidden = call
            .argument("hidden")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        if self.min_size.is_some() || self.max_size.is_some() {
            self.order = Order::Largest;
        }
        self
    }

    fn fits_name(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.name.iter().all(|word| {
            if word.contains(['*', '?']) {
                matches_pattern(&name, word)
            } else {
                name.contains(word.as_str())
            }
        })
    }

    fn fits(&self, found: &Found) -> bool {
        kinds::fits(found.kind, &self.kind)
            && self.min_size.is_none_or(|min| found.size >= min)
            && self.max_size.is_none_or(|max| found.size <= max)
            && self.after.is_none_or(|after| found.modified >= after)
            && self.before.is_none_or(|before| found.modified <= before)
    }

    /// A folder's size says nothing about what is in it.
    fn takes_folders(&self) -> bool {
        let by_size = self.order == Order::Largest;
        self.kind == "folder" || (self.kind == "any" && !self.name.is_empty() && !by_size)
    }

    /// Walks and returns the first `limit` in order, how many there were in all, and how the walk went.
    pub(super) fn run(&self, stop: &Stop) -> std::io::Result<(Vec<Found>, usize, Walked)> {
        let mut found: Vec<Found> = Vec::new();
        let mut count = 0;
        let room = self.limit * 2 + 1000;
        let walked = walk(&self.folder, self.hidden, stop, |entry, kind| {
            let wanted = kind.is_file() || (kind.is_dir() && self.takes_folders());
            if !wanted || !self.fits_name(&entry.file_name().to_string_lossy()) {
                return;
            }
            let Ok(metadata) = entry.metadata() else {
                return;
            };
            let file = Found::new(entry.path(), &metadata);
            if self.fits(&file) {
                found.push(file);
                count += 1;
            }
            if found.len() > room {
                self.keep_first(&mut found);
            }
        })?;
        self.keep_first(&mut found);
        Ok((found, count, walked))
    }

    fn keep_first(&self, found: &mut Vec<Found>) {
        found.sort_by(|a, b| self.compare(a, b));
        found.truncate(self.limit);
    }

    fn is_called_so(&self, found: &Found) -> bool {
        let name = found.path.file_name();
        !self.whole.is_empty()
            && name.is_some_and(|name| name.to_string_lossy().to_lowercase() == self.whole)
    }

    fn compare(&self, a: &Found, b: &Found) -> Ordering {
        let order = match self.order {
            Order::Largest => b.size.cmp(&a.size),
            Order::Newest => b.modified.cmp(&a.modified),
        };
        // Of files that are called just so, the one nearest to the folder.
        let depth = |found: &Found| match self.is_called_so(found) {
            true => found.path.components().count(),
            false => usize::MAX,
        };
        let exactly = depth(a).cmp(&depth(b));
        exactly.then(order).then_with(|| a.path.cmp(&b.path))
    }

    /// Walks off the threads that serve others, and returns rows and a note.
    pub(super) async fn outcome(self, world: &World) -> Result<Outcome, FunctionError> {
        let language = world.language;
        let limit = self.limit;
        let (found, count, walked) = off_thread(language, move |stop| {
            self.run(stop)
                .map_err(|error| trouble::from_io(language, &self.folder, &error))
        })
        .await?;
        Ok(Outcome {
            value: Value::List(found.iter().map(Found::row).collect()),
            note: note(limit, count, &walked, language),
            undo: None,
        })
    }
}

/// Says what of the walk is not seen in the rows. Who asked for the five newest knows that there are more.
fn note(limit: usize, count: usize, walked: &Walked, language: Language) -> String {
    let rest = walked.note(language);
    if count <= limit || limit < MOST {
        return rest;
    }
    let [limit, count] = [limit, count].map(|number| number.to_string());
    let values = [("limit", limit.as_str()), ("count", count.as_str())];
    let more = message(language, "files-more", &values);
    format!("{more} {rest}").trim_end().to_owned()
}

/// Matches `*` and `?` in linear memory; both texts are in lower case.
fn matches_pattern(name: &str, pattern: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut at, mut to) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(to) {
            Some('*') => {
                star = Some((to, at));
                to += 1;
            }
            Some(c) if *c == '?' || *c == name[at] => {
                at += 1;
                to += 1;
            }
            _ => match star {
                Some((star_to, star_at)) => {
                    star = Some((star_to, star_at + 1));
                    at = star_at + 1;
                    to = star_to + 1;
                }
                None => return false,
            },
        }
    }
    pattern[to..].iter().all(|c| *c == '*')
}

#[async_trait]
impl Action for Find {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    fn shown_by(&self) -> Option<&'static str> {
        Some("limit")
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let query = Query::of(call, Order::Newest, world)?.with_filters(call, SystemTime::now());
        Ok(query.outcome(world).await?.value)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let query = Query::of(entry.call(), Order::Newest, world)?;
        query
            .with_filters(entry.call(), SystemTime::now())
            .outcome(world)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn patterns() {
        for (name, pattern, fits) in [
            ("report.pdf", "*.pdf", true),
            ("report.pdf", "r*t.p?f", true),
            ("报告.pdf", "报?.*", true),
            ("report.pdf", "*.txt", false),
            ("", "*", true),
            ("a", "", false),
            ("aaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*c", false),
        ] {
            assert_eq!(matches_pattern(name, pattern), fits, "{name} {pattern}");
        }
    }
}
