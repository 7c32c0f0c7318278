//! Calls that other programs ask for, over MCP: one function each, under the same policy, consent and journal as plans.
//!
//! What such a program writes is not the person's choice, and what it is told leaves Lucid: so its arguments count as
//! found, and the person is asked about each call that no rule allows.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Instant};

use plan::{
    CheckedCall, Confidentiality, FunctionName, Integrity, Label, Mismatch, Operand, Signature,
    Value,
};
use policy::ResolvedCall;
use protocol::{
    AskOptions, CallReport, Problem, Source, TurnId,
    text::{Language, problem},
};
use tokio::sync::oneshot;

use crate::{Kernel, requests::language, resolve};

/// What another program writes.
const WRITTEN_BY_PROGRAM: Label = Label {
    integrity: Integrity::Untrusted,
    confidentiality: Confidentiality::Public,
};

/// The function that finds what apps offer.
const SEARCH: &str = "functions.search";

impl Kernel {
    /// Begins a turn for one call of a function. Returns the turn, and what comes of it.
    ///
    /// # Errors
    ///
    /// A problem with the call as a whole; then there is no turn.
    pub async fn call_for_program(
        self: &Arc<Kernel>,
        function: &str,
        arguments: BTreeMap<String, Value>,
        options: &AskOptions,
    ) -> Result<
        (
            TurnId,
            impl Future<Output = Result<CallReport, Problem>> + use<>,
        ),
        Problem,
    > {
        let language = language(options);
        let known = FunctionName::new(function).ok();
        let known = known.and_then(|name| self.function(&name));
        // What apps offer by themselves tells what they show, and so does a search for it.
        let known = known.filter(|function| {
            function.offered.is_none() && function.signature.name.as_str() != SEARCH
        });
        let known = known.ok_or_else(|| {
            let shown = plan::escape_for_display(function);
            problem(language, "function-unknown", &[("function", &shown)])
        })?;
        let call = resolved(&known.signature, arguments, language)?;
        let options = AskOptions {
            source: Source::Program,
            ..options.clone()
        };
        let words = resolve::written(&call);
        let turn = self.begin(&words, &options, Instant::now()).await?;
        let id = turn.errand.turn.clone();
        let (sender, receiver) = oneshot::channel();
        self.spawn_turn(turn, |turn| async move {
            // Who asked may have gone.
            let _ = sender.send(turn.run_one(call, None).await);
        });
        let turn = id.clone();
        let report = async move {
            let panicked = |_| problem(language, "function-panicked", &[]);
            let done = receiver.await.map_err(panicked)?;
            Ok(CallReport {
                turn,
                outcome: done.ending,
                value: serde_json::to_value(done.value).unwrap_or_default(),
                note: done.note,
            })
        };
        Ok((id, report))
    }
}

/// Builds the call, after a look at each argument.
fn resolved(
    signature: &Signature,
    arguments: BTreeMap<String, Value>,
    language: Language,
) -> Result<ResolvedCall, Problem> {
    let about = |id: &str, name: &str| {
        let name = plan::escape_for_display(name);
        problem(language, id, &[("argument", &name)])
    };
    let mut operands = BTreeMap::new();
    for (name, value) in arguments {
        let spec = signature.argument(&name);
        let spec = spec.ok_or_else(|| about("argument-unknown", &name))?;
        if value == Value::Null {
            continue;
        }
        plan::check_value(&value, &spec.ty)
            .map_err(|_: Mismatch| about("argument-unusable", &name))?;
        let ty = spec.ty.clone();
        operands.insert(name, Operand::Value { value, ty });
    }
    let missing = signature
        .arguments
        .iter()
        .find(|spec| spec.required && !operands.contains_key(&spec.name));
    if let Some(spec) = missing {
        return Err(about("argument-missing", &spec.name));
    }
    let call = CheckedCall {
        function: signature.name.clone(),
        arguments: operands,
        effect: signature.effect,
    };
    resolve::resolve_as(&call, signature, WRITTEN_BY_PROGRAM)
        .map_err(|_| about("argument-unusable", ""))
}
