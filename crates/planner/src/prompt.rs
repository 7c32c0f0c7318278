//! What the model reads.
//!
//! The constant part (instructions, signatures, worked examples) is the same for every
//! request, so that its state is computed once and restored in milliseconds. Only what stands
//! behind it is read anew for each request: the words, and before them the signatures of functions
//! beyond the constant ones that the words may mean.
//!
//! All text here was pinned when a manifest was installed, but for the person's own words.
//! Live names, results and titles never enter.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Capsule, ChatTurn, Prompt};
use functions::{Function, Registry};
use plan::{FunctionName, check, describe, describe_with_hints, parse};

use crate::{
    examples,
    retrieve::{Found, NEAREST},
    tools,
};

/// The characters that signatures may take in the constant part: some 1400 tokens.
const SIGNATURE_BUDGET: usize = 6500;
/// A function with less than this share of the best one's score is not shown: it is hardly ever the one that is
/// meant. Words alone do not tell so surely.
const LEAST_SHARE: f64 = 0.6;
/// Nor is one whose texts are so much less near in meaning than the nearest worked example of Lucid's own functions.
const BEHIND_KNOWN: f64 = 0.25;
/// How many functions beyond the constant ones are shown: each costs some forty tokens to read.
const MOST_RETRIEVED: usize = 5;
/// How many worked examples of retrieved functions stand behind the constant ones.
const NEAREST_EXAMPLES: usize = 2;
/// The worked examples taken from the functions' own, for those that no other example calls.
const OWN_EXAMPLES: usize = 24;

/// The constant part of all prompts, and what it shows.
#[derive(Debug)]
pub(crate) struct Prompts {
    system: String,
    turns: Vec<ChatTurn>,
    constant: BTreeSet<FunctionName>,
    /// The functions beyond the constant ones.
    others: Vec<Other>,
    /// Whether functions that no word points to are shown too, while there is room.
    fills_up: bool,
}

/// A function that is shown only to requests that may mean it.
#[derive(Debug)]
struct Other {
    name: FunctionName,
    line: String,
    examples: Vec<Worked>,
}

/// An example that passed the check.
#[derive(Debug)]
struct Worked {
    turn: ChatTurn,
    functions: Vec<FunctionName>,
}

