//! What a line takes over from the turn before: the folder of a file that is named again, the clock time of
//! “the same on Thursday”, the conditions of a search that is written anew for a further step, and the end of what
//! it replaces.

use functions::Registry;
use plan::{
    Argument, ArgumentSpec, Effect, Expression, FunctionName, Head, Literal, Output, Reference,
    Signature, Signatures, Statement, TimeText, Type,
};

use crate::{
    amend,
    line::is_call_of,
    whereabouts::{self, Meant, Whereabouts, own_name},
    words::Words,
};

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

/// Completes the values of a statement by those of the turn before. `points` tells whether the words point to it.
pub(crate) fn complete(
    statement: &mut Statement,
    earlier: &[Statement],
    points: bool,
    registry: &Registry,
) {
    let Some(signature) = signature_of(statement, registry) else {
        return;
    };
    if let (true, Some(same)) = (points, searched_before(statement, earlier, signature)) {
        statement.call = same.call.clone();
        return;
    }
    complete_rename(statement, earlier);
    let file = file_of(statement, registry);
    for (index, argument) in statement.call.arguments.iter_mut().enumerate() {
        let Some(spec) = signature.argument_at(index, argument) else {
            continue;
        };
        let Expression::Literal(Literal::Text(text)) = &mut argument.value else {
            continue;
        };
        let whole = match &spec.ty {
            _ if file == Some(spec) => path_of(text, earlier, registry),
            Type::Time if !text.contains(':') => {
                clock_of_same(&statement.call.head, &spec.name, earlier, registry)
                    .map(|clock| format!("{text} {clock}"))
                    .filter(|whole| TimeText::parse(whole).is_some())
            }
            _ => None,
        };
        if let Some(whole) = whole {
            *text = whole;
        }
    }
}

/// The search of the turn before of which a named one repeats a part and says nothing new: the next line acts on what
/// was shown, and not on more.
fn searched_before<'s>(
    statement: &Statement,
    earlier: &'s [Statement],
    signature: &Signature,
) -> Option<&'s Statement> {
    let is_search = statement.name.is_some() && signature.effect == Effect::Read;
    let given = &statement.call.arguments;
    let repeats = |line: &&Statement| {
        let before = &line.call.arguments;
        let is_given_before = |argument: &Argument| {
            before
                .iter()
                .any(|other| (&other.name, &other.value) == (&argument.name, &argument.value))
        };
        line.call.head == statement.call.head
            && given.len() < before.len()
            && given.iter().all(is_given_before)
    };
    earlier.iter().rev().filter(|_| is_search).find(repeats)
}

