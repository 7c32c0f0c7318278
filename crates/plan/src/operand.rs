//! Checked values: what the kernel evaluates instead of the syntax tree.

use std::collections::BTreeMap;

use crate::{Effect, Field, FunctionName, Step, Type, Value};

/// A checked value of an argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A constant in canonical form: bytes, seconds and percentages as numbers.
    Value {
        /// The constant.
        value: Value,
        /// Its type.
        ty: Type,
    },
    /// A list of operands.
    List(Vec<Operand>),
    /// The result of an earlier statement, or a part of it.
    Result {
        /// The index of the statement.
        statement: usize,
        /// The way into its result; a field of a list means that field of each item.
        steps: Vec<Step>,
        /// The type of what is found there.
        ty: Type,
        /// The name that the person reads, such as `p[0]`.
        written: String,
    },
    /// A parameter of a saved plan, or a part of it.
    Param {
        /// Its name.
        name: String,
        /// The way into its value.
        steps: Vec<Step>,
        /// The type of what is found there.
        ty: Type,
    },
}

/// Where operands find their values.
pub trait Scope {
    /// Returns the result of statement `index`, if it has run.
    fn result(&self, index: usize) -> Option<&Value>;

    /// Returns the value of the parameter `name`.
    fn param(&self, name: &str) -> Option<&Value> {
        let _ = name;
        None
    }

    /// Returns the present moment as RFC 3339 text with the local offset, for words such as `"today"`.
    fn now(&self) -> Option<&str> {
        None
    }
}

/// An operand has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The statement has no result.
    #[error("line {} has no result", .statement + 1)]
    NoResult {
        /// The index of the statement.
        statement: usize,
    },
    /// The parameter has no value.
    #[error("the parameter `{name}` has no value")]
    NoParam {
        /// Its name.
        name: String,
    },
    /// A list is too short.
    #[error("there is no row {index}: only {count} were found")]
    NoRow {
        /// The index that was asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A record has no such field.
    #[error("there is no field `{field}`")]
    NoField {
        /// The field.
        field: String,
    },
    /// What was found cannot be used so.
    #[error("`{found}` is not a list of rows")]
    NotRows {
        /// What was found, in short.
        found: String,
    },
}

impl Operand {
    /// Returns the type of the value.
    pub fn ty(&self) -> Type {
        match self {
            Operand::Value { ty, .. } | Operand::Result { ty, .. } | Operand::Param { ty, .. } => {
                ty.clone()
            }
            Operand::List(items) => {
                Type::List(Box::new(items.first().map_or(Type::Any, Operand::ty)))
            }
        }
    }

    /// Tells whether the plan itself holds the value.
    pub fn is_literal(&self) -> bool {
        match self {
            Operand::Value { .. } => true,
            Operand::List(items) => items.iter().all(Operand::is_literal),
            Operand::Result { .. } | Operand::Param { .. } => false,
        }
    }

    /// Adds the statements that the value comes from to `statements`.
    pub fn sources(&self, statements: &mut Vec<usize>) {
        match self {
            Operand::Result { statement, .. } => statements.push(*statement),
            Operand::List(items) => items.iter().for_each(|item| item.sources(statements)),
            Operand::Value { .. } | Operand::Param { .. } => {}
        }
    }

    /// Finds the value.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] when a statement has no result or the way into it leads nowhere.
    pub fn resolve(&self, scope: &dyn Scope) -> Result<Value, ResolveError> {
        match self {
            Operand::Value { value, .. } => Ok(value.clone()),
            Operand::List(items) => items
                .iter()
                .map(|item| item.resolve(scope))
                .collect::<Result<_, _>>()
                .map(Value::List),
            Operand::Result {
                statement, steps, ..
            } => {
                let value = scope.result(*statement).ok_or(ResolveError::NoResult {
                    statement: *statement,
                })?;
                follow(value, steps)
            }
            Operand::Param { name, steps, .. } => {
                let value = scope
                    .param(name)
                    .ok_or_else(|| ResolveError::NoParam { name: name.clone() })?;
                follow(value, steps)
            }
        }
    }
}

