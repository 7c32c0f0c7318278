//! `files.trash`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{place, relocate::relocate, target, trash_can::Can, trouble};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

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
        Ok(Intent {
            touches: source.display().to_string(),
            ..target::relocation(&source, &place, undo, world)?
        })
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
        let values = [("name", &*place::name_of(source.path()))];
        Ok(Outcome {
            undo: Some(target::undo("files.restore", &[("item", item)], expect)),
            note: message(world.language, "file-trashed", &values),
            ..Outcome::default()
        })
    }
}
