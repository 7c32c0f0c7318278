//! What a line takes over from the turn before: the folder of a file that is named again, the clock time of
//! “the same on Thursday”, and the end of what it replaces.

use functions::Registry;
use plan::{Argument, Expression, Head, Literal, Signature, Signatures, Statement, Type};

use crate::words::Words;

/// Words that take back what was said, and put something in its place.
const CORRECTIONS: &[&[&str]] = &[
    &["instead"],
    &["change"],
    &["meant"],
    &["rather"],
    &["make", "it"],
    &["make", "that"],
    &["move", "it"],
    &["oops"],
    &["wrong"],
    &["改"],
    &["不", "对"],
    &["不", "是"],
    &["换", "成"],
    &["说", "错"],
    &["搞", "错"],
    &["推", "迟"],
    &["提", "前"],
];
/// Words that add to what was done.
const ADDITIONS: &[&str] = &["also", "another", "too", "well", "second", "再", "也", "还"];

/// Completes the values of a statement by those of the turn before.
pub(crate) fn complete(statement: &mut Statement, earlier: &[Statement], registry: &Registry) {
    let Some(signature) = signature_of(statement, registry) else {
        return;
    };
    for (index, argument) in statement.call.arguments.iter_mut().enumerate() {
        let Some(spec) = signature.argument_at(index, argument) else {
            continue;
        };
        let Expression::Literal(Literal::Text(text)) = &mut argument.value else {
            continue;
        };
        let whole = match &spec.ty {
            Type::Path(_) => paths(earlier, registry).find(|path| names(path, text)),
            Type::Time if !text.contains(':') => {
                clock_of_same(statement.call.head.clone(), &spec.name, earlier, registry)
                    .map(|clock| format!("{text} {clock}"))
            }
            _ => None,
        };
        if let Some(whole) = whole {
            *text = whole;
        }
    }
}

/// Returns the lines that end what the turn before began, where a line puts another value in its place.
pub(crate) fn ends_before(
    statement: &Statement,
    earlier: &[Statement],
    words: &Words,
    registry: &Registry,
) -> Vec<Statement> {
    let says = |phrase: &&[&str]| (0..words.len()).any(|at| words.has_at(at, phrase));
    let Head::Function(name) = &statement.call.head else {
        return Vec::new();
    };
    let is_same = earlier
        .iter()
        .any(|line| line.call.head == statement.call.head);
    let adds = words.keys().any(|key| ADDITIONS.contains(&key));
    if !is_same || adds || !CORRECTIONS.iter().any(says) {
        return Vec::new();
    }
    let ends = registry
        .function(name)
        .map(|function| &function.before_another);
    ends.and_then(|text| plan::parse(text).ok())
        .map(|plan| plan.statements)
        .unwrap_or_default()
}

fn signature_of<'r>(statement: &Statement, registry: &'r Registry) -> Option<&'r Signature> {
    match &statement.call.head {
        Head::Function(name) => registry.signature(name),
        Head::Word(_) => None,
    }
}

/// The literals of some lines with the types of their arguments.
fn literals<'s>(
    lines: &'s [Statement],
    registry: &'s Registry,
) -> impl Iterator<Item = (&'s Statement, &'s plan::ArgumentSpec, &'s str)> {
    lines.iter().flat_map(move |line| {
        let signature = signature_of(line, registry);
        let arguments = line.call.arguments.iter().enumerate();
        arguments.filter_map(move |(index, argument): (usize, &Argument)| {
            let spec = signature?.argument_at(index, argument)?;
            match &argument.value {
                Expression::Literal(Literal::Text(text)) => Some((line, spec, text.as_str())),
                _ => None,
            }
        })
    })
}

/// The files of the turn before.
fn paths<'s>(
    earlier: &'s [Statement],
    registry: &'s Registry,
) -> impl Iterator<Item = String> + 's {
    literals(earlier, registry)
        .filter(|(_, spec, _)| matches!(spec.ty, Type::Path(_)))
        .map(|(_, _, path)| path.to_owned())
}

/// Tells whether a name without a folder is that of the file at `path`.
fn names(path: &str, name: &str) -> bool {
    !name.contains('/')
        && path
            .rsplit_once('/')
            .is_some_and(|(_, own)| own.to_lowercase() == name.to_lowercase())
}

/// The clock time that the same function was called with in the turn before.
fn clock_of_same(
    head: Head,
    argument: &str,
    earlier: &[Statement],
    registry: &Registry,
) -> Option<String> {
    literals(earlier, registry)
        .filter(|(line, spec, _)| line.call.head == head && spec.name == argument)
        .find_map(|(_, _, time)| {
            let clock = time.split(' ').next_back()?;
            clock.contains(':').then(|| clock.to_owned())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(plan: &str) -> Vec<Statement> {
        plan::parse(plan).expect("a plan").statements
    }

    #[test]
    fn values_are_completed_by_those_of_the_turn_before() {
        let registry = crate::every_function();
        for (earlier, line, expected) in [
            (
                "text.summarise(\"~/Documents/lease.pdf\")",
                "text.answer(\"Lease.pdf\", \"How long is the notice?\")",
                "text.answer(\"~/Documents/lease.pdf\", \"How long is the notice?\")",
            ),
            (
                "text.summarise(\"~/Documents/lease.pdf\")",
                "files.open(\"~/Desktop/lease.pdf\")",
                "files.open(\"~/Desktop/lease.pdf\")",
            ),
            (
                "timers.remind(\"tomorrow 7:30\", \"bins\")",
                "timers.remind(\"thursday\", \"bins\")",
                "timers.remind(\"thursday 7:30\", \"bins\")",
            ),
            (
                "timers.remind(\"tomorrow 7:30\", \"bins\")",
                "timers.remind(\"thursday 9:00\", \"bins\")",
                "timers.remind(\"thursday 9:00\", \"bins\")",
            ),
        ] {
            let mut line = statements(line).remove(0);
            complete(&mut line, &statements(earlier), &registry);
            assert_eq!(line.to_string(), expected);
        }
    }

    #[test]
    fn what_is_corrected_ends() {
        let registry = crate::every_function();
        let ends = |words: &str, earlier: &str| {
            let line = &statements("timers.start(8min)")[0];
            let words = Words::of(words);
            ends_before(line, &statements(earlier), &words, &registry).len()
        };
        let timer = "timers.start(5min)";
        assert_eq!(ends("哎不对，改成八分钟", timer), 1);
        assert_eq!(ends("the packet says 8, change it", timer), 1);
        assert_eq!(ends("another one of 8 minutes instead", timer), 0);
        assert_eq!(ends("8 minutes", timer), 0);
        assert_eq!(ends("change it to 8", "audio.mute()"), 0);
    }
}
