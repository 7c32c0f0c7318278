//! What a change touches: found once by `intend`, found again unchanged by `run`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use journal::{Check, Intent, OpenEntry, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;

use super::{beneath::Spot, place, replicate, roots, trouble, user_folders};
use crate::{ErrorKind, FunctionError, World};

/// Returns argument `name` as a path, as the person wrote it.
pub(super) fn path_of(
    call: &ResolvedCall,
    name: &str,
    world: &World,
) -> Result<PathBuf, FunctionError> {
    match call.text(name) {
        Some(text) => place::resolve(text, world),
        None => {
            let values = [("argument", name)];
            let id = "argument-missing";
            Err(FunctionError::new(
                ErrorKind::Invalid,
                world.language,
                id,
                &values,
            ))
        }
    }
}

/// Returns `path` with the links of its folder followed; a link at its end stays one.
pub(super) fn without_links(path: &Path, world: &World) -> Result<PathBuf, FunctionError> {
    let resolved = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => parent.canonicalize().map(|parent| parent.join(name)),
        _ => path.canonicalize(),
    };
    resolved.map_err(|error| {
        let folder = path.parent().unwrap_or(path);
        trouble::from_io(world.language, folder, &error)
    })
}

/// Finds what is to be read: it must be there.
pub(super) fn present(path: &Path, world: &World) -> Result<PathBuf, FunctionError> {
    let path = without_links(path, world)?;
    match path.symlink_metadata() {
        Ok(_) => Ok(path),
        Err(error) => Err(trouble::from_io(world.language, &path, &error)),
    }
}

/// Finds what is to be changed: it must be there, and Lucid may change it. The usual folders stay.
pub(super) fn changeable(path: &Path, world: &World) -> Result<PathBuf, FunctionError> {
    let path = present(path, world)?;
    roots::root_of(&path, world)?;
    if user_folders::is_usual(&path, &world.places) {
        let id = "file-is-root";
        return Err(trouble::about(
            ErrorKind::Invalid,
            world.language,
            id,
            &path,
        ));
    }
    Ok(path)
}

/// Finds where something is to be made: nothing may be there, and Lucid may change it.
pub(super) fn free(path: &Path, world: &World) -> Result<PathBuf, FunctionError> {
    let path = without_links(path, world)?;
    roots::root_of(&path, world)?;
    if path.symlink_metadata().is_ok() {
        return Err(trouble::in_the_way(world.language, &path));
    }
    Ok(path)
}

/// Finds where `source` goes when it is brought to `to`.
///
/// Into `to` when that is a folder. Else `to` is the new path itself, if it
/// looks like one: it has the same name or the same ending. Any other name is
/// taken for a folder that is missing, so that a wrong folder renames nothing.
pub(super) fn destination(
    source: &Path,
    to: &Path,
    world: &World,
) -> Result<PathBuf, FunctionError> {
    let target = if to.is_dir() {
        to.join(source.file_name().unwrap_or_default())
    } else if to.file_name() == source.file_name()
        || source.extension().is_some() && to.extension() == source.extension()
    {
        to.to_owned()
    } else if to.symlink_metadata().is_ok() {
        return Err(trouble::in_the_way(world.language, to));
    } else {
        return Err(trouble::about(
            ErrorKind::NotFound,
            world.language,
            "file-no-folder",
            to,
        ));
    };
    let target = free(&target, world)?;
    if target.starts_with(source) {
        let id = "file-into-itself";
        return Err(trouble::about(
            ErrorKind::Invalid,
            world.language,
            id,
            source,
        ));
    }
    Ok(target)
}

/// The check that `path` is there as it is now.
pub(super) fn as_it_is(path: &Path, world: &World) -> Result<Check, FunctionError> {
    let fingerprint =
        crate::fingerprint(path).map_err(|error| trouble::from_io(world.language, path, &error))?;
    Ok(Check::Exists {
        path: path.to_owned(),
        fingerprint: Some(fingerprint),
    })
}

/// The check that something is at `path`.
pub(super) fn there(path: &Path) -> Check {
    Check::Exists {
        path: path.to_owned(),
        fingerprint: None,
    }
}

