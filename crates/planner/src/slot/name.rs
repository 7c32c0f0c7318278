//! Names that are live on this machine: apps, players, devices, folders.

use std::collections::{BTreeMap, BTreeSet};

use functions::LiveValue;
use plan::LiveNames as Grammar;

use super::kind;
use crate::{LiveNames, words::is_ideograph};

/// Live names, prepared for being looked up by what people call them.
#[derive(Debug, Default)]
pub(crate) struct NameIndex {
    apps: Vec<Known>,
    sources: BTreeMap<String, Vec<Known>>,
    /// The names of folders, in small letters.
    folders: BTreeSet<String>,
    written: Grammar,
}

/// One app, player or device.
#[derive(Debug, Clone)]
struct Known {
    /// What a plan writes: the first name, or the id where two share it.
    written: String,
    /// What a plan may write too: further names that no other one has, such as “Terminal” for Foot.
    others: Vec<String>,
    /// Its names in simple form: lower case, letters and digits.
    names: Vec<String>,
    /// Words for its kind, in the same form.
    kinds: Vec<&'static str>,
}

/// The longest live name that a plan may carry, in characters.
const MAX_NAME: usize = 60;
/// The most names of one source; a machine has some hundred apps.
const MAX_NAMES: usize = 600;

impl NameIndex {
    /// Prepares the names of this request.
    pub(crate) fn new(live: &LiveNames) -> NameIndex {
        let apps = index(&live.apps);
        let sources: BTreeMap<String, Vec<Known>> = live
            .sources
            .iter()
            .map(|(source, values)| (source.clone(), index(values)))
            .collect();
        let written = Grammar {
            apps: written(&apps),
            sources: sources
                .iter()
                .map(|(source, known)| (source.clone(), written(known)))
                .collect(),
        };
        NameIndex {
            apps,
            sources,
            folders: live
                .folders
                .iter()
                .map(|name| name.to_lowercase())
                .collect(),
            written,
        }
    }

    /// Tells whether a folder beside the usual ones has the name, whatever its case.
    pub(crate) fn is_folder(&self, name: &str) -> bool {
        self.folders.contains(&name.to_lowercase())
    }

    /// Returns the names that plans may write, for grammar and check.
    pub(crate) fn written(&self) -> &Grammar {
        &self.written
    }

    /// Returns the names that `utterance` mentions; all apps where it mentions none, since a plan that
    /// opens one needs a name, which is refused then.
    pub(crate) fn mentioned_in(&self, utterance: &str) -> Grammar {
        let said = |known: &[Known], written: &[String]| -> Vec<String> {
            let mentioned = known.iter().filter(|known| known.is_mentioned(utterance));
            let names: BTreeSet<&String> = mentioned
                .flat_map(|known| known.others.iter().chain([&known.written]))
                .collect();
            let said = written.iter().filter(|name| names.contains(name));
            said.cloned().collect()
        };
        let mut mentioned = Grammar {
            apps: said(&self.apps, &self.written.apps),
            ..Grammar::default()
        };
        if mentioned.apps.is_empty() {
            mentioned.apps.clone_from(&self.written.apps);
        }
        for (source, known) in &self.sources {
            let names = said(known, self.written.of(source));
            mentioned.sources.insert(source.clone(), names);
        }
        mentioned
    }

    /// Tells whether `utterance` mentions any app.
    pub(crate) fn mentions_an_app(&self, utterance: &str) -> bool {
        self.apps.iter().any(|known| known.is_mentioned(utterance))
    }

    /// Tells whether `text` is the name of an app, a player or a device.
    pub(crate) fn knows(&self, text: &str) -> bool {
        resolve(&self.apps, text).is_some()
            || self
                .sources
                .values()
                .any(|known| resolve(known, text).is_some())
    }

    /// Counts the apps, players and devices that `utterance` mentions.
    pub(crate) fn count_mentioned(&self, utterance: &str) -> usize {
        let all = self.apps.iter().chain(self.sources.values().flatten());
        all.filter(|known| known.is_mentioned(utterance)).count()
    }

    /// Finds the app that a person means.
    pub(crate) fn app(&self, text: &str) -> Option<String> {
        resolve(&self.apps, text)
    }

    /// Finds the live name of a source that a person means.
    pub(crate) fn live(&self, source: &str, text: &str) -> Option<String> {
        resolve(self.sources.get(source)?, text)
    }

    /// Tells whether `utterance` mentions the app that a plan writes as `written`.
    pub(crate) fn mentions_app(&self, written: &str, utterance: &str) -> bool {
        is_mentioned(&self.apps, written, utterance)
    }

    /// Tells whether `utterance` mentions the live name that a plan writes as `written`.
    pub(crate) fn mentions_live(&self, source: &str, written: &str, utterance: &str) -> bool {
        self.sources
            .get(source)
            .is_some_and(|known| is_mentioned(known, written, utterance))
    }

