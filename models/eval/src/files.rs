//! Ways of meaning files that come to the same.
//!
//! Files come newest first: `top(f, 2, by="modified")` takes what `limit=2` finds, and of what is used as
//! `f[0]` alone only one is looked for. The largest come first, too. What is called just so comes before, so the first file of a whole name in a folder is that file; and a copy to
//! a folder keeps its name. What the turn before did is not done again: the result of its copying is the copy.

use plan::{Argument, Call, Expression, Head, Literal, Plan, Reference, Statement, Step};

use crate::judge::{Move, Moves};

const FIND: &str = "files.find";
const RECENT: &str = "files.recent";
const LARGEST: &str = "files.largest";
const LIMIT: &str = "limit";

/// Writes them in one way: the newest as a limit of the search, a file as its path.
pub(crate) fn settle(moves: &mut Moves) {
    name_files(moves);
    for act in &mut moves.acts {
        keep_names(act);
    }
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
        if moves.acts[at].head == RECENT && moves.acts[at].arguments.contains_key(LIMIT) {
            FIND.clone_into(&mut moves.acts[at].head);
        }
    }
}

/// Returns the plan without the acts on files that the turn before has done, and their results as the paths that they
/// gave: a line that is taken over gives its result, and is not done again.
pub(crate) fn without_done(plan: &Plan, before: &Plan) -> Plan {
    let done: Vec<String> = (before.statements.iter())
        .map(|statement| statement.call.to_string())
        .collect();
    let is_done = |call: &Call| done.contains(&call.to_string());
    let mut rest = plan.clone();
    let mut given: Vec<(String, Expression)> = Vec::new();
    rest.statements.retain(|statement| {
        let path = path_given(&statement.call).filter(|_| is_done(&statement.call));
        match (&statement.name, path) {
            (Some(name), Some(path)) => {
                given.push((name.clone(), Expression::Literal(Literal::Text(path))));
                false
            }
            _ => true,
        }
    });
    for argument in rest
        .statements
        .iter_mut()
        .flat_map(|statement| &mut statement.call.arguments)
    {
        for (name, path) in &given {
            if matches!(&argument.value, Expression::Reference(one) if one.name == *name && one.steps.is_empty())
            {
                argument.value = path.clone();
            }
        }
    }
    rest
}

/// Returns the plan without the lines that it takes over from the turn before: they have run, and what they gave is
/// there by their names.
pub(crate) fn without_taken(plan: &Plan, before: &Plan) -> Plan {
    let mut rest = plan.clone();
    rest.statements.retain(|statement| {
        let is_it = |taken: &Statement| {
            taken.name == statement.name && taken.call.to_string() == statement.call.to_string()
        };
        statement.name.is_none() || !before.statements.iter().any(is_it)
    });
    rest
}

