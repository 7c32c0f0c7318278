//! `files.move`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{place, relocate::relocate, target, trouble};
use crate::{Action, Availability, FunctionError, World};

/// Moves a file or folder.
pub(super) struct Move;

#[async_trait]
impl Action for Move {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let source = target::changeable(&target::path_of(call, "path", world)?, world)?;
        let to = target::path_of(call, "to", world)?;
        let target = target::destination(&source, &to, world)?;
        let arguments = [
            ("path", place::written(&target)),
            ("to", place::written(&source)),
        ];
        let expect = vec![target::there(&target), target::absent(&source)];
        let undo = target::undo("files.move", &arguments, expect);
        target::relocation(&source, &target, undo, world)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (source, target) = target::reopened(entry, world)?;
        let hidden = target::staged(entry, world)?;
        let (source, target) = relocate(source, target, &hidden, world.language).await?;
        let (old, new) = (source.path(), target.path());
        let arguments = [("path", place::written(new)), ("to", place::written(old))];
        let expect = vec![target::as_it_is(new, world)?, target::absent(old)];
        let folder = new.parent().unwrap_or(new);
        let values = [
            ("name", &*place::name_of(new)),
            (
                "folder",
                &*trouble::shown_from_home(folder, &world.places.home),
            ),
        ];
        Ok(Outcome {
            value: place::written(new).into(),
            undo: Some(target::undo("files.move", &arguments, expect)),
            note: message(world.language, "file-moved", &values),
        })
    }
}
