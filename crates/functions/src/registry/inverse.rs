//! Declared inverses: the old value is read before the act, the new one after it.

use std::{collections::BTreeMap, time::Duration};

use journal::{Check, Intent, OpenEntry, Outcome, Undo};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::problem;

use super::{Registry, checks::equal};
use crate::{ErrorKind, FunctionError, World, fill, manifest::InverseDeclaration};

/// How long a change may take until it can be read; some players answer first and change later.
const SETTLING: Duration = Duration::from_millis(1500);
/// How often it is read meanwhile.
const STEP: Duration = Duration::from_millis(20);

impl Registry {
    /// Adds what `inverse` says to what the function itself intends.
    pub(super) async fn with_inverse(
        &self,
        mut intent: Intent,
        inverse: &InverseDeclaration,
        call: &ResolvedCall,
        world: &World,
    ) -> Result<Intent, FunctionError> {
        let facts = intent.facts.clone();
        // A fact comes before the argument of its name: it is what the argument was resolved to.
        let known = |name: &str| {
            let fact = facts.field(name).cloned();
            fact.or_else(|| call.argument(name).cloned())
        };
        let with = filled(&inverse.with, &known);
        let before = self
            .read(&inverse.read, &with, &inverse.field, world)
            .await?;
        let reads = |value: Value| Check::Reads {
            function: inverse.read.clone(),
            arguments: with.clone(),
            field: inverse.field.clone(),
            value,
        };
        let after = inverse.after.as_ref();
        let after = after
            .and_then(|after| fill::value(after, &known))
            .map(reads);
        let old = |name: &str| match name {
            "before" => Some(before.clone()),
            name => known(name),
        };
        intent.undo = Some(Undo {
            function: inverse.function.clone(),
            arguments: filled(&inverse.arguments, &old),
            expect: after.clone().into_iter().collect(),
        });
        intent.before.push(reads(before));
        intent.after.extend(after);
        Ok(intent)
    }

    /// Reads the value again after an act with a declared inverse: the undo expects what is there
    /// now, which may be less than was asked for, and an act without an effect is a failure.
    pub(super) async fn verified(
        &self,
        entry: &OpenEntry,
        mut outcome: Outcome,
        world: &World,
    ) -> Result<Outcome, FunctionError> {
        if !self.loaded.inverses.contains_key(&entry.call().function) {
            return Ok(outcome);
        }
        let Some(Check::Reads {
            function,
            arguments,
            field,
            value: before,
        }) = entry.intent().before.last()
        else {
            return Ok(outcome);
        };
        let expected = entry.intent().after.last().and_then(|check| match check {
            Check::Reads { value, .. } => Some(value),
            Check::Exists { .. } | Check::Absent { .. } => None,
        });
        let until = tokio::time::Instant::now() + SETTLING;
        let found = loop {
            let found = match self.read(function, arguments, field, world).await {
                Ok(found) => found,
                // The act is done. That its effect cannot be read, because the service went
                // away or is slow, must not hide it from the undo.
                Err(error) => {
                    tracing::warn!(%error, %function, "what an act did cannot be read");
                    outcome.undo = outcome.undo.or(entry.intent().undo.clone());
                    return Ok(outcome);
                }
            };
            let settled = match expected {
                Some(expected) => equal(&found, expected),
                None => !equal(&found, before),
            };
            if settled || tokio::time::Instant::now() >= until {
                break found;
            }
            tokio::time::sleep(STEP).await;
        };
        if expected.is_some_and(|expected| !equal(expected, before)) && equal(&found, before) {
            return Err(FunctionError {
                kind: ErrorKind::Failed,
                problem: problem(world.language, "no-effect", &[]),
            });
        }
        outcome.undo = outcome
            .undo
            .or(entry.intent().undo.clone())
            .map(|undo| Undo {
                expect: vec![Check::Reads {
                    function: function.clone(),
                    arguments: arguments.clone(),
                    field: field.clone(),
                    value: found,
                }],
                ..undo
            });
        Ok(outcome)
    }
}

fn filled(
    templates: &BTreeMap<String, Value>,
    of: &dyn Fn(&str) -> Option<Value>,
) -> Vec<(String, Value)> {
    templates
        .iter()
        .filter_map(|(name, template)| Some((name.clone(), fill::value(template, of)?)))
        .collect()
}
