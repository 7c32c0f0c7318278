//! `lists.add`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::message;

use super::file;
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Puts something on a list; a list that is not there is begun.
pub(super) struct Add;

#[async_trait]
impl Action for Add {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let list = file::named(call, world)?;
        let item = file::one_line(call);
        if item.is_empty() {
            let kind = ErrorKind::Invalid;
            return Err(FunctionError::new(
                kind,
                world.language,
                "list-item-empty",
                &[],
            ));
        }
        Ok(Intent {
            undo: Some(back("lists.remove", &list, &item)),
            facts: Value::record([("list", list.into()), ("item", item.into())]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (list, item) = facts(entry);
        file::add(&list, &item, world)?;
        Ok(outcome(entry, "list-added", &list, &item, world))
    }
}

/// The call that takes the other back.
pub(super) fn back(function: &str, list: &str, item: &str) -> Undo {
    Undo {
        function: FunctionName::new(function).expect("a well-formed name"),
        arguments: vec![
            ("item".to_owned(), item.into()),
            ("list".to_owned(), list.into()),
        ],
        expect: Vec::new(),
    }
}

/// The list and the item of a journaled act.
pub(super) fn facts(entry: &OpenEntry) -> (String, String) {
    let fact = |name| entry.intent().text(name).to_owned();
    (fact("list"), fact("item"))
}

/// What came of it.
pub(super) fn outcome(
    entry: &OpenEntry,
    note: &str,
    list: &str,
    item: &str,
    world: &World,
) -> Outcome {
    let item = plan::escape_for_display(item);
    let values = [("item", item.as_str()), ("list", list)];
    Outcome {
        value: Value::Null,
        undo: entry.intent().undo.clone(),
        note: message(world.language, note, &values),
    }
}
