//! The check: syntax tree → checked plan.
//!
//! Works statement by statement, so that a line can run while the next one is
//! still being written.

mod arguments;
mod error;
mod part;
mod rows;
mod shape;
mod value;

pub(crate) use crate::check::part::{is_number, is_textual, row_argument};

pub use crate::check::error::{CheckError, CheckProblem, Wanted};

use crate::check::arguments::Callee;
use crate::check::shape::Shape;
use crate::suggest::{closest, closest_function};
use crate::{
    Argument, Call, CheckedParam, CheckedPlan, CheckedStatement, Comparison, DataKind,
    DataOperation, Expression, Field, FunctionName, Head, Literal, LiveNames, Operand, Output,
    Param, Plan, Signature, Signatures, Span, Statement, StatementKind, Type, WORDS, Word,
    WordKind,
};

/// Checks a whole plan.
///
/// # Errors
///
/// One error for each statement that has one, in order. A statement that uses
/// the name of a failed one is not reported a second time.
pub fn check(
    plan: &Plan,
    signatures: &dyn Signatures,
    live: &LiveNames,
) -> Result<CheckedPlan, Vec<CheckError>> {
    let mut checker = Checker::new(signatures, live);
    let mut checked = CheckedPlan::default();
    let mut errors = Vec::new();
    for param in &plan.params {
        match checker.param(param) {
            Ok(param) => checked.params.push(param),
            Err(error) => errors.push(error),
        }
    }
    let mut failed: Vec<&str> = Vec::new();
    for statement in &plan.statements {
        match checker.statement(statement) {
            Ok(statement) => checked.statements.push(statement),
            Err(error) => {
                let follows = matches!(&error.problem,
                    CheckProblem::UnknownName { name, .. } if failed.contains(&name.as_str()));
                if !follows {
                    errors.push(error);
                }
                failed.extend(statement.name.as_deref());
            }
        }
    }
    if errors.is_empty() {
        Ok(checked)
    } else {
        Err(errors)
    }
}

/// Checks a plan line by line.
pub struct Checker<'a> {
    signatures: &'a dyn Signatures,
    live: &'a LiveNames,
    bindings: Vec<Binding>,
    next: usize,
}

/// A name and what it stands for; the newest of a name counts.
struct Binding {
    name: String,
    origin: Origin,
    shape: Shape,
}

#[derive(Clone, Copy)]
enum Origin {
    Statement(usize),
    Param,
}

type Checked<T> = Result<T, CheckError>;

impl<'a> Checker<'a> {
    /// Starts a plan over these functions and live names.
    pub fn new(signatures: &'a dyn Signatures, live: &'a LiveNames) -> Self {
        Checker {
            signatures,
            live,
            bindings: Vec::new(),
            next: 0,
        }
    }

    /// Checks a parameter and makes its name known.
    ///
    /// # Errors
    ///
    /// [`CheckError`] when its default is not of its type.
    pub fn param(&mut self, param: &Param) -> Result<CheckedParam, CheckError> {
        let default = match &param.default {
            None => None,
            Some(literal) => {
                let place = value::Place {
                    callee: "param",
                    argument: &param.name,
                    exact_paths: false,
                    span: param.span,
                };
                Some(self.literal(literal, &param.ty, &place)?)
            }
        };
        self.bindings.push(Binding {
            name: param.name.clone(),
            origin: Origin::Param,
            shape: Shape::of_type(&param.ty),
        });
        Ok(CheckedParam {
            name: param.name.clone(),
            ty: param.ty.clone(),
            default,
        })
    }

    /// Checks the next statement; on success its index is taken and its name is known.
    ///
    /// # Errors
    ///
    /// [`CheckError`], after which the statement counts as not written: the next
    /// one (a repair, perhaps) takes its index.
    pub fn statement(&mut self, statement: &Statement) -> Result<CheckedStatement, CheckError> {
        let (kind, output) = match &statement.call.head {
            Head::Function(name) => self.function_statement(name, &statement.call)?,
            Head::Word(name) => self.word_statement(name, &statement.call)?,
        };
        if let (Some(name), Output::None) = (&statement.name, &output) {
            return fail(
                statement.span,
                CheckProblem::NothingToBind {
                    callee: statement.call.head.to_string(),
                    name: name.clone(),
                },
            );
        }
        let index = self.next;
        self.next += 1;
        if let Some(name) = &statement.name {
            self.bindings.push(Binding {
                name: name.clone(),
                origin: Origin::Statement(index),
                shape: Shape::of_output(&output),
            });
        }
        Ok(CheckedStatement {
            index,
            name: statement.name.clone(),
            dependencies: dependencies(&kind),
            kind,
            output,
            text: statement.to_string(),
            span: statement.span,
        })
    }