const INSTRUCTIONS: &str = "\
You turn what a person says into a plan for their computer: one call a line, and nothing else.
Use only the functions below. Take values from the request alone; leave out what it does not mention (`name=type` is optional).
`name = call(...)` keeps a result; later lines may use `name`, `name[0]` or `name[0].field`.
A request with several wishes becomes several lines, in order.
If no function does what is asked, write only say(\"...\"): a short answer, or that Lucid cannot do it. Never claim that something was done.
If something needed is missing, write only ask(\"...\").";

/// The language's own words, shorter than one line each. `r` stands for rows.
const WORDS: &str = "\
Rows: sort(r, \"field\", desc=true), top(r, 3, by=\"field\"), filter(r, \"field\", \">\", 100MB), count(r), sum(r, \"field\"), first(r), each(r, function)
Panels, when the person wants to see or choose: title(\"...\"), section(\"...\"), text(value), meter(value), table(r, [\"field\"], [function]), list(r), gallery(r), chart(r, kind=\"bar\", x=\"field\", y=\"field\"), button(\"label\", call), toggle(\"label\", value, function), slider(\"label\", value, function)";

impl Prompts {
    /// Writes the constant part; returns a sentence about each example that is broken.
    pub(crate) fn new(registry: &Registry) -> (Prompts, Vec<String>) {
        let (constant, others) = split(registry);
        let mut system = format!("{INSTRUCTIONS}\n\nFunctions:\n");
        for function in &constant {
            system.push_str(&describe(&function.signature));
            system.push('\n');
        }
        system.push('\n');
        system.push_str(WORDS);
        let (turns, defects) = constant_examples(registry, &constant);
        let prompts = Prompts {
            system: system.trim_end().to_owned(),
            turns,
            constant: constant
                .iter()
                .map(|function| function.signature.name.clone())
                .collect(),
            others: others
                .iter()
                .map(|function| Other {
                    name: function.signature.name.clone(),
                    line: describe(&function.signature),
                    examples: worked(function, registry),
                })
                .collect(),
            fills_up: false,
        };
        (prompts, defects)
    }

    /// Writes the constant part for functions that are not Lucid's own: it shows none of them.
    pub(crate) fn for_tools(registry: &Registry) -> Prompts {
        let worked = tools::WORKED.iter();
        Prompts {
            system: tools::INSTRUCTIONS.to_owned(),
            turns: worked
                .map(|example| {
                    turn(
                        &with_functions(example.functions, example.request),
                        example.plan,
                    )
                })
                .collect(),
            constant: BTreeSet::new(),
            others: registry
                .functions()
                .map(|function| Other {
                    name: function.signature.name.clone(),
                    line: describe_with_hints(&function.signature),
                    examples: Vec::new(),
                })
                .collect(),
            fills_up: true,
        }
    }

    /// Returns the constant part, for the capsule.
    pub(crate) fn constant(&self) -> Prompt {
        Prompt {
            system: self.system.clone(),
            turns: self.turns.clone(),
            capsule: Capsule::AllTurns,
            user: String::new(),
            adapted: true,
        }
    }

    /// Returns a digest of the constant part.
    pub(crate) fn digest(&self) -> String {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        hash.update(&self.system);
        for turn in &self.turns {
            hash.update(format!("{turn:?}"));
        }
        hex::encode(hash.finalize())
    }

    /// Returns the prompt for some words.
    ///
    /// Examples are earlier turns of the chat: within the turn of the words, small models repeat them.
    pub(crate) fn for_words(&self, utterance: &str, found: &Found) -> Prompt {
        let retrieved = self.retrieved(found);
        let lines: Vec<&str> = retrieved
            .values()
            .map(|other| other.line.as_str())
            .collect();
        let mut prompt = Prompt {
            user: with_functions(&lines.join("\n"), utterance),
            ..self.constant()
        };
        prompt.capsule = Capsule::Turns(prompt.turns.len());
        prompt
            .turns
            .extend(self.nearest_examples(found, &retrieved));
        prompt
    }

    /// Those nearer than any of Lucid's own, the nearest last, next to the words.
    fn nearest_examples(&self, found: &Found, retrieved: &Retrieved<'_>) -> Vec<ChatTurn> {
        let offered =
            |name: &FunctionName| self.constant.contains(name) || retrieved.contains_key(name);
        let mut near: Vec<(f64, &ChatTurn)> = retrieved
            .values()
            .flat_map(|other| &other.examples)
            .filter(|example| example.functions.iter().all(offered))
            .filter_map(|example| Some((*found.nearness.get(&example.turn.user)?, &example.turn)))
            .filter(|(near, _)| found.known.is_none_or(|known| *near >= known))
            .collect();
        near.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.user.cmp(&other.user)));
        near.truncate(NEAREST_EXAMPLES);
        near.into_iter()
            .rev()
            .map(|(_, turn)| turn.clone())
            .collect()
    }

    /// Returns the functions that the grammar of a request opens.
    pub(crate) fn offered(&self, found: &Found) -> BTreeSet<FunctionName> {
        self.constant
            .iter()
            .cloned()
            .chain(self.retrieved(found).into_keys().cloned())
            .collect()
    }

    /// Tells whether the constant part shows all of these.
    pub(crate) fn holds(&self, functions: &BTreeSet<FunctionName>) -> bool {
        functions.is_subset(&self.constant)
    }

    /// Tells whether there are functions that the constant part does not show.
    pub(crate) fn shows_in_part(&self) -> bool {
        !self.others.is_empty()
    }

    /// Tells whether the constant part shows this one.
    pub(crate) fn is_constant(&self, function: &FunctionName) -> bool {
        self.constant.contains(function)
    }

    /// The functions among the nearest that the constant part does not show.
    fn retrieved(&self, found: &Found) -> Retrieved<'_> {
        let nearest = &found.ranked[..found.ranked.len().min(NEAREST)];
        let least = match nearest.first() {
            Some((_, best)) if found.cosine.is_some() => LEAST_SHARE * best,
            _ => 0.0,
        };
        let is_behind = |name: &FunctionName| {
            let near = found.nearest.get(name).copied().unwrap_or(0.0);
            found.known.is_some_and(|known| near < known - BEHIND_KNOWN)
        };
        let most = if self.fills_up {
            NEAREST
        } else {
            MOST_RETRIEVED
        };
        let mut retrieved: Retrieved<'_> = nearest
            .iter()
            .filter(|(name, score)| *score >= least && !is_behind(name))
            .filter_map(|(name, _)| self.others.iter().find(|other| other.name == *name))
            .take(most)
            .map(|other| (&other.name, other))
            .collect();
        for other in &self.others {
            if self.fills_up && retrieved.len() < NEAREST {
                retrieved.insert(&other.name, other);
            }
        }
        retrieved
    }
}

