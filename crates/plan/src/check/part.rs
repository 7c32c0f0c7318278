//! Parts: what is drawn, and what a click calls.

use std::collections::BTreeMap;

use super::arguments::WordArguments;
use super::shape::Shape;
use super::value::Place;
use super::{CheckProblem, Checked, Checker, fail};
use crate::conform::identifies;
use crate::suggest::closest;
use crate::{
    Argument, ArgumentSpec, Call, CheckedAction, CheckedCall, CheckedPart, Expression, Field, Head,
    Literal, Operand, PartKind, PathKind, Signature, Takes, Type, Value, Word, assignable,
};

impl Checker<'_> {
    pub(super) fn part(&self, word: &'static Word, call: &Call) -> Checked<CheckedPart> {
        let mut given = self.word_arguments(word, &call.arguments, call.span)?;
        actions_for_columns(&mut given);
        let Some(kind) = PartKind::of_word(word.name) else {
            return Err(self.missing(word, "text", call.span));
        };
        let mut part = CheckedPart {
            kind,
            arguments: BTreeMap::new(),
            columns: Vec::new(),
            key: None,
            actions: Vec::new(),
            call: None,
        };
        let mut shape = Shape::Nothing;
        for spec in word.arguments {
            let Some(argument) = given.get(spec.name) else {
                continue;
            };
            if spec.takes == Takes::Rows {
                let (rows, fields, key) = self.part_rows(word, argument)?;
                shape = Shape::Rows {
                    fields: fields.clone(),
                    key: key.clone(),
                };
                part.arguments.insert("rows".to_owned(), rows);
                part.columns = fields;
                part.key = key;
                continue;
            }
            self.part_argument(word, spec.name, spec.takes, argument, &shape, &mut part)?;
        }
        self.slider_range(&mut part);
        Ok(part)
    }

    fn part_argument(
        &self,
        word: &'static Word,
        name: &'static str,
        takes: Takes,
        argument: &Argument,
        shape: &Shape,
        part: &mut CheckedPart,
    ) -> Checked<()> {
        let operand = match takes {
            Takes::Text(max) => self.text_argument(word, name, argument, max)?,
            Takes::Value => self.shown_value(word, argument)?,
            Takes::Number => self.measure(word, name, argument, is_number)?,
            Takes::Bool => self.measure(word, name, argument, |ty| *ty == Type::Bool)?,
            Takes::Image => self.image(word, argument)?,
            Takes::Choice(words) => {
                let words = words.iter().map(|word| (*word).to_owned()).collect();
                self.operand(
                    &argument.value,
                    &Type::Choice(words),
                    &place(word, name, argument),
                )?
            }
            Takes::Field | Takes::NumberField => {
                let field = self.field(word, name, argument, shape.fields())?;
                Operand::Value {
                    value: Value::Text(field.name),
                    ty: Type::Text { max: 64 },
                }
            }
            Takes::Columns => {
                part.columns = self.columns(word, argument, shape.fields())?;
                return Ok(());
            }
            Takes::Actions => {
                part.actions = self.actions(word, argument, shape)?;
                return Ok(());
            }
            Takes::Setter => {
                part.actions = vec![self.setter(word, argument)?];
                return Ok(());
            }
            Takes::Call => {
                part.call = Some(self.button_call(word, argument)?);
                return Ok(());
            }
            Takes::Rows
            | Takes::RowFunction
            | Takes::Comparison
            | Takes::Operand
            | Takes::Choices
            | Takes::Flag
            | Takes::Count => return Err(self.wrong_form(word, name, argument)),
        };
        part.arguments.insert(name.to_owned(), operand);
        Ok(())
    }

    /// Checks a text by name.
    pub(super) fn text(
        &self,
        word: &'static Word,
        arguments: &WordArguments<'_>,
        name: &'static str,
        max: usize,
    ) -> Checked<Operand> {
        match arguments.get(name) {
            Some(argument) => self.text_argument(word, name, argument, max),
            None => Err(self.missing(word, name, crate::Span::default())),
        }
    }

    /// Checks a literal text, or a reference to one value that can be shown as text.
    fn text_argument(
        &self,
        word: &'static Word,
        name: &'static str,
        argument: &Argument,
        max: usize,
    ) -> Checked<Operand> {
        if let Some(followed) = self.followed(&argument.value, argument.span) {
            let followed = followed?;
            return match followed.shape {
                Shape::One(_) => Ok(followed.operand()),
                _ => Err(self.wrong_form(word, name, argument)),
            };
        }
        let place = place(word, name, argument);
        self.operand(&argument.value, &Type::Text { max }, &place)
    }

    /// Checks anything that can be shown.
    fn shown_value(&self, word: &'static Word, argument: &Argument) -> Checked<Operand> {
        if let Expression::Literal(Literal::Text(_)) = &argument.value {
            return self.text_argument(word, "value", argument, crate::MAX_WORDS);
        }
        if let Some(followed) = self.followed(&argument.value, argument.span) {
            let followed = followed?;
            return match followed.shape {
                Shape::Nothing => Err(self.wrong_form(word, "value", argument)),
                _ => Ok(followed.operand()),
            };
        }
        self.operand(&argument.value, &Type::Any, &place(word, "value", argument))
    }

    /// Checks a number or a truth value; of a record, the first field that is one.
    fn measure(
        &self,
        word: &'static Word,
        name: &'static str,
        argument: &Argument,
        fits: fn(&Type) -> bool,
    ) -> Checked<Operand> {
        let Some(followed) = self.followed(&argument.value, argument.span) else {
            let ty = if fits(&Type::Bool) {
                Type::Bool
            } else {
                number_type(&argument.value)
            };
            return self.operand(&argument.value, &ty, &place(word, name, argument));
        };
        let followed = followed?;
        match &followed.shape {
            Shape::One(ty) if fits(ty) || *ty == Type::Any => Ok(followed.operand()),
            Shape::Record { fields, .. } => match measured_field(fields, fits).cloned() {
                Some(field) => Ok(followed.field(&field.name, field.ty)),
                None => Err(self.wrong_form(word, name, argument)),
            },
            _ => Err(self.wrong_form(word, name, argument)),
        }
    }

    fn image(&self, word: &'static Word, argument: &Argument) -> Checked<Operand> {
        let ty = Type::Path(PathKind::File);
        self.operand(&argument.value, &ty, &place(word, "value", argument))
    }

    fn actions(
        &self,
        word: &'static Word,
        argument: &Argument,
        shape: &Shape,
    ) -> Checked<Vec<CheckedAction>> {
        let written = match &argument.value {
            Expression::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        written
            .iter()
            .map(|item| {
                let function = self.function_expression(word, "actions", argument, item)?;
                self.row_action(function, shape, &[])
            })
            .collect()
    }

    /// Checks an argument that names a function.
    pub(super) fn function_named(
        &self,
        word: &'static Word,
        name: &str,
        argument: &Argument,
    ) -> Checked<(&Signature, crate::Span)> {
        self.function_expression(word, name, argument, &argument.value)
    }

    fn function_expression(
        &self,
        word: &'static Word,
        name: &str,
        argument: &Argument,
        written: &Expression,
    ) -> Checked<(&Signature, crate::Span)> {
        match Self::as_function_name(written) {
            Some(function) => {
                let signature = self.signature(&function, argument.span)?;
                Ok((signature, argument.span))
            }
            None => Err(self.wrong_form(word, name, argument)),
        }
    }

    /// Ties a function to the rows that it will be called with.
    pub(super) fn row_action(
        &self,
        (signature, span): (&Signature, crate::Span),
        shape: &Shape,
        further: &[Argument],
    ) -> Checked<CheckedAction> {
        let mut arguments = BTreeMap::new();
        for argument in further {
            let name = argument.name.as_deref().unwrap_or_default();
            let Some(spec) = signature.argument(name) else {
                let names = signature.arguments.iter().map(|spec| spec.name.as_str());
                return fail(
                    argument.span,
                    CheckProblem::UnknownArgument {
                        callee: signature.name.to_string(),
                        name: name.to_owned(),
                        suggestion: closest(name, names),
                    },
                );
            };
            let operand = self.function_argument(signature, name, &spec.ty, argument)?;
            if arguments.insert(name.to_owned(), operand).is_some() {
                return fail(
                    argument.span,
                    CheckProblem::RepeatedArgument {
                        callee: signature.name.to_string(),
                        name: name.to_owned(),
                    },
                );
            }
        }
        let (field, ty) = match shape {
            Shape::One(ty) => (None, ty.clone()),
            shape => match shape.key_field() {
                Some(key) => (Some(key.name.clone()), key.ty.clone()),
                None => return not_an_action(signature, span),
            },
        };
        let takes =
            |spec: &&ArgumentSpec| !arguments.contains_key(&spec.name) && identifies(&ty, &spec.ty);
        match row_argument(signature, takes) {
            Some(spec) => finish_action(signature, spec, field, arguments, span),
            None => not_an_action(signature, span),
        }
    }

    /// Checks the function that a control sets.
    fn setter(&self, word: &'static Word, argument: &Argument) -> Checked<CheckedAction> {
        let (signature, span) = self.function_named(word, "function", argument)?;
        let fits: fn(&Type) -> bool = match word.name {
            "toggle" => |ty| *ty == Type::Bool,
            "slider" => is_number,
            _ => is_textual,
        };
        match row_argument(signature, |spec| fits(&spec.ty)) {
            Some(spec) => finish_action(signature, spec, None, BTreeMap::new(), span),
            None => not_an_action(signature, span),
        }
    }

    /// Checks a button's call; a function without required arguments may be named alone.
    fn button_call(&self, word: &'static Word, argument: &Argument) -> Checked<CheckedCall> {
        if let Expression::Call(call) = &argument.value {
            return match &call.head {
                Head::Function(name) => self.function_call(self.signature(name, call.span)?, call),
                Head::Word(_) => Err(self.wrong_form(word, "call", argument)),
            };
        }
        let (signature, span) = self.function_named(word, "call", argument)?;
        let call = Call {
            head: Head::Function(signature.name.clone()),
            arguments: Vec::new(),
            span,
        };
        self.function_call(signature, &call)
    }

    /// Fills in the ends of a slider from the type that it sets.
    fn slider_range(&self, part: &mut CheckedPart) {
        if part.kind != PartKind::Slider {
            return;
        }
        let (min, max) = match part.actions.first().map(|action| &action.ty) {
            Some(Type::Int { min, max }) => (min.unwrap_or(0), max.unwrap_or(100)),
            _ => (0, 100),
        };
        for (name, end) in [("min", min), ("max", max)] {
            part.arguments
                .entry(name.to_owned())
                .or_insert(Operand::Value {
                    value: Value::Number(end as f64),
                    ty: Type::Number,
                });
        }
    }

    /// Checks `true` or `false`; false when left out.
    pub(super) fn flag(
        &self,
        word: &'static Word,
        arguments: &WordArguments<'_>,
        name: &str,
    ) -> Checked<bool> {
        match arguments.get(name) {
            None => Ok(false),
            Some(argument) => match &argument.value {
                Expression::Literal(Literal::Bool(truth)) => Ok(*truth),
                _ => Err(self.wrong_form(word, name, argument)),
            },
        }
    }

    /// Checks how many rows are kept.
    pub(super) fn count(
        &self,
        word: &'static Word,
        arguments: &WordArguments<'_>,
    ) -> Checked<usize> {
        let Some(argument) = arguments.get("count") else {
            return Err(self.missing(word, "count", crate::Span::default()));
        };
        match &argument.value {
            Expression::Literal(Literal::Number { value, unit: None })
                if value.fract() == 0.0 && (1.0..=1000.0).contains(value) =>
            {
                Ok(*value as usize)
            }
            _ => Err(self.wrong_form(word, "count", argument)),
        }
    }
}

