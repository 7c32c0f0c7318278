//! Where a file is once the lines before have run: what was moved is where it went, what was renamed has its new
//! name, and what was thrown away is nowhere.

use plan::{Argument, Expression, Head, Literal, Reference, Statement, Step};

/// What lines make of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// It is where it was.
    Same,
    /// It is there now.
    At(String),
    /// It is in the trash, or among others that were acted on: nobody can say where.
    Unknown,
}

/// Whether the file itself or what was made of it is meant behind a copying or an unpacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    /// The one that was there before.
    Original,
    /// The new one.
    Copy,
    /// What came out of an archive.
    Content,
}

/// Tells where the file at `path` is behind `lines`.
pub(crate) fn behind<'s>(
    path: &str,
    lines: impl IntoIterator<Item = &'s Statement>,
    meant: Meant,
) -> Whereabouts {
    let mut now = path.to_owned();
    for line in lines {
        match moved(line, meant) {
            Some((from, _)) if from != now => {}
            Some((_, Some(to))) => now = to,
            Some((_, None)) => return Whereabouts::Unknown,
            None if moves_rows(line) => return Whereabouts::Unknown,
            None => {}
        }
    }
    match now == path {
        true => Whereabouts::Same,
        false => Whereabouts::At(now),
    }
}

/// Tells whether a line moves, copies or unpacks one file that is the result of another.
pub(crate) fn moves_a_result(line: &Statement) -> bool {
    [Meant::Copy, Meant::Content]
        .into_iter()
        .any(|meant| moved_result(line, meant).is_some())
}

/// Returns the name under which a result is found behind `lines` that moved it.
pub(crate) fn name_behind<'s>(
    file: &Reference,
    lines: impl IntoIterator<Item = &'s Statement>,
    meant: Meant,
) -> Option<String> {
    let mut now: Option<&str> = None;
    let row = of_row(file);
    for line in lines {
        let is_it = moved_result(line, meant).is_some_and(|moved| match now {
            Some(name) => moved.name == name && moved.steps.is_empty(),
            None => moved.name == file.name && of_row(moved) == row,
        });
        now = match (&line.name, is_it) {
            (Some(name), true) => Some(name),
            _ => now,
        };
    }
    now.map(str::to_owned)
}

/// Returns how a file is reached without its last step to the path, which means the same.
fn of_row(file: &Reference) -> &[Step] {
    match file.steps.as_slice() {
        [row @ .., Step::Field(field)] if field == "path" => row,
        steps => steps,
    }
}

/// Returns the result that a line moves, or copies where the copy is meant, or unpacks where its content is.
fn moved_result(line: &Statement, meant: Meant) -> Option<&Reference> {
    let (Head::Function(function), Some(first)) = (&line.call.head, line.call.arguments.first())
    else {
        return None;
    };
    let moves = match function.as_str() {
        "files.move" | "files.rename" => true,
        "files.copy" => meant == Meant::Copy,
        "files.unzip" => meant == Meant::Content,
        _ => false,
    };
    match &first.value {
        Expression::Reference(file) if moves => Some(file),
        _ => None,
    }
}

/// Returns the one file that the last of `lines` left somewhere.
pub(crate) fn left_by(lines: &[Statement]) -> Option<String> {
    let (_, to) = moved(lines.last()?, Meant::Copy)?;
    to
}

/// What a line does to the place of a file: from where, and to where, if not into the trash.
fn moved(line: &Statement, meant: Meant) -> Option<(String, Option<String>)> {
    let Head::Function(function) = &line.call.head else {
        return None;
    };
    let text = |at: usize| match line.call.arguments.get(at) {
        Some(Argument {
            value: Expression::Literal(Literal::Text(text)),
            ..
        }) => Some(text.as_str()),
        _ => None,
    };
    let from = text(0)?;
    let to = match function.as_str() {
        "files.move" => Some(placed(from, text(1)?)),
        "files.copy" if meant == Meant::Copy => Some(placed(from, text(1)?)),
        "files.rename" => Some(renamed(from, text(1)?)),
        "files.trash" => None,
        _ => return None,
    };
    Some((from.to_owned(), to))
}