/// Puts the lines of functions before the words.
pub(crate) fn with_functions(lines: &str, utterance: &str) -> String {
    if lines.is_empty() {
        utterance.to_owned()
    } else {
        format!("More functions:\n{lines}\n\n{utterance}")
    }
}

type Retrieved<'p> = BTreeMap<&'p FunctionName, &'p Other>;

/// A function's own examples that the registry can run.
fn worked(function: &Function, registry: &Registry) -> Vec<Worked> {
    let checked = function.examples.iter().filter_map(|example| {
        let text = example.plan.trim();
        Some(Worked {
            functions: check_example(text, registry).ok()?,
            turn: turn(&example.request, text),
        })
    });
    checked.collect()
}

type Functions<'r> = Vec<&'r Function>;

/// Of the functions that are not shown on demand as many are constant as the budget holds, the core first. What a person
/// adds never is: no plugin takes another one's place, and none costs a request that does not mean it.
fn split(registry: &Registry) -> (Functions<'_>, Functions<'_>) {
    let mut all: Functions<'_> = registry.functions().map(AsRef::as_ref).collect();
    all.sort_by_key(|function| (!function.core, !function.plugin.is_empty()));
    let mut left = SIGNATURE_BUDGET;
    let mut constant: Functions<'_> = Vec::new();
    let mut others: Functions<'_> = Vec::new();
    for function in all {
        let length = describe(&function.signature).len() + 1;
        if !function.on_demand && length <= left {
            left -= length;
            constant.push(function);
        } else {
            others.push(function);
        }
    }
    constant.sort_by(|a, b| a.signature.name.cmp(&b.signature.name));
    others.sort_by(|a, b| a.signature.name.cmp(&b.signature.name));
    (constant, others)
}

/// Chooses the worked examples: ours that the registry can run, then the functions' own.
fn constant_examples(registry: &Registry, constant: &[&Function]) -> (Vec<ChatTurn>, Vec<String>) {
    let mut turns = Vec::new();
    let mut called = BTreeSet::new();
    let mut defects = Vec::new();
    let known = |name: &FunctionName| {
        constant
            .iter()
            .any(|function| function.signature.name == *name)
    };
    for (request, text) in examples::WORKED {
        if let Ok(functions) = check_example(text, registry)
            && functions.iter().all(known)
        {
            called.extend(functions);
            turns.push(turn(request, text));
        }
    }
    for pair in examples::FOLLOWED {
        let whole = pair.map(|(_, text)| text).join("\n");
        if let Ok(functions) = check_example(&whole, registry)
            && functions.iter().all(known)
        {
            called.extend(functions);
            turns.extend(pair.map(|(request, text)| turn(request, text)));
        }
    }
    let mut own = Vec::new();
    for function in in_turn_by_domain(registry) {
        let name = &function.signature.name;
        // Every other function shows a Chinese example, so that both languages are shown.
        let language = if own.len() % 2 == 0 { "en" } else { "zh" };
        let mut wanted = own.len() < OWN_EXAMPLES && !called.contains(name);
        for example in &function.examples {
            let text = example.plan.trim();
            match check_example(text, registry) {
                Err(reason) => {
                    defects.push(format!("{name}: example `{}`: {reason}", example.request));
                }
                Ok(functions)
                    if wanted && example.language == language && functions.iter().all(known) =>
                {
                    wanted = false;
                    own.push(turn(&example.request, text));
                }
                Ok(_) => {}
            }
        }
    }
    // What is hardest comes last, nearest to the words.
    let refused = examples::REFUSED.iter();
    own.extend(refused.map(|(request, text)| turn(request, text)));
    own.extend(turns);
    (own, defects)
}

