//! `files.copy`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{blocking::off_thread, place, replicate, target, trouble};
use crate::{Action, Availability, FunctionError, World};

/// Copies a file or folder.
///
/// The copy grows under a hidden name and gets its own at the end, so that a
/// full disk, a stop or a crash leaves no half copy under that name. Taking it
/// back puts the copy into the trash.
pub(super) struct Copy;

#[async_trait]
impl Action for Copy {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        // What is only read may lie anywhere.
        let source = target::present(&target::path_of(call, "path", world)?, world)?;
        let to = target::path_of(call, "to", world)?;
        let target = target::destination(&source, &to, world)?;
        let arguments = [("path", place::written(&target))];
        let undo = target::undo("files.trash", &arguments, vec![target::there(&target)]);
        Ok(Intent {
            before: vec![target::as_it_is(&source, world)?, target::absent(&target)],
            after: vec![target::there(&target)],
            undo: Some(undo),
            touches: target::way(&source, &target),
            facts: Value::record([
                ("source", place::written(&source).into()),
                ("target", place::written(&target).into()),
                target::staging(world)?,
            ]),
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let language = world.language;
        let source = target::remembered_source(entry, world)?;
        let target = target::remembered(entry, "target", world)?;
        let hidden = target::staged(entry, world)?;
        let (target, staged) = off_thread(language, move |stop| {
            let staged = replicate::stage(&source, &target, &hidden, stop);
            let staged =
                staged.map_err(|error| trouble::from_io(language, source.path(), &error))?;
            Ok((target, staged))
        })
        .await?;
        staged
            .place(&target)
            .map_err(|error| trouble::from_io(language, target.path(), &error))?;
        let copy = target.path();
        let arguments = [("path", place::written(copy))];
        let expect = vec![target::as_it_is(copy, world)?];
        let folder = copy.parent().unwrap_or(copy);
        let values = [
            ("name", &*place::name_of(copy)),
            ("folder", &*trouble::shown(folder)),
        ];
        Ok(Outcome {
            value: place::written(copy).into(),
            undo: Some(target::undo("files.trash", &arguments, expect)),
            note: message(language, "file-copied", &values),
        })
    }
}
