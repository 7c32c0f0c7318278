//! All rows of a query that gave the first of them.
//!
//! A panel shows the first rows, as many as its query usually gives. What is counted, sorted or acted on
//! is all of them, so the query is asked anew for those.

use std::{collections::BTreeMap, sync::Arc};

use journal::Outcome;
use plan::{CheckedStatement, DataKind, DataOperation, Operand, Scope, StatementKind, Step, Value};
use policy::ResolvedCall;

use crate::{
    Kernel,
    carry_out::{Errand, Hindrance},
    resolve::resolve,
    results::Results,
};

/// What queries gave that were asked anew, by their statements: each is asked once, so that all lines of a plan see
/// the same rows, whatever was done between them.
#[derive(Debug, Default)]
pub(crate) struct AllRows(BTreeMap<usize, Outcome>);

impl AllRows {
    /// What is still missing of `rows`, in a sentence; empty when nothing is.
    pub(crate) fn note(&self, rows: &Operand) -> String {
        let outcome = statement_of(rows).and_then(|statement| self.0.get(&statement));
        outcome
            .map(|outcome| outcome.note.clone())
            .unwrap_or_default()
    }
}

/// The results of a plan, with all rows in the places of the first.
pub(crate) struct Whole<'r> {
    /// The results as they are shown.
    pub(crate) results: &'r Results,
    /// All rows, where there are more.
    pub(crate) all: &'r AllRows,
}

impl Scope for Whole<'_> {
    fn result(&self, index: usize) -> Option<&Value> {
        let all = self.all.0.get(&index).map(|outcome| &outcome.value);
        all.or_else(|| self.results.result(index))
    }

    fn param(&self, name: &str) -> Option<&Value> {
        self.results.param(name)
    }

    fn now(&self) -> Option<&str> {
        self.results.now()
    }
}

impl Kernel {
    /// Makes sure that `all` holds all rows that `operation` looks at. See [`Kernel::all_rows`].
    ///
    /// # Errors
    ///
    /// As [`Kernel::all_rows`].
    pub(crate) async fn all_rows_for(
        self: &Arc<Kernel>,
        operation: &DataOperation,
        statements: &[CheckedStatement],
        results: &Results,
        all: &mut AllRows,
        errand: &Errand,
    ) -> Result<(), Hindrance> {
        match operation.kind {
            // The first is the same among all.
            DataKind::First => Ok(()),
            _ => {
                let rows = &operation.rows;
                self.all_rows(rows, statements, results, all, errand).await
            }
        }
    }

    /// Makes sure that `all` holds all rows of `rows`. `statements` are those that gave `results`.
    ///
    /// # Errors
    ///
    /// A [`Hindrance`] when a query that is asked anew does not succeed.
    pub(crate) async fn all_rows(
        self: &Arc<Kernel>,
        rows: &Operand,
        statements: &[CheckedStatement],
        results: &Results,
        all: &mut AllRows,
        errand: &Errand,
    ) -> Result<(), Hindrance> {
        let is_known = statement_of(rows).is_some_and(|statement| all.0.contains_key(&statement));
        if !is_known && let Some((statement, call)) = self.call_for_all(rows, statements, results) {
            let outcome = self.carry_out(call, errand).await?;
            all.0.insert(statement, outcome);
        }
        Ok(())
    }

    /// Returns the query that `rows` come from, and its call for all of them; none where they are all.
    fn call_for_all(
        &self,
        rows: &Operand,
        statements: &[CheckedStatement],
        results: &Results,
    ) -> Option<(usize, ResolvedCall)> {
        let Operand::Result {
            statement, steps, ..
        } = rows
        else {
            return None;
        };
        // One row, or what is in it, is the same among all.
        if matches!(steps.first(), Some(Step::Index(_))) {
            return None;
        }
        let StatementKind::Call(call) = &statements.get(*statement)?.kind else {
            return None;
        };
        let function = self.function(&call.function)?;
        let call = resolve(call, &function.signature, results).ok()?;
        let call = function.call_for_all(call, results.result(*statement)?)?;
        Some((*statement, call))
    }
}

/// The statement that an operand refers to.
fn statement_of(operand: &Operand) -> Option<usize> {
    match operand {
        Operand::Result { statement, .. } => Some(*statement),
        _ => None,
    }
}