/// Follows `steps` into `value`.
fn follow(value: &Value, steps: &[Step]) -> Result<Value, ResolveError> {
    let Some((step, rest)) = steps.split_first() else {
        return Ok(value.clone());
    };
    match (step, value) {
        (Step::Index(index), Value::List(items)) => match items.get(*index) {
            Some(item) => follow(item, rest),
            None => Err(ResolveError::NoRow {
                index: *index,
                count: items.len(),
            }),
        },
        (Step::Field(_), Value::List(items)) => items
            .iter()
            .map(|item| follow(item, steps))
            .collect::<Result<_, _>>()
            .map(Value::List),
        // The first of no rows is nothing.
        (Step::Field(_), Value::Null) => Err(ResolveError::NoRow { index: 0, count: 0 }),
        (Step::Field(field), value) => match value.field(field) {
            Some(value) => follow(value, rest),
            None => Err(ResolveError::NoField {
                field: field.clone(),
            }),
        },
        (Step::Index(_), value) => Err(ResolveError::NotRows {
            found: kind_name(value).to_owned(),
        }),
    }
}

/// Names the shape of a value in an error.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Record(_) => "a record",
    }
}

/// A checked call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedCall {
    /// The function.
    pub function: FunctionName,
    /// The arguments that were given, by name. Defaults are not filled in.
    pub arguments: BTreeMap<String, Operand>,
    /// What it does to the world.
    pub effect: Effect,
}

/// A function as the action of a row, as what `each` calls, or as what a control sets.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedAction {
    /// The function.
    pub function: FunctionName,
    /// The argument that the row, or the new value, fills.
    pub argument: String,
    /// The type of that argument.
    pub ty: Type,
    /// The field of the row that is passed; [`None`] when the item itself is.
    pub field: Option<String>,
    /// Further arguments.
    pub arguments: BTreeMap<String, Operand>,
    /// What it does to the world.
    pub effect: Effect,
}

impl CheckedAction {
    /// Returns the call for one row, item or new value; [`None`] if the row lacks the field.
    pub fn call(&self, item: &Value) -> Option<CheckedCall> {
        let value = match &self.field {
            Some(field) => item.field(field)?,
            None => item,
        };
        let value = match (&self.ty, value) {
            (Type::List(_), Value::List(_)) => value.clone(),
            (Type::List(_), one) => Value::List(vec![one.clone()]),
            (_, one) => one.clone(),
        };
        let ty = self.ty.clone();
        let mut arguments = self.arguments.clone();
        arguments.insert(self.argument.clone(), Operand::Value { value, ty });
        Some(CheckedCall {
            function: self.function.clone(),
            arguments,
            effect: self.effect,
        })
    }
}

/// A checked data operation; `docs/plan-language.md` says what each one does.
#[derive(Debug, Clone, PartialEq)]
pub struct DataOperation {
    /// Where the rows come from.
    pub rows: Operand,
    /// The fields of the rows.
    pub fields: Vec<Field>,
    /// What is done with them.
    pub kind: DataKind,
}

/// What a data operation does.
#[derive(Debug, Clone, PartialEq)]
pub enum DataKind {
    /// Orders by a field.
    Sort {
        /// The field.
        by: Field,
        /// Greatest first.
        descending: bool,
    },
    /// Keeps the first rows, or those with the greatest field.
    Top {
        /// How many.
        count: usize,
        /// The field; [`None`] keeps the order as it is.
        by: Option<Field>,
    },
    /// Keeps the rows whose field compares so.
    Filter {
        /// The field.
        field: Field,
        /// The comparison.
        comparison: Comparison,
        /// What the field is compared with.
        value: Operand,
    },
    /// Counts the rows.
    Count,
    /// Adds up a field.
    Sum {
        /// The field.
        field: Field,
    },
    /// Takes the first row; nothing if there is none.
    First,
}

/// A comparison of `filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `contains`, for texts; upper and lower case are the same.
    Contains,
}
