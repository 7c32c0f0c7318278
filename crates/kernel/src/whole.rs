//! All rows of a query that gave the first of them.
//!
//! A panel shows the first rows, as many as its query usually gives. What is counted, sorted or acted on
//! is all of them, so the query is asked anew for those.

use std::{collections::BTreeMap, sync::Arc};

use plan::{CheckedStatement, DataKind, DataOperation, Operand, Scope, StatementKind, Step, Value};
use policy::ResolvedCall;

use crate::{
    Kernel,
    carry_out::{Errand, Hindrance},
    resolve::resolve,
    results::Results,
};

/// The results of a plan, with all rows in the places of the first.
pub(crate) struct Whole<'r> {
    results: &'r Results,
    all: BTreeMap<usize, Value>,
    /// What is still missing, in a sentence; empty when nothing is.
    pub(crate) note: String,
}

impl Scope for Whole<'_> {
    fn result(&self, index: usize) -> Option<&Value> {
        self.all.get(&index).or_else(|| self.results.result(index))
    }

    fn param(&self, name: &str) -> Option<&Value> {
        self.results.param(name)
    }

    fn now(&self) -> Option<&str> {
        self.results.now()
    }
}

impl<'r> Whole<'r> {
    fn new(results: &'r Results) -> Whole<'r> {
        Whole {
            results,
            all: BTreeMap::new(),
            note: String::new(),
        }
    }
}

impl Kernel {
    /// Makes sure that what `operation` looks at are all rows. See [`Kernel::whole`].
    ///
    /// # Errors
    ///
    /// As [`Kernel::whole`].
    pub(crate) async fn whole_for<'r>(
        self: &Arc<Kernel>,
        operation: &DataOperation,
        statements: &[CheckedStatement],
        results: &'r Results,
        errand: &Errand,
    ) -> Result<Whole<'r>, Hindrance> {
        match operation.kind {
            // The first is the same among all.
            DataKind::First => Ok(Whole::new(results)),
            _ => {
                self.whole(&operation.rows, statements, results, errand)
                    .await
            }
        }
    }

    /// Makes sure that `rows` are all rows. `statements` are those that gave `results`.
    ///
    /// # Errors
    ///
    /// A [`Hindrance`] when a query that is asked anew does not succeed.
    pub(crate) async fn whole<'r>(
        self: &Arc<Kernel>,
        rows: &Operand,
        statements: &[CheckedStatement],
        results: &'r Results,
        errand: &Errand,
    ) -> Result<Whole<'r>, Hindrance> {
        let mut whole = Whole::new(results);
        if let Some((statement, call)) = self.call_for_all(rows, statements, results) {
            let outcome = self.carry_out(call, errand).await?;
            whole.all.insert(statement, outcome.value);
            whole.note = outcome.note;
        }
        Ok(whole)
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
        let function = self.registry.function(&call.function)?;
        let call = resolve(call, &function.signature, results).ok()?;
        let call = function.call_for_all(call, results.result(*statement)?)?;
        Some((*statement, call))
    }
}