/// Returns the lines that end what the turn before began, where a line puts another value in its place.
pub(crate) fn ends_before(
    statement: &Statement,
    earlier: &[Statement],
    words: &Words,
    registry: &Registry,
) -> Vec<Statement> {
    // What is to be reminded of may speak of a change: “to change the filter”.
    let payload = statement
        .call
        .arguments
        .iter()
        .filter_map(|argument| match &argument.value {
            Expression::Literal(Literal::Text(text)) => Some(Words::of(text)),
            _ => None,
        });
    let payload: Vec<Words> = payload.collect();
    let holds =
        |words: &Words, phrase: &[&str]| (0..words.len()).any(|at| words.has_at(at, phrase));
    let says =
        |phrase: &&[&str]| holds(words, phrase) && !payload.iter().any(|text| holds(text, phrase));
    let Head::Function(name) = &statement.call.head else {
        return Vec::new();
    };
    let is_same = earlier
        .iter()
        .any(|line| line.call.head == statement.call.head);
    let adds = words.keys().any(|key| amend::ADDING.contains(&key));
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

/// Lets a slider that has a number begin at what is so. Returns the line that reads that, unless one of `bound` does.
pub(crate) fn reads_before(
    statement: &mut Statement,
    bound: &[&Statement],
    registry: &Registry,
) -> Option<Statement> {
    let is_slider = matches!(&statement.call.head, Head::Word(word) if word == "slider");
    let [_, value, function, ..] = &mut statement.call.arguments[..] else {
        return None;
    };
    let (true, Expression::Literal(Literal::Number { .. }), Expression::Function(sets)) =
        (is_slider, &value.value, &function.value)
    else {
        return None;
    };
    let reader = FunctionName::new(sets.as_str().replacen(".set_", ".", 1)).ok()?;
    let signature = registry.signature(&reader)?;
    let is_bound = |name: &str| bound.iter().any(|line| line.name.as_deref() == Some(name));
    let reads =
        |line: &&&Statement| line.call.arguments.is_empty() && is_call_of(line, reader.as_str());
    let known = bound.iter().rev().find(reads);
    let known = known.and_then(|line| line.name.as_deref());
    let mut free = ["v", "b", "w", "x", "y", "z"].into_iter();
    let name = known.or_else(|| free.find(|name| !is_bound(name)))?;
    let line = plan::parse_statement(&format!("{name} = {reader}()"), 1).ok()??;
    let is_reader = signature.effect == Effect::Read
        && matches!(signature.output, Output::Value { ty: Type::Percent })
        && signature
            .arguments
            .iter()
            .all(|argument| !argument.required);
    if !is_reader {
        return None;
    }
    value.value = Expression::Reference(Reference {
        name: name.to_owned(),
        steps: Vec::new(),
        span: value.span,
    });
    known.is_none().then_some(line)
}

/// Returns the argument for the file that a line is about, if it is there already: what is made new may have an old name.
pub(crate) fn file_of<'r>(
    statement: &Statement,
    registry: &'r Registry,
) -> Option<&'r ArgumentSpec> {
    let subject = signature_of(statement, registry)?.subject()?;
    let is_there =
        matches!(subject.ty, Type::Path(_)) && !is_call_of(statement, "files.make_folder");
    is_there.then_some(subject)
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

/// Returns where the one file is that had this name in the turn before, if anybody can say.
fn path_of(name: &str, earlier: &[Statement], registry: &Registry) -> Option<String> {
    let has_name = |path: &&str| {
        !name.contains('/')
            && path.contains('/')
            && own_name(path).to_lowercase() == name.to_lowercase()
    };
    let left = whereabouts::left_by(earlier);
    if let Some(left) = left.filter(|left| has_name(&left.as_str())) {
        return Some(left);
    }
    let mut paths: Vec<&str> = literals(earlier, registry)
        .filter(|(_, spec, _)| matches!(spec.ty, Type::Path(_)))
        .map(|(_, _, path)| path)
        .filter(has_name)
        .collect();
    paths.dedup();
    let [path] = paths[..] else {
        return None;
    };
    match whereabouts::behind(path, earlier, Meant::Original) {
        Whereabouts::Same => Some(path.to_owned()),
        Whereabouts::At(now) => Some(now),
        Whereabouts::Unknown => None,
    }
}

/// A new name has no folder before it, and a file that would be called what it is called is the one that the turn
/// before left: “rename the copy to b.odt”.
fn complete_rename(statement: &mut Statement, earlier: &[Statement]) {
    if !is_call_of(statement, "files.rename") {
        return;
    }
    let [subject, new] = &mut statement.call.arguments[..] else {
        return;
    };
    let Expression::Literal(Literal::Text(name)) = &mut new.value else {
        return;
    };
    *name = own_name(name.trim_end_matches('/')).to_owned();
    if let Expression::Literal(Literal::Text(path)) = &mut subject.value
        && own_name(path) == name
        && let Some(left) = whereabouts::left_by(earlier)
    {
        *path = left;
    }
}

