//! Rows and their fields.

use super::shape::Shape;
use super::value::Followed;
use super::{CheckProblem, Checked, Checker, fail};
use crate::check::part::{is_number, place};
use crate::suggest::closest;
use crate::{Argument, Expression, Field, Literal, Operand, Takes, Type, Word};

/// The rows of a part or of a data operation: where they come from, their fields, their key.
pub(super) type Rows = (Operand, Vec<Field>, Option<String>);

impl Checker<'_> {
    /// Checks a handle of rows.
    pub(super) fn rows(&self, word: &'static Word, argument: &Argument) -> Checked<Rows> {
        let followed = self.handle(word, argument)?;
        match followed.shape.clone() {
            Shape::Rows { fields, key } => Ok((followed.operand(), fields, key)),
            _ => self.not_rows(word, argument),
        }
    }

    /// Checks the rows of a part; a record is drawn as one row.
    pub(super) fn part_rows(&self, word: &'static Word, argument: &Argument) -> Checked<Rows> {
        let followed = self.handle(word, argument)?;
        match followed.shape.clone() {
            Shape::Record { fields, key } => {
                Ok((Operand::List(vec![followed.operand()]), fields, key))
            }
            _ => self.rows(word, argument),
        }
    }

    /// Checks what `each` runs over: rows, or a list of values.
    pub(super) fn items(
        &self,
        word: &'static Word,
        argument: &Argument,
    ) -> Checked<(Operand, Shape)> {
        if let Expression::List(items) = &argument.value {
            let ty = Type::Any;
            let place = place(word, "rows", argument);
            let items: Vec<Operand> = items
                .iter()
                .map(|item| self.operand(item, &ty, &place))
                .collect::<Checked<_>>()?;
            return Ok((Operand::List(items), Shape::One(Type::Any)));
        }
        let followed = self.handle(word, argument)?;
        match followed.shape.clone() {
            shape @ Shape::Rows { .. } => Ok((followed.operand(), shape)),
            Shape::One(Type::List(item)) => Ok((followed.operand(), Shape::One(*item))),
            _ => self.not_rows(word, argument),
        }
    }

    fn handle(&self, word: &'static Word, argument: &Argument) -> Checked<Followed> {
        match self.followed(&argument.value, argument.span) {
            Some(followed) => followed,
            None => match &argument.value {
                Expression::Call(call) => fail(
                    argument.span,
                    CheckProblem::NestedCall {
                        written: call.head.to_string(),
                    },
                ),
                _ => self.not_rows(word, argument),
            },
        }
    }

    fn not_rows<T>(&self, word: &'static Word, argument: &Argument) -> Checked<T> {
        fail(
            argument.span,
            CheckProblem::NotRows {
                callee: word.name.to_owned(),
                written: argument.value.to_string(),
            },
        )
    }

    /// Checks the name of a field; the quotes may be left out.
    pub(super) fn field(
        &self,
        word: &'static Word,
        name: &str,
        argument: &Argument,
        fields: &[Field],
    ) -> Checked<Field> {
        let field = self.field_named(word, name, argument, &argument.value, fields)?;
        let takes = word.arguments.iter().find(|spec| spec.name == name);
        let wants_number = takes.is_some_and(|spec| spec.takes == Takes::NumberField);
        if wants_number && !is_number(&field.ty) {
            return Err(self.wrong_form(word, name, argument));
        }
        Ok(field)
    }

    fn field_named(
        &self,
        word: &'static Word,
        name: &str,
        argument: &Argument,
        written: &Expression,
        fields: &[Field],
    ) -> Checked<Field> {
        let text = match written {
            Expression::Literal(Literal::Text(text)) => text,
            Expression::Reference(reference) if reference.steps.is_empty() => &reference.name,
            _ => return Err(self.wrong_form(word, name, argument)),
        };
        if let Some(field) = fields.iter().find(|field| field.name == *text) {
            return Ok(field.clone());
        }
        let names: Box<[String]> = fields.iter().map(|field| field.name.clone()).collect();
        fail(
            argument.span,
            CheckProblem::UnknownField {
                field: text.clone(),
                of: word.name.to_owned(),
                suggestion: closest(text, names.iter().map(String::as_str)),
                fields: names,
            },
        )
    }

    pub(super) fn columns(
        &self,
        word: &'static Word,
        argument: &Argument,
        fields: &[Field],
    ) -> Checked<Vec<Field>> {
        let written = match &argument.value {
            Expression::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        if written.is_empty() {
            return Ok(fields.to_vec());
        }
        written
            .iter()
            .map(|item| self.field_named(word, "columns", argument, item, fields))
            .collect()
    }
}
