//! `files.trash`

use std::path::Path;

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{inside, place, relocate::relocate, target, trash_can::Can, trouble, user_folders};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// The fact that says how much is in a folder.
const ITEMS: &str = "items";

/// Puts a file or folder into the trash.
///
/// The note about it is durable before it moves, so that it can always be put
/// back; a note without a file, left by a crash, is shown nowhere.
pub(super) struct Trash;

#[async_trait]
impl Action for Trash {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    fn refuses(&self, subjects: &[&Value], world: &World) -> Vec<bool> {
        let usual = user_folders::usual(&world.places);
        let is_usual = |subject: &&Value| {
            let path = subject.as_text().map(Path::new);
            path.is_some_and(|path| usual.iter().any(|folder| folder == path))
        };
        subjects.iter().map(is_usual).collect()
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let source = target::changeable(&target::path_of(call, "path", world)?, world)?;
        let can = Can::of(&source, world)
            .map_err(|error| trouble::from_io(world.language, &source, &error))?;
        let place = can.free_place(source.file_name().unwrap_or_default());
        if place.starts_with(&source) || source.parent() == place.parent() {
            let id = "file-is-trash";
            return Err(trouble::about(
                ErrorKind::Invalid,
                world.language,
                id,
                &source,
            ));
        }
        let expect = vec![target::there(&place), target::absent(&source)];
        let undo = target::undo("files.restore", &[("item", place::written(&place))], expect);
        let items = inside::items(&source, world).await?;
        let mut intent = target::relocation(&source, &place, undo, world)?;
        intent.touches = source.display().to_string();
        if let (Value::Record(facts), Some(items)) = (&mut intent.facts, items) {
            facts.insert(ITEMS.to_owned(), items.into());
        }
        Ok(intent)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (source, place) = target::reopened(entry, world)?;
        let failed = |error| trouble::from_io(world.language, source.path(), &error);
        let can = Can::of(source.path(), world).map_err(failed)?;
        let info = can
            .write_info(place.path(), source.path())
            .map_err(failed)?;
        let hidden = target::staged(entry, world)?;
        let (source, place) = match relocate(source, place, &hidden, world.language).await {
            Ok(moved) => moved,
            Err(error) => {
                // The note of something that is in the trash after all must stay.
                if error.problem.id != "file-not-removed" {
                    let _ = info.unlink();
                }
                return Err(error);
            }
        };
        let expect = vec![
            target::as_it_is(place.path(), world)?,
            target::absent(source.path()),
        ];
        let item = place::written(place.path());
        Ok(Outcome {
            undo: Some(target::undo("files.restore", &[("item", item)], expect)),
            note: note(source.path(), entry, world),
            ..Outcome::default()
        })
    }
}

/// Names what would go, with how much is in it: the name of a folder does not show that.
fn note(path: &Path, entry: &OpenEntry, world: &World) -> String {
    let items = entry.intent().facts.field(ITEMS).and_then(Value::as_text);
    let id = match items {
        Some(_) => "file-trashed-folder",
        None => "file-trashed",
    };
    let values = [
        ("name", &*place::name_of(path)),
        ("count", items.unwrap_or_default()),
    ];
    message(world.language, id, &values)
}
