//! What the person has set up about functions, as a TOML text.

use std::collections::BTreeMap;

use plan::FunctionName;
use serde::Deserialize;
use toml::Spanned;

/// How many targets one call may have before the person is asked.
const BULK: usize = 20;

/// What the person and the installation have set up about functions.
///
/// Made from the text of a rule file (see [`Rules::parse`]); the default is what holds without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    functions: BTreeMap<String, Rule>,
    domains: BTreeMap<String, Rule>,
    bulk: usize,
    broken: bool,
}

/// A rule about one function or domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The person is asked each time, whatever the function does.
    Confirm,
    /// It never runs.
    Never,
    /// Reversible acts are done without asking, also on targets that were found, and another program may call what can
    /// be taken back; others stay as they are.
    Allow,
}

/// A rule file could not be read; use [`Rules::deny_all`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct RulesError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    bulk: Option<Spanned<i64>>,
    #[serde(default)]
    functions: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    domains: BTreeMap<Spanned<String>, Spanned<String>>,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            functions: BTreeMap::new(),
            domains: BTreeMap::new(),
            bulk: BULK,
            broken: false,
        }
    }
}

impl Rules {
    /// Returns the rules for when a rule file could not be read: everything but reading is denied.
    pub fn deny_all() -> Rules {
        Rules {
            broken: true,
            ..Rules::default()
        }
    }

    /// Reads the text of a rule file.
    ///
    /// ```
    /// let rules = policy::Rules::parse(r#"
    ///     bulk = 50                      # ask when one act has more targets than this
    ///
    ///     [functions]
    ///     "files.trash" = "confirm"      # always ask
    ///     "files.copy" = "allow"         # never ask, as long as it can be undone
    ///
    ///     [domains]
    ///     power = "never"                # never do it
    /// "#);
    /// assert!(rules.is_ok());
    /// ```
    ///
    /// A function's own line counts before its domain's.
    ///
    /// # Errors
    ///
    /// [`RulesError`] with the line of the first mistake.
    pub fn parse(text: &str) -> Result<Rules, RulesError> {
        let file: RuleFile = toml::from_str(text).map_err(|error| RulesError {
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            reason: error.message().to_owned(),
        })?;
        Ok(Rules {
            functions: table(text, file.functions, function_name)?,
            domains: table(text, file.domains, domain_name)?,
            bulk: file.bulk.map_or(Ok(BULK), |bulk| threshold(text, &bulk))?,
            broken: false,
        })
    }

    /// Returns the rule about `function`: its own, else its domain's.
    pub fn rule(&self, function: &FunctionName) -> Option<Rule> {
        self.functions
            .get(function.as_str())
            .or_else(|| self.domains.get(function.domain()))
            .copied()
    }

    /// Returns how many targets one call may have before the person is asked.
    pub fn bulk(&self) -> usize {
        self.bulk
    }

    /// Tells whether these stand for a rule file that could not be read.
    pub fn are_broken(&self) -> bool {
        self.broken
    }
}

type Named = BTreeMap<Spanned<String>, Spanned<String>>;

fn table(
    text: &str,
    named: Named,
    check: fn(&str) -> Result<(), String>,
) -> Result<BTreeMap<String, Rule>, RulesError> {
    named
        .into_iter()
        .map(|(name, word)| {
            let at = |at: usize| {
                move |reason| RulesError {
                    line: line_of(text, at),
                    reason,
                }
            };
            check(name.as_ref()).map_err(at(name.span().start))?;
            let rule = rule_of(word.as_ref()).map_err(at(word.span().start))?;
            Ok((name.into_inner(), rule))
        })
        .collect()
}

fn function_name(name: &str) -> Result<(), String> {
    FunctionName::new(name)
        .map(|_| ())
        .map_err(|error| format!("{error}; a whole domain goes beneath [domains]"))
}

fn domain_name(name: &str) -> Result<(), String> {
    // A domain is what stands before the first dot of a function's name.
    FunctionName::new(format!("{name}.x"))
        .ok()
        .filter(|_| !name.contains('.'))
        .map(|_| ())
        .ok_or_else(|| {
            format!("`{name}` is not a domain; write the part before the dot, such as `files`")
        })
}

fn rule_of(word: &str) -> Result<Rule, String> {
    match word {
        "confirm" => Ok(Rule::Confirm),
        "never" => Ok(Rule::Never),
        "allow" => Ok(Rule::Allow),
        _ => Err(format!(
            "`{word}` is not a rule; write \"confirm\", \"never\" or \"allow\""
        )),
    }
}

fn threshold(text: &str, bulk: &Spanned<i64>) -> Result<usize, RulesError> {
    usize::try_from(*bulk.as_ref())
        .ok()
        .filter(|bulk| *bulk >= 1)
        .ok_or_else(|| RulesError {
            line: line_of(text, bulk.span().start),
            reason: "`bulk` is a number of targets, 1 or more".to_owned(),
        })
}

/// Returns the line, from 1, of the byte `at`.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
