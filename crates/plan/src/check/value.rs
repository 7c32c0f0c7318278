//! Values of arguments: literals, lists, references.

use super::shape::{NoStep, Shape};
use super::{CheckError, CheckProblem, Checked, Checker, Origin, Wanted, fail};
use crate::conform::{canonical, literal_type};
use crate::names::{as_function, as_reference};
use crate::suggest::closest;
use crate::{
    Expression, FunctionName, Literal, Mismatch, Operand, Reference, Span, Step, Type, Value,
    assignable, check_value,
};

/// Where a value stands, for the sentence of an error.
pub(super) struct Place<'p> {
    pub(super) callee: &'p str,
    pub(super) argument: &'p str,
    /// Whether a path must name exactly one thing: `*` and `?` are refused.
    pub(super) exact_paths: bool,
    pub(super) span: Span,
}

/// A reference that was followed.
pub(super) struct Followed {
    origin: Origin,
    name: String,
    steps: Vec<Step>,
    written: String,
    pub(super) shape: Shape,
}

impl Followed {
    /// Returns the operand for the whole value.
    pub(super) fn operand(self) -> Operand {
        let ty = self.shape.ty();
        self.finish(ty)
    }

    /// Returns the operand for a field of the record, or of each row.
    pub(super) fn field(mut self, name: &str, ty: Type) -> Operand {
        self.steps.push(Step::Field(name.to_owned()));
        self.finish(ty)
    }

    fn finish(self, ty: Type) -> Operand {
        match self.origin {
            Origin::Statement(statement) => Operand::Result {
                statement,
                steps: self.steps,
                ty,
                written: self.written,
            },
            Origin::Param => Operand::Param {
                name: self.name,
                steps: self.steps,
                ty,
            },
        }
    }
}