    fn function_statement(
        &self,
        name: &FunctionName,
        call: &Call,
    ) -> Checked<(StatementKind, Output)> {
        let signature = self.signature(name, call.span)?;
        let checked = self.function_call(signature, call)?;
        Ok((StatementKind::Call(checked), signature.output.clone()))
    }

    fn word_statement(&self, name: &str, call: &Call) -> Checked<(StatementKind, Output)> {
        let Some(word) = crate::word(name) else {
            let words = WORDS.iter().map(|word| word.name);
            return fail(
                call.span,
                CheckProblem::UnknownWord {
                    name: name.to_owned(),
                    suggestion: closest(name, words).or_else(|| self.nearest_function(name)),
                },
            );
        };
        match word.kind {
            WordKind::Part => {
                let part = self.part(word, call)?;
                Ok((StatementKind::Part(Box::new(part)), Output::None))
            }
            WordKind::Data => {
                let (operation, output) = self.data(word, call)?;
                Ok((StatementKind::Data(operation), output))
            }
            WordKind::Each => Ok((self.each(word, call)?, Output::None)),
            WordKind::Say => {
                let arguments = self.word_arguments(word, &call.arguments, call.span)?;
                let text = self.text(word, &arguments, "text", crate::MAX_WORDS)?;
                Ok((StatementKind::Say { text }, Output::None))
            }
            WordKind::Ask => Ok((self.ask(word, call)?, Output::None)),
        }
    }

    fn ask(&self, word: &'static Word, call: &Call) -> Checked<StatementKind> {
        let arguments = self.word_arguments(word, &call.arguments, call.span)?;
        let text = self.text(word, &arguments, "text", crate::MAX_WORDS)?;
        let choices = match arguments.get("choices") {
            None => Vec::new(),
            Some(argument) => self.choices(word, argument)?,
        };
        Ok(StatementKind::Ask { text, choices })
    }

    fn choices(&self, word: &'static Word, argument: &Argument) -> Checked<Vec<String>> {
        let wrong = || self.wrong_form(word, "choices", argument);
        let Expression::List(items) = &argument.value else {
            return Err(wrong());
        };
        let text = |item: &Expression| match item {
            Expression::Literal(Literal::Text(text))
                if text.chars().count() <= crate::MAX_LABEL =>
            {
                Ok(text.clone())
            }
            _ => Err(wrong()),
        };
        if items.len() > 6 {
            return Err(wrong());
        }
        items.iter().map(text).collect()
    }

    fn each(&self, word: &'static Word, call: &Call) -> Checked<StatementKind> {
        let (own, further) = split_each(&call.arguments);
        let arguments = self.word_arguments(word, &own, call.span)?;
        let (Some(written), Some(function)) = (arguments.get("rows"), arguments.get("function"))
        else {
            return Err(self.missing(word, "function", call.span));
        };
        let (mut rows, shape) = self.items(word, written)?;
        let function = self.function_named(word, "function", function)?;
        let action = self.row_action(function, &shape, &further)?;
        if let Expression::List(_) = &written.value {
            // Only now is it known of which type the items of a written list must be.
            let ty = Type::List(Box::new(action.ty.clone()));
            rows = self.function_argument(function.0, &action.argument, &ty, written)?;
        }
        Ok(StatementKind::Each { rows, action })
    }