/// The clock time that the same function was called with in the turn before.
fn clock_of_same(
    head: &Head,
    argument: &str,
    earlier: &[Statement],
    registry: &Registry,
) -> Option<String> {
    literals(earlier, registry)
        .filter(|(line, spec, _)| line.call.head == *head && spec.name == argument)
        .find_map(|(_, _, time)| {
            // A moment with its offset is none that a day can be put before.
            let clock = time
                .split(' ')
                .next_back()
                .filter(|clock| clock.len() <= 5)?;
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
                "files.move(\"~/Downloads/lease.pdf\", \"~/Documents\")",
                "files.open(\"lease.pdf\")",
                "files.open(\"~/Documents/lease.pdf\")",
            ),
            (
                "r = screen.screenshot()",
                "files.rename(r, \"Receipts/november.png\")",
                "files.rename(r, \"november.png\")",
            ),
            (
                "files.rename(\"~/Documents/Work\", \"Archive\")",
                "files.make_folder(\"Work\")",
                "files.make_folder(\"Work\")",
            ),
            (
                "files.rename(\"~/Documents/a.txt\", \"b.txt\")",
                "files.open(\"b.txt\")",
                "files.open(\"~/Documents/b.txt\")",
            ),
            (
                "files.trash(\"~/Downloads/lease.pdf\")",
                "files.open(\"lease.pdf\")",
                "files.open(\"lease.pdf\")",
            ),
            (
                "files.copy(\"~/Documents/cv.odt\", \"~/Desktop\")",
                "files.rename(\"cv-english.odt\", \"cv-english.odt\")",
                "files.rename(\"~/Desktop/cv.odt\", \"cv-english.odt\")",
            ),
            (
                "timers.remind(\"2026-11-23T10:20:00+08:00\", \"bins\")",
                "timers.remind(\"thursday\", \"bins\")",
                "timers.remind(\"thursday\", \"bins\")",
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
                "f = files.find(kind=\"image\", folder=\"~/Pictures\", newer_than=7d)",
                "g = files.find(kind=\"image\", folder=\"~/Pictures\")",
                "g = files.find(kind=\"image\", folder=\"~/Pictures\", newer_than=7d)",
            ),
            (
                "f = files.find(kind=\"image\", newer_than=7d)",
                "g = files.find(kind=\"video\")",
                "g = files.find(kind=\"video\")",
            ),
            (
                "timers.remind(\"tomorrow 7:30\", \"bins\")",
                "timers.remind(\"thursday 9:00\", \"bins\")",
                "timers.remind(\"thursday 9:00\", \"bins\")",
            ),
        ] {
            let mut line = statements(line).remove(0);
            complete(&mut line, &statements(earlier), true, &registry);
            assert_eq!(line.to_string(), expected);
        }
    }

    #[test]
    fn a_slider_begins_at_what_is_so() {
        let registry = crate::every_function();
        for (line, before, expected) in [
            (
                "slider(\"Brightness\", 50, screen.set_brightness)",
                Some("b = screen.brightness()"),
                "slider(\"Brightness\", b, screen.set_brightness)",
            ),
            (
                "slider(\"Volume\", 50, audio.set_volume)",
                None,
                "slider(\"Volume\", v, audio.set_volume)",
            ),
            (
                "slider(\"Volume\", x, audio.set_volume)",
                None,
                "slider(\"Volume\", x, audio.set_volume)",
            ),
            (
                "slider(\"By\", 5, audio.change_volume)",
                None,
                "slider(\"By\", 5, audio.change_volume)",
            ),
            (
                "meter(50, label=\"Level\")",
                None,
                "meter(50, label=\"Level\")",
            ),
        ] {
            let mut line = statements(line).remove(0);
            let volume = statements("v = audio.volume()").remove(0);
            let read = reads_before(&mut line, &[&volume], &registry);
            assert_eq!(read.map(|read| read.to_string()).as_deref(), before);
            assert_eq!(line.to_string(), expected);
        }
    }

    #[test]
    fn what_is_corrected_ends() {
        let registry = crate::every_function();
        let ends = |words: &str, earlier: &str| {
            let line = match earlier.contains("remind") {
                true => "timers.remind(\"20:00\", \"改密码\")",
                false => "timers.start(8min)",
            };
            let line = &statements(line)[0];
            let words = Words::of(words);
            ends_before(line, &statements(earlier), &words, &registry).len()
        };
        let timer = "timers.start(5min)";
        assert_eq!(ends("哎不对，改成八分钟", timer), 1);
        assert_eq!(ends("the packet says 8, change it", timer), 1);
        assert_eq!(ends("another one of 8 minutes instead", timer), 0);
        assert_eq!(ends("8 minutes", timer), 0);
        assert_eq!(ends("change it to 8", "audio.mute()"), 0);
        let reminder = "timers.remind(\"19:00\", \"倒垃圾\")";
        assert_eq!(ends("八点提醒我改密码", reminder), 0);
        assert_eq!(ends("不对，八点提醒我改密码", reminder), 1);
    }
}
