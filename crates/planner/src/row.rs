//! The row that an act means: the first of those that were put in order for it, or that of an ordinal.

use functions::Registry;
use plan::{
    Argument, Expression, Head, Literal, Output, Reference, Signatures, Span, Statement, Step, Type,
};

use crate::line::names_in;

/// Words that count rows.
const ORDINALS: &[&str] = &[
    "number ", "no. ", "#", "first", "second", "third", "fourth", "fifth", "1st", "2nd", "3rd",
    "4th", "5th", "top", "第", "排头", "头一", "打头",
];
/// Words for something else than the first row.
const ANOTHER: &[&str] = &[
    "last", "latest", "just", "recent", "this", "current", "i'm in", "最后", "最近", "刚", "这个",
    "当前",
];
/// The most rows that anybody counts.
const MOST: f64 = 20.0;

/// Rows that a line has given.
struct Rows {
    /// The name of the result.
    name: String,
    /// The field that stands for a row.
    key: String,
    /// The type of that field.
    ty: Type,
    /// Whether they were put in order.
    is_ordered: bool,
    /// Whether it is one row, and no list of them.
    is_one: bool,
}

/// Lets an act take a row of those before it: the first where the plan put them in order and the act names none, and
/// that of a number where words that count stand for the key, as in `timers.cancel(timer=2)` for “cancel number two”.
pub(crate) fn take_row(
    statement: &mut Statement,
    earlier: &[Statement],
    own: &[&Statement],
    words: &str,
    registry: &Registry,
) {
    let Head::Function(function) = &statement.call.head else {
        return;
    };
    let Some(signature) = registry.signature(function) else {
        return;
    };
    let lines: Vec<&Statement> = earlier.iter().chain(own.iter().copied()).collect();
    let Some((at, rows)) = last_rows(&lines, registry) else {
        return;
    };
    let takes_it = |spec: &plan::ArgumentSpec| is_alike(&spec.ty, &rows.ty);
    if !signature.argument(&rows.key).is_some_and(takes_it) {
        return;
    }
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    let is_own_last = at + 1 == lines.len() && !own.is_empty();
    let span = statement.call.span;
    let key = signature.given(&statement.call, &rows.key);
    match key.map(|(at, _)| at) {
        Some(at) if says(ORDINALS) => {
            take_counted(&mut statement.call.arguments[at].value, &rows, span);
        }
        None if is_own_last && rows.is_ordered && !says(ANOTHER) => take_first(statement, rows),
        _ => {}
    }
}

/// Tells whether a key of one type may be given where another is taken, whatever their bounds.
fn is_alike(taken: &Type, given: &Type) -> bool {
    match (taken, given) {
        (Type::Live(taken), Type::Live(given)) => taken == given,
        _ => std::mem::discriminant(taken) == std::mem::discriminant(given),
    }
}

/// Puts the row of a number in its place.
fn take_counted(value: &mut Expression, rows: &Rows, span: Span) {
    if let Expression::Literal(Literal::Number {
        value: number,
        unit: None,
    }) = value
        && (1.0..=MOST).contains(number)
        && number.fract() == 0.0
        && !rows.is_one
    {
        *value = row(&rows.name, vec![Step::Index(*number as usize - 1)], span);
    }
}

/// Lets an act that names nothing beside the rows take the first of them, or that of which it takes a field.
fn take_first(statement: &mut Statement, rows: Rows) {
    let mut steps = match rows.is_one {
        true => Vec::new(),
        false => vec![Step::Index(0)],
    };
    for argument in &statement.call.arguments {
        match &argument.value {
            Expression::Literal(Literal::Bool(_)) => {}
            Expression::Reference(field) if field.name == rows.name => {
                if let Some(Step::Index(at)) = field.steps.first() {
                    steps = vec![Step::Index(*at)];
                }
            }
            _ => return,
        }
    }
    let span = statement.call.span;
    statement.call.arguments = vec![Argument {
        value: row(&rows.name, steps, span),
        name: Some(rows.key),
        span,
    }];
}

fn row(name: &str, steps: Vec<Step>, span: Span) -> Expression {
    Expression::Reference(Reference {
        name: name.to_owned(),
        steps,
        span,
    })
}