/// The path that an act on a named file gives.
fn path_given(call: &Call) -> Option<String> {
    let Head::Function(name) = &call.head else {
        return None;
    };
    let text = |argument: &Argument| match &argument.value {
        Expression::Literal(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let mut texts = call.arguments.iter().map(text);
    let (path, other) = (texts.next()??, texts.next().flatten());
    let (folder, file) = path.rsplit_once('/').unwrap_or(("~", &path));
    match name.as_str() {
        "files.copy" | "files.move" => Some(format!("{}/{file}", other?.trim_end_matches('/'))),
        "files.rename" => Some(format!("{folder}/{}", other?)),
        "files.make_folder" => Some(path),
        _ => None,
    }
}

/// Puts the path in the place of the first file with a whole name in a folder.
fn name_files(moves: &mut Moves) {
    let found = moves.acts.iter().position(|act| {
        let is_alone = |name: &str| {
            let uses = references(moves, name);
            !uses.is_empty() && uses.into_iter().all(is_the_file)
        };
        file_of(act).is_some() && act.bound.as_deref().is_some_and(is_alone)
    });
    let Some(found) = found else {
        return;
    };
    let act = moves.acts.remove(found);
    let (Some(path), Some(name)) = (file_of(&act), act.bound) else {
        return;
    };
    let path = Expression::Literal(Literal::Text(path));
    for one in moves.acts.iter_mut().chain(&mut moves.parts) {
        for value in one.arguments.values_mut() {
            put(value, &name, &path);
        }
    }
    name_files(moves);
}

/// The path that a search names: by a name with an ending, in a folder, and nothing else.
fn file_of(act: &Move) -> Option<String> {
    let text = |name: &str| match act.arguments.get(name) {
        Some(Expression::Literal(Literal::Text(text))) => Some(text.as_str()),
        _ => None,
    };
    let (name, folder) = (text("name")?, text("folder")?);
    let is_plain = |name: &String| ["name", "folder", "kind", LIMIT].contains(&name.as_str());
    let is_whole = name
        .rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && (1..=5).contains(&ending.len()))
        && !name.contains(['*', '?', ':', '[', '^']);
    (act.head == FIND && is_whole && act.arguments.keys().all(is_plain))
        .then(|| format!("{}/{name}", folder.trim_end_matches('/')))
}

fn put(value: &mut Expression, name: &str, path: &Expression) {
    match value {
        Expression::Reference(reference) if reference.name == name && is_the_file(reference) => {
            *value = path.clone();
        }
        Expression::List(items) => items.iter_mut().for_each(|item| put(item, name, path)),
        Expression::Call(call) => {
            for argument in &mut call.arguments {
                put(&mut argument.value, name, path);
            }
        }
        _ => {}
    }
}

/// A row stands for its path; another field of it does not.
fn is_the_file(reference: &Reference) -> bool {
    match &reference.steps[..] {
        [Step::Index(0)] => true,
        [Step::Index(0), Step::Field(field)] => field == "path",
        _ => false,
    }
}

/// A copy or a file that is moved keeps its name in the folder to which it goes.
fn keep_names(act: &mut Move) {
    let name = match act.arguments.get("path") {
        Some(Expression::Literal(Literal::Text(path))) => {
            path.rsplit('/').next().unwrap_or(path).to_lowercase()
        }
        _ => return,
    };
    if let (true, Some(Expression::Literal(Literal::Text(to)))) = (
        ["files.copy", "files.move"].contains(&act.head.as_str()),
        act.arguments.get_mut("to"),
    ) && let Some((folder, last)) = to.rsplit_once('/')
        && last.to_lowercase() == name
    {
        *to = folder.to_owned();
    }
}

/// A search that gives the newest first, and all of them.
fn is_open(act: &Move) -> bool {
    let orders_by_size = ["min_size", "max_size"];
    [FIND, RECENT].contains(&act.head.as_str())
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
        let is_by =
            |field: &str| matches!(by, Some(Expression::Literal(Literal::Text(by))) if by == field);
        let falls = act.arguments.get("desc") == Some(&Expression::Literal(Literal::Bool(true)));
        let is_newest = match act.head.as_str() {
            "top" => is_by("modified") || by.is_none(),
            "sort" => is_by("modified") && falls,
            _ => false,
        };
        let is_largest = act.head == "top" && is_by("size");
        let Some(Expression::Reference(rows)) = act.arguments.get("rows") else {
            return None;
        };
        let find = (0..take).find(|find| moves.acts[*find].bound.as_ref() == Some(&rows.name))?;
        let is_only = references(moves, &rows.name).len() == 1;
        let searched = &moves.acts[find];
        let comes_first = is_newest && is_open(searched) || is_largest && searched.head == LARGEST;
        (comes_first && rows.steps.is_empty() && is_only).then_some((find, take))
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
        for value in one.arguments.values() {
            of(value, name, &mut found);
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_before_gives_its_path() {
        let before = plan::parse("files.copy(\"~/Documents/cv.odt\", to=\"~/Desktop\")").unwrap();
        for (plan, expected) in [
            (
                "r = files.copy(\"~/Documents/cv.odt\", to=\"~/Desktop\")\nfiles.rename(r, \"new.odt\")\n",
                "files.rename(\"~/Desktop/cv.odt\", \"new.odt\")\n",
            ),
            // Another copy is made.
            (
                "r = files.copy(\"~/Documents/cv.odt\", to=\"~/Music\")\nfiles.rename(r, \"new.odt\")\n",
                "r = files.copy(\"~/Documents/cv.odt\", to=\"~/Music\")\nfiles.rename(r, \"new.odt\")\n",
            ),
        ] {
            let plan = plan::parse(plan).unwrap();
            assert_eq!(plan::print(&without_done(&plan, &before)), expected);
        }
    }

    #[test]
    fn what_was_taken_over_is_there_by_its_name() {
        let before = plan::parse("r = system.processes(by=\"memory\")").unwrap();
        for (plan, expected) in [
            (
                "r = system.processes(by=\"memory\")\nsystem.end_process(r[0])\n",
                "system.end_process(r[0])\n",
            ),
            // Others are looked for.
            (
                "r = system.processes(by=\"cpu\")\nsystem.end_process(r[0])\n",
                "r = system.processes(by=\"cpu\")\nsystem.end_process(r[0])\n",
            ),
            // Asked again, it is read again.
            (
                "system.processes(by=\"memory\")\n",
                "system.processes(by=\"memory\")\n",
            ),
        ] {
            let plan = plan::parse(plan).unwrap();
            assert_eq!(plan::print(&without_taken(&plan, &before)), expected);
        }
    }
}