/// Each line of an answer ends with a line feed, as the grammar wants it: so the model knows that
/// the end of the turn may follow one. Without it, it goes on for ever.
pub(crate) fn turn(request: &str, plan: &str) -> ChatTurn {
    ChatTurn::new(request, format!("{}\n", plan.trim_end()))
}

/// Returns one function of each domain, then the next of each, so that every domain is shown.
fn in_turn_by_domain(registry: &Registry) -> Vec<&Function> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, &Function)> = registry
        .functions()
        .map(|function| {
            let count = counts.entry(function.signature.name.domain()).or_default();
            *count += 1;
            (*count, function.as_ref())
        })
        .collect();
    placed.sort_by_key(|(place, function)| (*place, function.signature.name.clone()));
    placed.into_iter().map(|(_, function)| function).collect()
}

/// Checks the plan of an example and returns the functions that it calls.
pub(crate) fn check_example(text: &str, registry: &Registry) -> Result<Vec<FunctionName>, String> {
    let plan = parse(text).map_err(|errors| reasons(text, &errors))?;
    let live = examples::any_live_name(&plan, registry);
    check(&plan, registry, &live).map_err(|errors| reasons(text, &errors))?;
    Ok(examples::functions_of(&plan))
}

fn reasons(text: &str, errors: &[impl ToString]) -> String {
    let reasons: Vec<String> = errors.iter().map(ToString::to_string).collect();
    format!("`{text}`: {}", reasons.join("; "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn tools_stand_behind_a_constant_part_that_names_none() {
        let of_names = |names: &[&str]| {
            Registry::of_signatures(names.iter().map(|name| {
                serde_json::from_value(serde_json::json!({
                    "name": name, "summary": "", "effect": "read",
                    "arguments": [{"name": "date", "type": "text", "hint": "as in 2024-01-31"}],
                }))
                .expect("a signature")
            }))
        };
        let few = Prompts::for_tools(&of_names(&["a.one", "a.two"]));
        let names: Vec<String> = (0..9).map(|index| format!("b.f{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let many = Prompts::for_tools(&of_names(&names));
        assert_eq!(few.constant(), many.constant());
        let found = Found::default();
        assert_eq!(
            few.for_words("go", &found).user,
            "More functions:\na.one(date=text)\n  date: as in 2024-01-31\na.two(date=text)\n  date: as in 2024-01-31\n\ngo"
        );
        let last = FunctionName::new("b.f8").expect("a name");
        assert_eq!(many.offered(&found).len(), NEAREST);
        assert!(!many.offered(&found).contains(&last));
        let found = Found {
            ranked: vec![(last.clone(), 1.0)],
            ..Found::default()
        };
        assert!(many.offered(&found).contains(&last));
    }

    #[test]
    fn plugins_change_nothing_for_requests_that_do_not_mean_them() {
        let folder = tempfile::tempdir().expect("a folder");
        crate::synthetic::write_plugins(folder.path(), 300).expect("a disk");
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let (with, errors) = Registry::load(&[&own], &[folder.path()]);
        assert_eq!(errors, []);
        let (without, _) = Registry::load(&[&own], &[]);
        let (with, without) = (Prompts::new(&with).0, Prompts::new(&without).0);
        assert_eq!(with.digest(), without.digest());

        let name = with.others[0].name.clone();
        let nearness = |near: f64| Found {
            ranked: vec![(name.clone(), 1.0)],
            cosine: Some(0.9),
            nearest: BTreeMap::from([(name.clone(), near)]),
            known: Some(0.9),
            ..Found::default()
        };
        assert!(!with.offered(&nearness(0.6)).contains(&name));
        assert!(with.offered(&nearness(0.7)).contains(&name));
    }
}