    fn data(&self, word: &'static Word, call: &Call) -> Checked<(DataOperation, Output)> {
        let arguments = self.word_arguments(word, &call.arguments, call.span)?;
        let Some(rows) = arguments.get("rows") else {
            return Err(self.missing(word, "rows", call.span));
        };
        let (rows, fields, key) = self.rows(word, rows)?;
        let field = |name: &str| match arguments.get(name) {
            None => Ok(None),
            Some(argument) => self.field(word, name, argument, &fields).map(Some),
        };
        let needed =
            |name: &'static str| field(name)?.ok_or_else(|| self.missing(word, name, call.span));
        let same_rows = Output::Rows {
            fields: fields.clone(),
            key: key.clone(),
        };
        let (kind, output) = match word.name {
            "sort" => {
                let descending = self.flag(word, &arguments, "desc")?;
                let by = needed("by")?;
                (DataKind::Sort { by, descending }, same_rows)
            }
            "top" => {
                let count = self.count(word, &arguments)?;
                let by = field("by")?;
                (DataKind::Top { count, by }, same_rows)
            }
            "filter" => {
                let field = needed("field")?;
                let kind = self.filter(word, &arguments, field, call.span)?;
                (kind, same_rows)
            }
            "count" => {
                let ty = Type::Int {
                    min: Some(0),
                    max: None,
                };
                (DataKind::Count, Output::Value { ty })
            }
            "sum" => {
                let field = needed("field")?;
                let ty = match field.ty {
                    Type::Bytes | Type::Duration => field.ty.clone(),
                    _ => Type::Number,
                };
                (DataKind::Sum { field }, Output::Value { ty })
            }
            _ => {
                let fields = fields.clone();
                (DataKind::First, Output::Record { fields, key })
            }
        };
        let operation = DataOperation { rows, fields, kind };
        Ok((operation, output))
    }

    fn filter(
        &self,
        word: &'static Word,
        arguments: &arguments::WordArguments<'_>,
        field: Field,
        span: Span,
    ) -> Checked<DataKind> {
        let (Some(op), Some(value)) = (arguments.get("op"), arguments.get("value")) else {
            return Err(self.missing(word, "value", span));
        };
        let Expression::Literal(Literal::Text(written)) = &op.value else {
            return Err(self.wrong_form(word, "op", op));
        };
        let Some(comparison) = Comparison::of_text(written) else {
            return fail(
                op.span,
                CheckProblem::UnknownChoice {
                    argument: "op".to_owned(),
                    written: written.clone(),
                    choices: Comparison::ALL
                        .map(|(written, _)| written.to_owned())
                        .into(),
                    suggestion: None,
                },
            );
        };
        if !comparison.fits(&field.ty) {
            return fail(
                op.span,
                CheckProblem::NoSuchComparison {
                    op: written.clone(),
                    field: field.name,
                },
            );
        }
        let ty = match &field.ty {
            Type::Path(_) | Type::App | Type::Live(_) | Type::Text { .. } => {
                Type::Text { max: 400 }
            }
            _ if comparison == Comparison::Contains => Type::Text { max: 400 },
            ty => ty.clone(),
        };
        let place = value::Place {
            callee: word.name,
            argument: "value",
            exact_paths: false,
            span: value.span,
        };
        let value = self.operand(&value.value, &ty, &place)?;
        Ok(DataKind::Filter {
            field,
            comparison,
            value,
        })
    }

    pub(crate) fn signature(&self, name: &FunctionName, span: Span) -> Checked<&'a Signature> {
        self.signatures.signature(name).ok_or_else(|| CheckError {
            span,
            problem: CheckProblem::UnknownFunction {
                name: name.to_string(),
                suggestion: self.nearest_function(name.as_str()),
            },
        })
    }

    fn nearest_function(&self, written: &str) -> Option<String> {
        let names: Vec<&str> = self
            .signatures
            .signatures()
            .map(|signature| signature.name.as_str())
            .collect();
        closest_function(written, names.iter().copied())
    }

    fn missing(&self, word: &'static Word, name: &str, span: Span) -> CheckError {
        CheckError {
            span,
            problem: CheckProblem::MissingArgument {
                callee: word.name.to_owned(),
                name: name.to_owned(),
                ty: Callee::Word(word).wanted(name).short(),
            },
        }
    }
}

/// Separates the two arguments of `each` from those that it passes on.
fn split_each(arguments: &[Argument]) -> (Vec<Argument>, Vec<Argument>) {
    arguments.iter().cloned().partition(|argument| {
        argument
            .name
            .as_deref()
            .is_none_or(|name| matches!(name, "rows" | "function"))
    })
}

fn dependencies(kind: &StatementKind) -> Vec<usize> {
    let mut found = Vec::new();
    kind.operands(&mut |operand: &Operand| operand.sources(&mut found));
    found.sort_unstable();
    found.dedup();
    found
}

fn fail<T>(span: Span, problem: CheckProblem) -> Checked<T> {
    Err(CheckError { span, problem })
}
