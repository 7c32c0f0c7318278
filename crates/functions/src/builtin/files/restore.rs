//! `files.restore`

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{
    beneath::Spot,
    place,
    relocate::relocate,
    roots, target,
    trash_can::{self, Trashed},
    trouble,
};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Puts something from the trash back where it was.
pub(super) struct Restore;

/// Finds what `item` names: an id from `files.trashed`, a whole path as it was, or a name (the latest of it).
fn find(item: &str, world: &World) -> Result<Trashed, FunctionError> {
    let wanted = place::resolve(item, world).unwrap_or_else(|_| PathBuf::from(item));
    let name = item.trim().to_lowercase();
    let all = trash_can::contents(world);
    let has_name = |trashed: &&Trashed| {
        let original = trashed
            .original
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        original.to_lowercase() == name
    };
    all.iter()
        .find(|trashed| trashed.file == wanted)
        .or_else(|| all.iter().find(|trashed| trashed.original == wanted))
        .or_else(|| all.iter().find(has_name))
        .cloned()
        .ok_or_else(|| {
            let values = [("name", item)];
            FunctionError::new(
                ErrorKind::NotFound,
                world.language,
                "trash-missing",
                &values,
            )
        })
}

/// Where it goes: the path that the note has, below the home folder as that is without links.
///
/// No other link on the way is followed: one that is there now was not there
/// when the thing was put away, and could lead it anywhere.
fn way_back(original: &Path, world: &World) -> PathBuf {
    let home = &world.places.home;
    match (original.strip_prefix(home), home.canonicalize()) {
        (Ok(inside), Ok(home)) => home.join(inside),
        _ => original.to_owned(),
    }
}

#[async_trait]
impl Action for Restore {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let trashed = find(call.text("item").unwrap_or_default(), world)?;
        let target = way_back(&trashed.original, world);
        roots::root_of(&target, world)?;
        if target.symlink_metadata().is_ok() {
            return Err(trouble::in_the_way(world.language, &target));
        }
        let expect = vec![target::there(&target)];
        let undo = target::undo("files.trash", &[("path", place::written(&target))], expect);
        let mut intent = target::relocation(&trashed.file, &target, undo, world)?;
        if let Value::Record(facts) = &mut intent.facts {
            facts.insert("info".to_owned(), place::written(&trashed.info).into());
        }
        Ok(intent)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let source = target::remembered_source(entry, world)?;
        let facts = &entry.intent().facts;
        let path = |name: &str| {
            let text = facts
                .field(name)
                .and_then(Value::as_text)
                .unwrap_or_default();
            place::resolve(text, world)
        };
        let (target, info) = (path("target")?, path("info")?);
        roots::root_of(&target, world)?;
        let failed = |error| trouble::from_io(world.language, &target, &error);
        make_way(&target).map_err(failed)?;
        let spot = Spot::open(&target).map_err(failed)?;
        let hidden = target::staged(entry, world)?;
        let (_, spot) = relocate(source, spot, &hidden, world.language).await?;
        // Without its file the note says nothing; a failure to remove it harms nobody.
        if let Ok(info) = Spot::open(&info) {
            let _ = info.unlink().and_then(|()| info.sync_folder());
        }
        let expect = vec![target::as_it_is(spot.path(), world)?];
        let arguments = [("path", place::written(spot.path()))];
        let folder = target.parent().unwrap_or(&target);
        let values = [
            ("name", &*place::name_of(&target)),
            ("folder", &*trouble::shown(folder)),
        ];
        Ok(Outcome {
            value: place::written(spot.path()).into(),
            undo: Some(target::undo("files.trash", &arguments, expect)),
            note: message(world.language, "file-restored", &values),
        })
    }
}

/// Makes the folders above `target` that are gone, following no link.
fn make_way(target: &Path) -> std::io::Result<()> {
    let Some(folder) = target.parent() else {
        return Ok(());
    };
    if folder.symlink_metadata().is_ok() {
        return Ok(());
    }
    make_way(folder)?;
    let spot = Spot::open(folder)?;
    spot.make_folder(0o777)?;
    spot.sync_folder()
}