    /// Tells whether `utterance` mentions any live name of a source.
    pub(crate) fn mentions_any_of(&self, source: &str, utterance: &str) -> bool {
        let known = self.sources.get(source);
        known.is_some_and(|known| known.iter().any(|known| known.is_mentioned(utterance)))
    }
}

impl Known {
    /// Tells whether one of the names, or a word of one, is among the words of `utterance`.
    fn is_mentioned(&self, utterance: &str) -> bool {
        let said = simple(utterance);
        let words: Vec<String> = utterance
            .split(|c: char| !c.is_alphanumeric())
            // Writer打开; what Chinese names have in common is seen below.
            .flat_map(|word| word.split(is_ideograph))
            .map(simple)
            .filter(|word| !word.is_empty())
            .collect();
        self.names.iter().any(|name| {
            is_telling(name) && said.contains(name.as_str())
                || words.iter().any(|word| {
                    word.chars().count() >= 3
                        && !COMMON.contains(&word.as_str())
                        && (name.contains(word.as_str()) || is_one_edit(name, word))
                })
                || shares_ideographs(name, &said)
        }) || self.kinds.iter().any(|kind| match kind.is_ascii() {
            true => words.iter().any(|word| word == kind),
            false => said.contains(kind),
        })
    }
}

fn is_mentioned(known: &[Known], written: &str, utterance: &str) -> bool {
    known
        .iter()
        .filter(|known| {
            known.written == written || known.others.iter().any(|other| other == written)
        })
        .any(|known| known.is_mentioned(utterance))
}

/// Words that stand in many sentences, and by chance within names: the “the” of Weather.
const COMMON: &[&str] = &[
    "the", "and", "for", "you", "can", "all", "set", "out", "new", "now", "one", "two", "put",
    "get", "let", "end", "see", "off", "are", "was", "has", "its", "this", "that", "with", "from",
    "open", "show", "make", "turn", "play", "stop", "please", "what", "how", "use",
];

/// A name of one or two letters occurs in any sentence.
fn is_telling(name: &str) -> bool {
    let least = if name.chars().any(is_ideograph) { 2 } else { 3 };
    name.chars().count() >= least
}

/// Two ideographs in a row that both texts have, such as 火狐.
fn shares_ideographs(name: &str, said: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    chars.windows(2).any(|pair| {
        pair.iter().all(|c| is_ideograph(*c)) && said.contains(&pair.iter().collect::<String>())
    })
}

/// The first names stand in front: a grammar holds so many and no more.
fn written(known: &[Known]) -> Vec<String> {
    let first = known.iter().map(|known| known.written.clone());
    let others = known.iter().flat_map(|known| known.others.iter().cloned());
    first.chain(others).collect()
}

fn index(values: &[LiveValue]) -> Vec<Known> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for name in values.iter().flat_map(own_names) {
        *seen.entry(name).or_default() += 1;
    }
    values
        .iter()
        .map(|value| {
            let name = first_name(value);
            let written = if seen.get(name) == Some(&1) {
                name
            } else {
                &value.id
            };
            let id = value.id.strip_suffix(".desktop").unwrap_or(&value.id);
            let names: Vec<String> = value
                .names
                .iter()
                .map(String::as_str)
                .chain([id, id.rsplit('.').next().unwrap_or(id)])
                .map(simple)
                .filter(|name| !name.is_empty())
                .collect();
            let kinds = kind::alike(&names).collect();
            let others = own_names(value)
                .into_iter()
                .filter(|name| *name != written && seen.get(name) == Some(&1) && is_writable(name))
                .map(str::to_owned)
                .collect();
            Known {
                written: written.to_owned(),
                others,
                names,
                kinds,
            }
        })
        .filter(|known| is_writable(&known.written))
        .take(MAX_NAMES)
        .collect()
}

/// The names of one value, each once.
fn own_names(value: &LiveValue) -> BTreeSet<&str> {
    match value.names.is_empty() {
        true => BTreeSet::from([value.id.as_str()]),
        false => value.names.iter().map(String::as_str).collect(),
    }
}

fn first_name(value: &LiveValue) -> &str {
    value.names.first().unwrap_or(&value.id)
}

/// A name with control characters or line breaks is no name that anybody types.
fn is_writable(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= MAX_NAME
        && !name.chars().any(plan::is_invisible)
}