/// Tells whether a line moves files that it does not name.
fn moves_rows(line: &Statement) -> bool {
    let moves = |argument: &Argument| {
        matches!(&argument.value, Expression::Function(name)
            if ["files.move", "files.rename", "files.trash"].contains(&name.as_str()))
    };
    matches!(&line.call.head, Head::Word(word) if word == "each")
        && line.call.arguments.iter().any(moves)
}

/// A file put into a folder, or given a whole new path.
fn placed(from: &str, to: &str) -> String {
    let has_ending = |path: &str| own_name(path).contains('.');
    match has_ending(to) && has_ending(from) {
        true => to.to_owned(),
        false => format!("{}/{}", to.trim_end_matches('/'), own_name(from)),
    }
}

/// A file with another name.
fn renamed(from: &str, name: &str) -> String {
    match from.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

/// Returns what stands behind the last slash.
pub(crate) fn own_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(plan: &str) -> Vec<Statement> {
        plan::parse(plan).expect("a plan").statements
    }

    #[test]
    fn a_file_is_where_the_lines_left_it() {
        use Meant::{Copy, Original};
        let at = |path: &str| Whereabouts::At(path.to_owned());
        let from = "~/Downloads/a.txt";
        let moves = "files.move(\"~/Downloads/a.txt\", \"~/Documents\")";
        let copies = "files.copy(\"~/Downloads/a.txt\", \"~/Desktop/b.txt\")";
        let twice = format!("{moves}\nfiles.rename(\"~/Documents/a.txt\", \"b.txt\")");
        for (plan, meant, expected) in [
            (moves, Original, at("~/Documents/a.txt")),
            (copies, Original, Whereabouts::Same),
            (copies, Copy, at("~/Desktop/b.txt")),
            (twice.as_str(), Original, at("~/Documents/b.txt")),
            (
                "files.trash(\"~/Downloads/a.txt\")",
                Original,
                Whereabouts::Unknown,
            ),
            (
                "files.trash(\"~/Downloads/b.txt\")",
                Original,
                Whereabouts::Same,
            ),
            (
                "f = files.recent()\neach(f, files.trash)",
                Original,
                Whereabouts::Unknown,
            ),
            (
                "t = timers.list()\neach(t, timers.cancel)",
                Original,
                Whereabouts::Same,
            ),
            ("audio.mute()", Original, Whereabouts::Same),
        ] {
            assert_eq!(behind(from, &lines(plan), meant), expected, "{plan}");
        }
    }

    #[test]
    fn a_result_that_was_moved_has_another_name() {
        for (plan, file, expected) in [
            (
                "f = files.recent()\nv = files.move(f[0], \"~/Videos\")",
                "f[0]",
                Some("v"),
            ),
            (
                "f = files.recent()\nv = files.move(f[0], \"~/Videos\")",
                "f[1]",
                None,
            ),
            (
                "s = screen.screenshot()\nr = files.rename(s, \"a.png\")\nv = files.move(r, \"~/Desktop\")",
                "s",
                Some("v"),
            ),
            (
                "f = files.recent()\nv = files.copy(f[0], \"~/Videos\")",
                "f[0]",
                None,
            ),
            (
                "s = screen.screenshot()\nfiles.rename(s, \"a.png\")",
                "s",
                None,
            ),
        ] {
            let line = crate::line_of(&format!("files.open({file})"));
            let Expression::Reference(file) = &line.call.arguments[0].value else {
                panic!("no reference");
            };
            assert_eq!(
                name_behind(file, &lines(plan), Meant::Original).as_deref(),
                expected,
                "{plan}"
            );
        }
    }

    #[test]
    fn the_last_line_leaves_one_file() {
        for (plan, expected) in [
            (
                "files.copy(\"~/Documents/cv.odt\", \"~/Desktop\")",
                Some("~/Desktop/cv.odt"),
            ),
            ("files.rename(\"cv.odt\", \"old.odt\")", Some("old.odt")),
            ("files.trash(\"cv.odt\")", None),
            ("f = files.recent()", None),
        ] {
            assert_eq!(left_by(&lines(plan)).as_deref(), expected, "{plan}");
        }
    }
}