/// Finds the last line that gave rows with a key.
fn last_rows(lines: &[&Statement], registry: &Registry) -> Option<(usize, Rows)> {
    (0..lines.len()).rev().find_map(|at| {
        let name = lines[at].name.clone()?;
        let (key, ty) = key_of(lines, at, registry)?;
        let is_word = |words: &[&str]| {
            matches!(&lines[at].call.head, Head::Word(word) if words.contains(&word.as_str()))
        };
        let rows = Rows {
            name,
            key,
            ty,
            is_ordered: is_word(&["sort", "top", "first"]),
            is_one: is_word(&["first"]),
        };
        Some((at, rows))
    })
}

/// The key of the rows that a line gives, with its type.
fn key_of(lines: &[&Statement], at: usize, registry: &Registry) -> Option<(String, Type)> {
    match &lines[at].call.head {
        Head::Function(name) => match &registry.signature(name)?.output {
            Output::Rows {
                key: Some(key),
                fields,
            } => {
                let field = fields.iter().find(|field| field.name == *key)?;
                Some((key.clone(), field.ty.clone()))
            }
            _ => None,
        },
        Head::Word(word) if ["sort", "top", "filter", "first"].contains(&word.as_str()) => {
            let rows = names_in(&lines[at].call).into_iter().next()?;
            let from = (0..at)
                .rev()
                .find(|at| lines[*at].name.as_ref() == Some(&rows))?;
            key_of(lines, from, registry)
        }
        Head::Word(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_takes_a_row_of_what_stands_before() {
        let registry = crate::every_function();
        let timers = "t = timers.list()";
        let sorted = "t = timers.list()\ns = sort(t, \"left\")";
        let first = "t = timers.list()\ns = sort(t, \"left\")\nx = first(s)";
        let counted = "t = timers.list()\nn = count(t)";
        for (words, before, line, expected) in [
            (
                "the next to ring",
                sorted,
                "timers.cancel()",
                "timers.cancel(timer=s[0])",
            ),
            (
                "最早那个取消掉",
                sorted,
                "timers.cancel(last=true)",
                "timers.cancel(timer=s[0])",
            ),
            (
                "the one I set last",
                sorted,
                "timers.cancel(last=true)",
                "timers.cancel(last=true)",
            ),
            (
                "it",
                sorted,
                "timers.cancel(label=s[0].label)",
                "timers.cancel(timer=s[0])",
            ),
            (
                "it",
                sorted,
                "timers.cancel(label=s[1].label)",
                "timers.cancel(timer=s[1])",
            ),
            ("it", first, "timers.cancel()", "timers.cancel(timer=x)"),
            (
                "tea",
                sorted,
                "timers.cancel(label=\"tea\")",
                "timers.cancel(label=\"tea\")",
            ),
            ("it", timers, "timers.cancel()", "timers.cancel()"),
            (
                "number two",
                timers,
                "timers.cancel(timer=2)",
                "timers.cancel(timer=t[1])",
            ),
            (
                "number two",
                counted,
                "timers.cancel(timer=2)",
                "timers.cancel(timer=t[1])",
            ),
            (
                "timer 3",
                timers,
                "timers.cancel(timer=3)",
                "timers.cancel(timer=3)",
            ),
            (
                "number two",
                "audio.mute()",
                "timers.cancel(timer=2)",
                "timers.cancel(timer=2)",
            ),
            ("it", sorted, "audio.mute()", "audio.mute()"),
            (
                "排头一个",
                "p = system.processes()",
                "system.end_process(1)",
                "system.end_process(p[0])",
            ),
            (
                "the first",
                "p = system.processes()",
                "system.end_process(4711)",
                "system.end_process(4711)",
            ),
        ] {
            let plan = plan::parse(before).expect("a plan").statements;
            let mut line = crate::line_of(line);
            take_row(
                &mut line,
                &[],
                &plan.iter().collect::<Vec<_>>(),
                words,
                &registry,
            );
            assert_eq!(line.to_string(), expected, "{before}, {words}");
        }
    }

    #[test]
    fn rows_of_the_turn_before_were_not_put_in_order_for_an_act() {
        let registry = crate::every_function();
        let earlier = plan::parse("w = windows.list()\ns = sort(w, \"title\")").expect("a plan");
        let mut line = crate::line_of("windows.close()");
        take_row(
            &mut line,
            &earlier.statements,
            &[],
            "close the one with the news",
            &registry,
        );
        assert_eq!(line.to_string(), "windows.close()");
    }
}
