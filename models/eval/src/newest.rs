//! Files come newest first, so several plans do the same: `top(f, 2, by="modified")` takes what
//! `limit=2` finds, and of what is used as `f[0]` alone only one is looked for.

use std::collections::BTreeMap;

use plan::{Expression, Literal, Reference, Step};

use crate::judge::{Move, Moves};

const FIND: &str = "files.find";
const LIMIT: &str = "limit";

/// Writes what takes the newest files in one way: as a limit of the search.
pub(crate) fn settle(moves: &mut Moves) {
    while let Some((find, take)) = taken(moves) {
        let taking = moves.acts.remove(take);
        if let Some(count) = taking.arguments.get("count") {
            let limit = count.clone();
            moves.acts[find].arguments.insert(LIMIT.to_owned(), limit);
        }
        moves.acts[find].bound = taking.bound;
    }
    let one = Expression::Literal(Literal::Number {
        value: 1.0,
        unit: None,
    });
    for at in 0..moves.acts.len() {
        if is_open(&moves.acts[at])
            && let Some(name) = moves.acts[at].bound.clone()
            && uses_first_alone(moves, &name)
        {
            let arguments = &mut moves.acts[at].arguments;
            arguments.insert(LIMIT.to_owned(), one.clone());
        }
        // With a limit it is the search without further filters.
        if moves.acts[at].head == "files.recent" && moves.acts[at].arguments.contains_key(LIMIT) {
            FIND.clone_into(&mut moves.acts[at].head);
        }
    }
}

/// A search that gives the newest first, and all of them.
fn is_open(act: &Move) -> bool {
    let orders_by_size = ["min_size", "max_size"];
    act.head == FIND
        && !act.arguments.contains_key(LIMIT)
        && !orders_by_size
            .iter()
            .any(|name| act.arguments.contains_key(*name))
}

/// The places of a search and of the only act that uses it, if that act takes the newest of it.
fn taken(moves: &Moves) -> Option<(usize, usize)> {
    (0..moves.acts.len()).find_map(|take| {
        let act = &moves.acts[take];
        let by = act.arguments.get("by");
        let is_by_age =
            matches!(by, Some(Expression::Literal(Literal::Text(by))) if by == "modified");
        let is_newest = match act.head.as_str() {
            "top" => is_by_age || by.is_none(),
            "sort" => {
                is_by_age
                    && act.arguments.get("desc") == Some(&Expression::Literal(Literal::Bool(true)))
            }
            _ => false,
        };
        let Some(Expression::Reference(rows)) = act.arguments.get("rows") else {
            return None;
        };
        let find = (0..take).find(|find| moves.acts[*find].bound.as_ref() == Some(&rows.name))?;
        let is_only = references(moves, &rows.name).len() == 1;
        (is_newest && rows.steps.is_empty() && is_only && is_open(&moves.acts[find]))
            .then_some((find, take))
    })
}

fn uses_first_alone(moves: &Moves, name: &str) -> bool {
    let uses = references(moves, name);
    !uses.is_empty()
        && uses
            .iter()
            .all(|one| one.steps.first() == Some(&Step::Index(0)))
}

/// Everything that refers to a result.
fn references<'m>(moves: &'m Moves, name: &str) -> Vec<&'m Reference> {
    let mut found = Vec::new();
    for one in moves.acts.iter().chain(&moves.parts) {
        of_arguments(&one.arguments, name, &mut found);
    }
    found
}

fn of_arguments<'m>(
    arguments: &'m BTreeMap<String, Expression>,
    name: &str,
    found: &mut Vec<&'m Reference>,
) {
    arguments.values().for_each(|value| of(value, name, found));
}

fn of<'m>(value: &'m Expression, name: &str, found: &mut Vec<&'m Reference>) {
    match value {
        Expression::Reference(reference) if reference.name == name => found.push(reference),
        Expression::List(items) => items.iter().for_each(|item| of(item, name, found)),
        Expression::Call(call) => {
            for argument in &call.arguments {
                of(&argument.value, name, found);
            }
        }
        _ => {}
    }
}
