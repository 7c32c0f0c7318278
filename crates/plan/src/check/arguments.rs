//! Which argument is which: positions, keywords, what is missing.

use std::collections::BTreeMap;

use super::{CheckError, CheckProblem, Checked, Checker, Wanted, fail, value::Place};
use crate::suggest::closest;
use crate::{
    Argument, Call, CheckedCall, Effect, Expression, Literal, Operand, Signature, Span, Type, Word,
};

/// What is called, as far as naming its arguments goes.
#[derive(Clone, Copy)]
pub(super) enum Callee<'s> {
    Function(&'s Signature),
    Word(&'static Word),
}

/// The arguments of a word, by name.
pub(super) type WordArguments<'a> = BTreeMap<&'static str, &'a Argument>;

impl Callee<'_> {
    fn name(&self) -> &str {
        match self {
            Callee::Function(signature) => signature.name.as_str(),
            Callee::Word(word) => word.name,
        }
    }

    fn count(&self) -> usize {
        match self {
            Callee::Function(signature) => signature.arguments.len(),
            Callee::Word(word) => word.arguments.len(),
        }
    }

    fn argument_name(&self, index: usize) -> Option<&str> {
        match self {
            Callee::Function(signature) => signature
                .arguments
                .get(index)
                .map(|spec| spec.name.as_str()),
            Callee::Word(word) => word.arguments.get(index).map(|argument| argument.name),
        }
    }

    fn names(&self) -> Vec<&str> {
        (0..self.count())
            .filter_map(|index| self.argument_name(index))
            .collect()
    }

    fn is_required(&self, index: usize) -> bool {
        match self {
            Callee::Function(signature) => signature
                .arguments
                .get(index)
                .is_some_and(|spec| spec.required),
            Callee::Word(word) => word
                .arguments
                .get(index)
                .is_some_and(|argument| argument.required),
        }
    }

    /// Returns what the argument `name` wants.
    pub(super) fn wanted(&self, name: &str) -> Wanted {
        match self {
            Callee::Function(signature) => Wanted::Type(
                signature
                    .argument(name)
                    .map_or(Type::Any, |spec| spec.ty.clone()),
            ),
            Callee::Word(word) => Wanted::Form(
                word.arguments
                    .iter()
                    .find(|argument| argument.name == name)
                    .map_or_else(String::new, |argument| argument.takes.shown()),
            ),
        }
    }
}

impl Wanted {
    /// Returns the type or form in the documentation's short form.
    pub fn short(&self) -> String {
        match self {
            Wanted::Type(ty) => ty.to_string(),
            Wanted::Form(form) => form.clone(),
        }
    }
}

/// Gives each argument its name; `by_index[i]` is the argument for the callee's `i`th.
///
/// `none` for an optional argument is the same as leaving it out.
fn place<'a>(
    callee: Callee<'_>,
    arguments: &'a [Argument],
    span: Span,
) -> Checked<Vec<Option<&'a Argument>>> {
    let mut by_index: Vec<Option<&Argument>> = vec![None; callee.count()];
    for (position, argument) in arguments.iter().enumerate() {
        let index = index_of(callee, position, argument)?;
        if by_index[index].is_some() {
            return fail(
                argument.span,
                CheckProblem::RepeatedArgument {
                    callee: callee.name().to_owned(),
                    name: callee.argument_name(index).unwrap_or_default().to_owned(),
                },
            );
        }
        by_index[index] = Some(argument);
    }
    for (index, slot) in by_index.iter_mut().enumerate() {
        let left_out =
            slot.is_none_or(|argument| argument.value == Expression::Literal(Literal::None));
        if left_out && callee.is_required(index) {
            let name = callee.argument_name(index).unwrap_or_default();
            return fail(
                slot.map_or(span, |argument| argument.span),
                CheckProblem::MissingArgument {
                    callee: callee.name().to_owned(),
                    name: name.to_owned(),
                    ty: callee.wanted(name).short(),
                },
            );
        }
        if left_out {
            *slot = None;
        }
    }
    Ok(by_index)
}

fn index_of(callee: Callee<'_>, position: usize, argument: &Argument) -> Checked<usize> {
    let names = callee.names();
    match &argument.name {
        None if position < names.len() => Ok(position),
        None => fail(
            argument.span,
            CheckProblem::TooManyArguments {
                callee: callee.name().to_owned(),
                limit: names.len(),
            },
        ),
        Some(name) => names
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| CheckError {
                span: argument.span,
                problem: CheckProblem::UnknownArgument {
                    callee: callee.name().to_owned(),
                    name: name.clone(),
                    suggestion: closest(name, names.iter().copied())
                        .or_else(|| (names.len() == 1).then(|| names[0].to_owned())),
                },
            }),
    }
}

impl Checker<'_> {
    /// Checks the arguments of a function's call.
    pub(super) fn function_call(&self, signature: &Signature, call: &Call) -> Checked<CheckedCall> {
        let placed = place(Callee::Function(signature), &call.arguments, call.span)?;
        let mut arguments = BTreeMap::new();
        for (spec, argument) in signature.arguments.iter().zip(placed) {
            if let Some(argument) = argument {
                let operand = self.function_argument(signature, &spec.name, &spec.ty, argument)?;
                arguments.insert(spec.name.clone(), operand);
            }
        }
        Ok(CheckedCall {
            function: signature.name.clone(),
            arguments,
            effect: signature.effect,
        })
    }

    /// Checks one argument of a function.
    pub(super) fn function_argument(
        &self,
        signature: &Signature,
        name: &str,
        ty: &Type,
        argument: &Argument,
    ) -> Checked<Operand> {
        let place = Place {
            callee: signature.name.as_str(),
            argument: name,
            exact_paths: signature.effect > Effect::Transient,
            span: argument.span,
        };
        self.operand(&argument.value, ty, &place)
    }

    /// Names the arguments of a word.
    pub(super) fn word_arguments<'a>(
        &self,
        word: &'static Word,
        arguments: &'a [Argument],
        span: Span,
    ) -> Checked<WordArguments<'a>> {
        let placed = place(Callee::Word(word), arguments, span)?;
        Ok(word
            .arguments
            .iter()
            .zip(placed)
            .filter_map(|(spec, argument)| Some((spec.name, argument?)))
            .collect())
    }

    /// Says that an argument of a word has the wrong form.
    pub(super) fn wrong_form(
        &self,
        word: &'static Word,
        name: &str,
        argument: &Argument,
    ) -> CheckError {
        CheckError {
            span: argument.span,
            problem: CheckProblem::WrongType {
                callee: word.name.to_owned(),
                argument: name.to_owned(),
                wanted: Box::new(Callee::Word(word).wanted(name)),
                written: argument.value.to_string(),
                found: None,
            },
        }
    }
}
