//! `files.make_folder`

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{beneath::Spot, place, roots, target, trouble, user_folders};
use crate::{Action, Availability, FunctionError, World};

/// Makes a folder, and those above it that are missing.
pub(super) struct MakeFolder;

/// Splits `path` into the folder that exists, without links, and the names that are missing.
fn missing_part(path: &Path, world: &World) -> Result<(PathBuf, PathBuf), FunctionError> {
    let existing = path
        .ancestors()
        .skip(1)
        .find(|above| above.symlink_metadata().is_ok());
    let existing = existing.unwrap_or(Path::new("/"));
    let missing = path.strip_prefix(existing).unwrap_or(path).to_owned();
    let base = existing
        .canonicalize()
        .map_err(|error| trouble::from_io(world.language, existing, &error))?;
    Ok((base, missing))
}

#[async_trait]
impl Action for MakeFolder {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let path = target::path_of(call, "path", world)?;
        if path.symlink_metadata().is_ok() {
            return Err(trouble::in_the_way(world.language, &path));
        }
        let (base, missing) = missing_part(&path, world)?;
        let target = base.join(&missing);
        roots::root_of(&target, world)?;
        let topmost = base.join(
            missing
                .components()
                .next()
                .map_or("".as_ref(), |c| c.as_os_str()),
        );
        let gone = taken_back(&topmost, &target, world);
        let arguments = [("path", place::written(&gone))];
        let undo = target::undo("files.trash", &arguments, vec![target::there(&gone)]);
        Ok(Intent {
            before: vec![target::absent(&topmost)],
            after: vec![target::there(&target)],
            undo: Some(undo),
            touches: target.display().to_string(),
            facts: Value::record([
                ("topmost", place::written(&topmost).into()),
                ("target", place::written(&target).into()),
            ]),
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let topmost = target::remembered(entry, "topmost", world)?;
        let facts = &entry.intent().facts;
        let target = facts
            .field("target")
            .and_then(Value::as_text)
            .unwrap_or_default();
        let target = place::resolve(target, world)?;
        let made = make(topmost.path(), &target);
        if let Err(error) = made {
            // Only empty folders can be in the way here; a person's own is never removed.
            if !topmost.is_free() && error.kind() != std::io::ErrorKind::AlreadyExists {
                let _ = remove_empty(topmost.path(), &target);
            }
            return Err(trouble::from_io(world.language, &target, &error));
        }
        let gone = taken_back(topmost.path(), &target, world);
        let arguments = [("path", place::written(&gone))];
        let expect = vec![target::as_it_is(&gone, world)?];
        let values = [("name", &*place::name_of(&target))];
        Ok(Outcome {
            value: place::written(&target).into(),
            undo: Some(target::undo("files.trash", &arguments, expect)),
            note: message(world.language, "file-folder-made", &values),
        })
    }
}

/// What an undo takes away: the topmost folder that was made, but for a usual one such as `Documents`,
/// which is never thrown away.
fn taken_back(topmost: &Path, target: &Path, world: &World) -> PathBuf {
    let next = chain(topmost, target).get(1).copied();
    match next.filter(|_| user_folders::is_usual(topmost, &world.places)) {
        Some(next) => next.to_owned(),
        None => topmost.to_owned(),
    }
}

/// The folders from `topmost` down to `target`.
fn chain<'a>(topmost: &Path, target: &'a Path) -> Vec<&'a Path> {
    let mut chain: Vec<&Path> = target
        .ancestors()
        .filter(|path| path.starts_with(topmost))
        .collect();
    chain.reverse();
    chain
}

fn make(topmost: &Path, target: &Path) -> std::io::Result<()> {
    for path in chain(topmost, target) {
        let spot = Spot::open(path)?;
        spot.make_folder(0o777)?;
        spot.sync_folder()?;
    }
    Ok(())
}

fn remove_empty(topmost: &Path, target: &Path) -> std::io::Result<()> {
    for path in chain(topmost, target).into_iter().rev() {
        std::fs::remove_dir(Spot::open(path)?.handle())?;
    }
    Ok(())
}
