//! The file of a list: `- [ ] milk`, one a line. Lines that are no items are kept as they are.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use plan::Value;
use policy::ResolvedCall;

use crate::{
    ErrorKind, FunctionError, World,
    builtin::{
        files::{from_io, replace},
        notes,
    },
};

/// What stands before an item.
const OPEN: &str = "- [ ]";

/// Lists that everyone has, with no file until something is on them, by the name of that file; and what people call them.
pub(super) const USUAL: &[(&str, &[&str])] = &[
    (
        "Shopping",
        &[
            "shopping",
            "shopping list",
            "groceries list",
            "购物",
            "购物清单",
            "采购",
        ],
    ),
    (
        "To-do",
        &[
            "to-do",
            "todo",
            "to do",
            "task",
            "tasks",
            "待办",
            "待办事项",
            "任务",
        ],
    ),
];

static WRITING: Mutex<()> = Mutex::new(());

/// The lists' folder.
pub(super) fn folder(world: &World) -> Result<PathBuf, FunctionError> {
    Ok(notes::folder(world)?.join("Lists"))
}

/// The names of the lists that have a file, in order.
pub(super) fn names(world: &World) -> Result<Vec<String>, FunctionError> {
    let folder = folder(world)?;
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| from_io(world.language, &folder, &error))?,
    };
    let name = |entry: fs::DirEntry| {
        let path = entry.path();
        let is_list = path.extension().is_some_and(|end| end == "md");
        is_list.then(|| Some(path.file_stem()?.to_str()?.to_owned()))?
    };
    let mut names: Vec<String> = entries.flatten().filter_map(name).collect();
    names.sort();
    Ok(names)
}

/// Finds the list that `call` names, among those that are there, however it is written; else takes the name for a new one.
///
/// # Errors
///
/// When it cannot be the name of a file.
pub(super) fn named(call: &ResolvedCall, world: &World) -> Result<String, FunctionError> {
    let said = call.text("list").unwrap_or_default().trim();
    let lower = said.to_lowercase();
    if let Some(name) = names(world)?
        .into_iter()
        .find(|name| name.to_lowercase() == lower)
    {
        return Ok(name);
    }
    let is_usual = |(name, called): &&(&str, &[&str])| {
        name.to_lowercase() == lower || called.contains(&&*lower)
    };
    if let Some((name, _)) = USUAL.iter().find(is_usual) {
        return Ok((*name).to_owned());
    }
    let is_plain = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
    let is_name = !said.is_empty()
        && !said.starts_with('.')
        && said.chars().count() <= 60
        && said.chars().all(is_plain);
    if is_name {
        return Ok(said.to_owned());
    }
    let shown = plan::escape_for_display(said);
    let values = [("name", shown.as_str())];
    Err(FunctionError::new(
        ErrorKind::Invalid,
        world.language,
        "list-unusable",
        &values,
    ))
}

/// The items of a list, in order; none where there is no such file.
pub(super) fn items(list: &str, world: &World) -> Result<Vec<String>, FunctionError> {
    let text = text(&path(list, world)?, world)?;
    Ok(text.lines().filter_map(item).map(str::to_owned).collect())
}

/// Adds an item at the end.
pub(super) fn add(list: &str, item: &str, world: &World) -> Result<(), FunctionError> {
    let _writing = writing();
    let path = path(list, world)?;
    let mut text = text(&path, world)?;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("{OPEN} {item}\n"));
    write(&path, &text, world)
}

/// Takes the last such item away and tells whether there was one.
pub(super) fn remove(list: &str, wanted: &str, world: &World) -> Result<bool, FunctionError> {
    let _writing = writing();
    let path = path(list, world)?;
    let text = text(&path, world)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().rposition(|line| item(line) == Some(wanted)) else {
        return Ok(false);
    };
    lines.remove(at);
    let rest: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    write(&path, &rest, world)?;
    Ok(true)
}

/// The item that `call` names on a list, as it is written there.
pub(super) fn written(
    list: &str,
    call: &ResolvedCall,
    world: &World,
) -> Result<String, FunctionError> {
    let said = call.text("item").unwrap_or_default().trim();
    let lower = said.to_lowercase();
    let all = items(list, world)?;
    let is_it = |item: &&String| item.to_lowercase() == lower;
    let found = all.iter().rev().find(is_it);
    found.cloned().ok_or_else(|| {
        let said = plan::escape_for_display(said);
        let values = [("item", said.as_str()), ("list", list)];
        FunctionError::new(ErrorKind::NotFound, world.language, "list-no-item", &values)
    })
}

/// What an item says of itself, on one line.
pub(super) fn one_line(call: &ResolvedCall) -> String {
    let said = call.argument("item").and_then(Value::as_text);
    said.unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn item(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line.strip_prefix(OPEN).or_else(|| line.strip_prefix("- "));
    rest.map(str::trim).filter(|rest| !rest.is_empty())
}

fn path(list: &str, world: &World) -> Result<PathBuf, FunctionError> {
    Ok(folder(world)?.join(format!("{list}.md")))
}

fn text(path: &Path, world: &World) -> Result<String, FunctionError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        // What is no text is never written back.
        read => read
            .and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other))
            .map_err(|error| from_io(world.language, path, &error)),
    }
}

fn write(path: &Path, text: &str, world: &World) -> Result<(), FunctionError> {
    replace(path, text).map_err(|error| from_io(world.language, path, &error))
}

fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::item;

    #[test]
    fn items_are_told_from_other_lines() {
        assert_eq!(item("- [ ] oat milk"), Some("oat milk"));
        assert_eq!(item("  - bread "), Some("bread"));
        assert_eq!(item("- [ ]  "), None);
        assert_eq!(item("# Shopping"), None);
        assert_eq!(item(""), None);
    }
}