/// Reads `table(f, [files.trash])` as a table without named columns.
fn actions_for_columns(given: &mut WordArguments<'_>) {
    let is_function = |item: &Expression| match item {
        Expression::Function(_) => true,
        Expression::Reference(reference) => !reference.steps.is_empty(),
        _ => false,
    };
    let functions = given.get("columns").is_some_and(|argument| {
        matches!(&argument.value, Expression::List(items)
            if !items.is_empty() && items.iter().all(is_function))
    });
    if functions
        && !given.contains_key("actions")
        && let Some(argument) = given.remove("columns")
    {
        given.insert("actions", argument);
    }
}

pub(super) fn place<'p>(word: &'static Word, name: &'p str, argument: &Argument) -> Place<'p> {
    Place {
        callee: word.name,
        argument: name,
        exact_paths: false,
        span: argument.span,
    }
}

fn measured_field(fields: &[Field], fits: fn(&Type) -> bool) -> Option<&Field> {
    let percent = fields
        .iter()
        .find(|field| field.ty == Type::Percent && fits(&field.ty));
    percent.or_else(|| fields.iter().find(|field| fits(&field.ty)))
}

/// Returns the type of a number as written, so that `50%` and `2GB` pass for numbers.
fn number_type(expression: &Expression) -> Type {
    match expression {
        Expression::Literal(literal @ Literal::Number { .. }) => {
            crate::conform::literal_type(literal)
        }
        _ => Type::Number,
    }
}