fn simple(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Words around a name that are not part of it.
const BEFORE: &[&str] = &["the ", "my ", "a "];
const BEHIND: &[&str] = &[
    " app",
    " application",
    " program",
    " player",
    "应用",
    "程序",
    "软件",
    "播放器",
];

/// Exact names first, then beginnings, then one typing error; each only if it fits one name alone.
fn resolve(known: &[Known], text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let bare = BEFORE
        .iter()
        .find_map(|before| text.strip_prefix(before))
        .unwrap_or(&text);
    let shorter = BEHIND.iter().find_map(|behind| bare.strip_suffix(behind));
    [Some(bare), shorter]
        .into_iter()
        .flatten()
        .map(simple)
        .filter(|wanted| !wanted.is_empty())
        .find_map(|wanted| by_steps(known, &wanted))
}

fn by_steps(known: &[Known], wanted: &str) -> Option<String> {
    let length = wanted.chars().count();
    let short = if wanted.chars().all(is_ideograph) {
        2
    } else {
        3
    };
    let exact = only(known, |name| name == wanted);
    if exact.is_none() && NO_NAMES.contains(&wanted) {
        return None;
    }
    let begins = || only(known, |name| length >= short && name.starts_with(wanted));
    let typo = || only(known, |name| length >= 5 && is_one_edit(name, wanted));
    let kind = || only_one(known, |known| known.kinds.contains(&wanted));
    exact.or_else(begins).or_else(typo).or_else(kind)
}

/// “open the file” means no app that is called Files.
const NO_NAMES: &[&str] = &["file", "folder", "app", "application", "program", "window"];

fn only(known: &[Known], fits: impl Fn(&str) -> bool) -> Option<String> {
    only_one(known, |known| known.names.iter().any(|name| fits(name)))
}

fn only_one(known: &[Known], is_it: impl Fn(&Known) -> bool) -> Option<String> {
    let mut found = known.iter().filter(|known| is_it(known));
    let first = found.next()?;
    found.next().is_none().then(|| first.written.clone())
}

/// Tells whether one letter was left out, added, replaced, or swapped with its neighbour.
fn is_one_edit(name: &str, typed: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let typed: Vec<char> = typed.chars().collect();
    if name.len().abs_diff(typed.len()) > 1 || name.len() < 4 {
        return false;
    }
    let front = name.iter().zip(&typed).take_while(|(a, b)| a == b).count();
    let rest = |word: &[char], skip: usize| word.get(front + skip..).map(<[char]>::to_vec);
    let same = |a: usize, b: usize| match (rest(&name, a), rest(&typed, b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    let swapped = name.len() == typed.len()
        && name.get(front) == typed.get(front + 1)
        && name.get(front + 1) == typed.get(front)
        && same(2, 2);
    same(1, 0) || same(0, 1) || same(1, 1) || swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> NameIndex {
        let app = |id: &str, names: &[&str]| LiveValue {
            id: id.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        NameIndex::new(&LiveNames {
            apps: vec![
                app("org.gnome.gedit.desktop", &["gedit", "Text Editor"]),
                app("firefox.desktop", &["Firefox", "火狐浏览器"]),
                app("thunderbird.desktop", &["Thunderbird", "Mail"]),
                app("code.desktop", &["Visual Studio Code"]),
                app("a.desktop", &["Files"]),
                app("b.desktop", &["Files"]),
                app("n.desktop", &["Folders", "Files"]),
            ],
            ..LiveNames::default()
        })
    }

    #[test]
    fn apps_by_what_people_call_them() {
        let names = names();
        for (text, expected) in [
            ("gedit", Some("gedit")),
            ("the text editor", Some("gedit")),
            ("Firefox", Some("Firefox")),
            ("fire", Some("Firefox")),
            ("firefix", Some("Firefox")),
            ("frefox", Some("Firefox")),
            ("火狐", Some("Firefox")),
            ("code", Some("Visual Studio Code")),
            ("the firefox app", Some("Firefox")),
            ("files", None),
            ("b", Some("b.desktop")),
            ("the door", None),
            ("fi", None),
            ("a window", None),
            ("folders", Some("Folders")),
            ("the folder", None),
            ("", None),
            ("浏览器", Some("Firefox")),
            ("邮箱", Some("Thunderbird")),
            ("my email", Some("Thunderbird")),
        ] {
            assert_eq!(names.app(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_plan_may_write_every_name_that_one_app_has_alone() {
        let names = names();
        let written = &names.written().apps;
        let expected = [
            "gedit",
            "Firefox",
            "Thunderbird",
            "Visual Studio Code",
            "a.desktop",
            "b.desktop",
            "Folders",
            "Text Editor",
            "火狐浏览器",
            "Mail",
        ];
        assert_eq!(written, &expected);
        assert!(names.mentions_app("Text Editor", "close the text editor"));
    }

    #[test]
    fn mentions() {
        let names = names();
        for (app, text, expected) in [
            ("Firefox", "start firefx and play", true),
            ("Firefox", "用火狐看看", true),
            ("Thunderbird", "邮件也打开", true),
            ("Thunderbird", "the thumb", false),
            ("Visual Studio Code", "写稿子了：Studio打开", true),
            ("Visual Studio Code", "open studio", true),
            ("Firefox", "make it louder", false),
            ("a.desktop", "make it louder", false),
            ("unknown", "unknown", false),
        ] {
            assert_eq!(names.mentions_app(app, text), expected, "{app}: {text}");
        }
    }
}