/// The check that nothing is at `path`.
pub(super) fn absent(path: &Path) -> Check {
    Check::Absent {
        path: path.to_owned(),
    }
}

/// Writes that something goes from one place to another.
pub(super) fn way(source: &Path, target: &Path) -> String {
    format!("{} → {}", source.display(), target.display())
}

/// The intent to bring `source` to `target`.
pub(super) fn relocation(
    source: &Path,
    target: &Path,
    undo: Undo,
    world: &World,
) -> Result<Intent, FunctionError> {
    Ok(Intent {
        before: vec![as_it_is(source, world)?, absent(target)],
        after: vec![absent(source), there(target)],
        undo: Some(undo),
        touches: way(source, target),
        facts: Value::record([
            ("source", place::written(source).into()),
            ("target", place::written(target).into()),
            staging(world)?,
        ]),
    })
}

/// The fact that says under which hidden name the target is prepared. It is journaled, so that
/// what a killed act leaves can be told from everybody else's files and removed.
pub(super) fn staging(world: &World) -> Result<(&'static str, Value), FunctionError> {
    let name = replicate::hidden_name();
    let name =
        name.map_err(|error| trouble::from_io(world.language, Path::new("/dev/urandom"), &error))?;
    Ok(("staged", Value::Text(name)))
}

/// The hidden name that the intent remembers.
pub(super) fn staged(entry: &OpenEntry, world: &World) -> Result<OsString, FunctionError> {
    let name = entry.intent().facts.field("staged").cloned();
    let name = match name {
        Some(name) => name,
        None => staging(world)?.1,
    };
    Ok(name.as_text().unwrap_or_default().into())
}

/// Builds a call that takes something back.
pub(super) fn undo(function: &str, arguments: &[(&str, String)], expect: Vec<Check>) -> Undo {
    Undo {
        function: FunctionName::new(function).expect("the names of inverses are constants"),
        arguments: arguments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::Text(value.clone())))
            .collect(),
        expect,
    }
}

/// Opens the place that the intent's fact `name` remembers, following no link.
pub(super) fn remembered(
    entry: &OpenEntry,
    name: &str,
    world: &World,
) -> Result<Spot, FunctionError> {
    let text = entry.intent().facts.field(name).and_then(Value::as_text);
    let path = place::resolve(text.unwrap_or_default(), world)?;
    roots_still_hold(&path, world)?;
    Spot::open(&path).map_err(|error| trouble::from_io(world.language, &path, &error))
}

/// Opens what is to be read again, following no link; it need not lie where Lucid may change something.
pub(super) fn remembered_source(entry: &OpenEntry, world: &World) -> Result<Spot, FunctionError> {
    let text = entry
        .intent()
        .facts
        .field("source")
        .and_then(Value::as_text);
    let path = place::resolve(text.unwrap_or_default(), world)?;
    let spot =
        Spot::open(&path).map_err(|error| trouble::from_io(world.language, &path, &error))?;
    unchanged(entry, &spot, world)?;
    Ok(spot)
}

fn roots_still_hold(path: &Path, world: &World) -> Result<(), FunctionError> {
    roots::root_of(path, world).map(|_| ())
}

/// Fails if what is at `spot` is not what the intent saw there.
pub(super) fn unchanged(
    entry: &OpenEntry,
    spot: &Spot,
    world: &World,
) -> Result<(), FunctionError> {
    let seen = entry.intent().before.iter().find_map(|check| match check {
        Check::Exists { path, fingerprint } if path == spot.path() => fingerprint.clone(),
        _ => None,
    });
    let found = spot
        .fingerprint()
        .map_err(|error| trouble::from_io(world.language, spot.path(), &error))?;
    if seen.is_some_and(|seen| seen != found) {
        return Err(trouble::changed(world.language, spot.path()));
    }
    Ok(())
}

/// Opens source and target of a relocation again.
pub(super) fn reopened(entry: &OpenEntry, world: &World) -> Result<(Spot, Spot), FunctionError> {
    let source = remembered(entry, "source", world)?;
    unchanged(entry, &source, world)?;
    let target = remembered(entry, "target", world)?;
    Ok((source, target))
}