pub(crate) fn is_number(ty: &Type) -> bool {
    assignable(ty, &Type::Number) && *ty != Type::Any
}

pub(crate) fn is_textual(ty: &Type) -> bool {
    assignable(ty, &Type::Text { max: usize::MAX }) && *ty != Type::Any
}

/// Chooses the argument that a row or a new value fills: the only one that is required, else the subject, else the
/// first that can.
pub(crate) fn row_argument(
    signature: &Signature,
    takes: impl Fn(&&ArgumentSpec) -> bool,
) -> Option<&ArgumentSpec> {
    let mut required = signature.arguments.iter().filter(|spec| spec.required);
    let only = required.next().filter(|_| required.next().is_none());
    only.filter(&takes)
        .or_else(|| signature.subject().filter(&takes))
        .or_else(|| signature.arguments.iter().find(&takes))
}

fn finish_action(
    signature: &Signature,
    spec: &ArgumentSpec,
    field: Option<String>,
    arguments: BTreeMap<String, Operand>,
    span: crate::Span,
) -> Checked<CheckedAction> {
    let lacking = signature.arguments.iter().find(|other| {
        other.required && other.name != spec.name && !arguments.contains_key(&other.name)
    });
    if let Some(lacking) = lacking {
        return fail(
            span,
            CheckProblem::ActionNeedsMore {
                function: signature.name.to_string(),
                argument: lacking.name.clone(),
            },
        );
    }
    Ok(CheckedAction {
        function: signature.name.clone(),
        argument: spec.name.clone(),
        ty: spec.ty.clone(),
        field,
        arguments,
        effect: signature.effect,
    })
}

fn not_an_action<T>(signature: &Signature, span: crate::Span) -> Checked<T> {
    fail(
        span,
        CheckProblem::NotAnAction {
            function: signature.name.to_string(),
        },
    )
}