impl Checker<'_> {
    /// Checks an expression that must be of type `ty`.
    pub(super) fn operand(
        &self,
        expression: &Expression,
        ty: &Type,
        place: &Place<'_>,
    ) -> Checked<Operand> {
        match expression {
            Expression::Literal(literal) => self.literal_operand(literal, ty, place),
            Expression::List(items) => self.list(expression, items, ty, place),
            Expression::Reference(reference) => self.referenced(reference, ty, place),
            Expression::Function(function) => {
                let reference = as_reference(function, place.span);
                if self.is_bound(&reference.name) {
                    self.referenced(&reference, ty, place)
                } else {
                    Err(self.wrong_type(expression, ty, place, None))
                }
            }
            Expression::Call(call) => fail(
                place.span,
                CheckProblem::NestedCall {
                    written: call.head.to_string(),
                },
            ),
        }
    }

    fn literal_operand(&self, literal: &Literal, ty: &Type, place: &Place<'_>) -> Checked<Operand> {
        // One value where a list is wanted is a list of one.
        if let (Type::List(item), false) = (ty, *literal == Literal::None) {
            let value = self.literal(literal, item, place)?;
            return Ok(Operand::List(vec![Operand::Value {
                value,
                ty: item.as_ref().clone(),
            }]));
        }
        let value = self.literal(literal, ty, place)?;
        let ty = match ty {
            Type::Any => literal_type(literal),
            ty => ty.clone(),
        };
        Ok(Operand::Value { value, ty })
    }

    /// Checks a literal and returns its canonical value.
    pub(super) fn literal(
        &self,
        literal: &Literal,
        ty: &Type,
        place: &Place<'_>,
    ) -> Checked<Value> {
        let expression = || Expression::Literal(literal.clone());
        let Some(mut value) = canonical(literal, ty) else {
            return Err(self.wrong_type(&expression(), ty, place, Some(literal_type(literal))));
        };
        if let Err(mismatch) = check_value(&value, ty) {
            return Err(self.mismatch(mismatch, &expression(), ty, place));
        }
        if let (Type::Live(source), Value::Text(text)) = (ty, &value) {
            value = Value::Text(self.live_name(source, text, place)?);
        }
        let pattern = matches!(&value, Value::Text(text) if text.contains(['*', '?']));
        if pattern && place.exact_paths && matches!(ty, Type::Path(_)) {
            return fail(
                place.span,
                CheckProblem::Wildcard {
                    callee: place.callee.to_owned(),
                    argument: place.argument.to_owned(),
                },
            );
        }
        Ok(value)
    }

    /// Finds the live name that `text` means; upper and lower case are the same.
    ///
    /// A source without names is one that nobody has asked yet: the function resolves the text.
    fn live_name(&self, source: &str, text: &str, place: &Place<'_>) -> Checked<String> {
        let names = self.live.of(source);
        let same = |name: &&String| name.to_lowercase() == text.to_lowercase();
        match names.iter().find(same) {
            Some(name) => Ok(name.clone()),
            None if names.is_empty() => Ok(text.to_owned()),
            None => fail(
                place.span,
                CheckProblem::UnknownLive {
                    argument: place.argument.to_owned(),
                    written: text.to_owned(),
                    suggestion: closest(text, names.iter().map(String::as_str)),
                },
            ),
        }
    }

    fn list(
        &self,
        expression: &Expression,
        items: &[Expression],
        ty: &Type,
        place: &Place<'_>,
    ) -> Checked<Operand> {
        let item_type = match ty {
            Type::List(item) => item.as_ref(),
            Type::Any => &Type::Any,
            _ => {
                return fail(
                    place.span,
                    CheckProblem::ListForOne {
                        callee: place.callee.to_owned(),
                        written: expression.to_string(),
                    },
                );
            }
        };
        items
            .iter()
            .map(|item| self.operand(item, item_type, place))
            .collect::<Checked<_>>()
            .map(Operand::List)
    }

    /// Follows a reference, and its row to the key where a lone value is wanted.
    fn referenced(&self, reference: &Reference, ty: &Type, place: &Place<'_>) -> Checked<Operand> {
        let followed = self.follow(reference, place.span)?;
        let found = followed.shape.ty();
        let wanted_item = match ty {
            Type::List(item) => item.as_ref(),
            ty => ty,
        };
        let wants_list = matches!(ty, Type::List(_));
        let whole = matches!(wanted_item, Type::Record(_) | Type::Any);
        let wrong = || {
            let written = Expression::Reference(reference.clone());
            self.wrong_type(&written, ty, place, Some(found.clone()))
        };
        match &followed.shape {
            Shape::Nothing => fail(
                place.span,
                CheckProblem::NoResult {
                    written: reference.to_string(),
                },
            ),
            Shape::One(found) if assignable(found, ty) => Ok(followed.operand()),
            Shape::One(found) if wants_list && assignable(found, wanted_item) => {
                Ok(Operand::List(vec![followed.operand()]))
            }
            Shape::One(Type::List(found)) if assignable(found, ty) => {
                Err(list_for_one(reference, place))
            }
            Shape::One(_) => Err(wrong()),
            Shape::Record { .. } if whole && !wants_list => Ok(followed.operand()),
            Shape::Rows { .. } if whole && (wants_list || *ty == Type::Any) => {
                Ok(followed.operand())
            }
            shape => {
                let Some(key) = shape.key_field().cloned() else {
                    return Err(no_key(shape, reference, place));
                };
                if !assignable(&key.ty, wanted_item) {
                    return Err(
                        if shape
                            .fields()
                            .iter()
                            .any(|f| assignable(&f.ty, wanted_item))
                        {
                            no_key(shape, reference, place)
                        } else {
                            wrong()
                        },
                    );
                }
                match (shape, wants_list) {
                    (Shape::Rows { .. }, false) => Err(list_for_one(reference, place)),
                    (Shape::Rows { .. }, true) => {
                        let ty = Type::List(Box::new(key.ty.clone()));
                        Ok(followed.field(&key.name, ty))
                    }
                    (_, false) => Ok(followed.field(&key.name, key.ty.clone())),
                    (_, true) => Ok(Operand::List(vec![
                        followed.field(&key.name, key.ty.clone()),
                    ])),
                }
            }
        }
    }

    /// Finds what a reference names.
    pub(super) fn follow(&self, reference: &Reference, span: Span) -> Checked<Followed> {
        let binding = self
            .bindings
            .iter()
            .rev()
            .find(|b| b.name == reference.name);
        let Some(binding) = binding else {
            let names = self.bindings.iter().map(|binding| binding.name.as_str());
            return fail(
                span,
                CheckProblem::UnknownName {
                    name: reference.name.clone(),
                    suggestion: closest(&reference.name, names),
                },
            );
        };
        let mut shape = binding.shape.clone();
        for step in &reference.steps {
            shape = shape
                .step(step)
                .map_err(|problem| no_step(problem, reference, span))?;
        }
        Ok(Followed {
            origin: binding.origin,
            name: reference.name.clone(),
            steps: reference.steps.clone(),
            written: reference.to_string(),
            shape,
        })
    }

    /// Follows an expression that may be a reference; [`None`] if it is none.
    pub(super) fn followed(
        &self,
        expression: &Expression,
        span: Span,
    ) -> Option<Checked<Followed>> {
        match expression {
            Expression::Reference(reference) => Some(self.follow(reference, span)),
            Expression::Function(function) if self.is_bound(function.domain()) => {
                Some(self.follow(&as_reference(function, span), span))
            }
            _ => None,
        }
    }

    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.bindings.iter().any(|binding| binding.name == name)
    }

    /// Reads an expression as a function's name, whatever is bound.
    pub(super) fn as_function_name(expression: &Expression) -> Option<FunctionName> {
        match expression {
            Expression::Function(function) => Some(function.clone()),
            Expression::Reference(reference) => as_function(reference),
            _ => None,
        }
    }

    pub(super) fn wrong_type(
        &self,
        expression: &Expression,
        ty: &Type,
        place: &Place<'_>,
        found: Option<Type>,
    ) -> CheckError {
        CheckError {
            span: place.span,
            problem: CheckProblem::WrongType {
                callee: place.callee.to_owned(),
                argument: place.argument.to_owned(),
                wanted: Box::new(Wanted::Type(ty.clone())),
                written: expression.to_string(),
                found: found.map(Box::new),
            },
        }
    }

    fn mismatch(
        &self,
        mismatch: Mismatch,
        expression: &Expression,
        ty: &Type,
        place: &Place<'_>,
    ) -> CheckError {
        let argument = place.argument.to_owned();
        let problem = match mismatch {
            Mismatch::OutOfRange => CheckProblem::OutOfRange {
                callee: place.callee.to_owned(),
                argument,
                wanted: Box::new(Wanted::Type(ty.clone())),
                written: expression.to_string(),
            },
            Mismatch::UnknownChoice { suggestion } => CheckProblem::UnknownChoice {
                argument,
                written: match expression {
                    Expression::Literal(Literal::Text(text)) => text.clone(),
                    other => other.to_string(),
                },
                choices: match ty {
                    Type::Choice(words) => words.clone().into(),
                    _ => Box::default(),
                },
                suggestion,
            },
            Mismatch::TooLong { max } => CheckProblem::TooLong { argument, max },
            _ => return self.wrong_type(expression, ty, place, None),
        };
        CheckError {
            span: place.span,
            problem,
        }
    }
}

fn list_for_one(reference: &Reference, place: &Place<'_>) -> CheckError {
    CheckError {
        span: place.span,
        problem: CheckProblem::ListForOne {
            callee: place.callee.to_owned(),
            written: reference.to_string(),
        },
    }
}

fn no_key(shape: &Shape, reference: &Reference, place: &Place<'_>) -> CheckError {
    CheckError {
        span: place.span,
        problem: CheckProblem::NoKey {
            callee: place.callee.to_owned(),
            argument: place.argument.to_owned(),
            written: reference.to_string(),
            fields: shape.fields().iter().map(|f| f.name.clone()).collect(),
        },
    }
}

fn no_step(problem: NoStep, reference: &Reference, span: Span) -> CheckError {
    let problem = match problem {
        NoStep::Index => CheckProblem::NotIndexable {
            written: reference.name.clone(),
        },
        NoStep::Field(field, fields) => {
            let fields: Box<[String]> = fields.into_iter().map(|field| field.name).collect();
            CheckProblem::UnknownField {
                suggestion: closest(&field, fields.iter().map(String::as_str)),
                of: reference.name.clone(),
                field,
                fields,
            }
        }
    };
    CheckError { span, problem }
}
