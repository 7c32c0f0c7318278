//! From the statements of a checked plan and their results to parts.

use std::collections::BTreeSet;

use plan::{
    CheckedPart, CheckedStatement, DataKind, Field, Label, Operand, PartKind, ResolveError, Scope,
    StatementKind, Step, Type, Value,
};
use protocol::{
    StatementState,
    text::{Language, message},
};

use crate::{
    Body, ChartKind, Data, MAX_ROWS, Part, RowAction, RowsForm, Words, default_view::default_parts,
    words::field_label,
};

/// The results of the statements so far, with their labels.
pub trait Values: Scope {
    /// Returns the label of an operand.
    fn label(&self, operand: &Operand) -> Label;
}

/// Reads the parts of a plan; composes the default view of its queries where it has none.
///
/// `states` are the states of the statements, in order; what is missing is still waiting.
pub fn parts_of(
    statements: &[CheckedStatement],
    states: &[StatementState],
    values: &dyn Values,
    words: &dyn Words,
    language: Language,
) -> Vec<Part> {
    let reading = Reading {
        statements,
        states,
        values,
        words,
        language,
    };
    let parts: Vec<Part> = statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Part(part) => Some(reading.part(statement.index, part)),
            _ => None,
        })
        .collect();
    if parts.is_empty() {
        default_parts(&reading)
    } else {
        parts
    }
}

/// What parts are made from.
pub(crate) struct Reading<'a> {
    pub(crate) statements: &'a [CheckedStatement],
    pub(crate) states: &'a [StatementState],
    pub(crate) values: &'a dyn Values,
    pub(crate) words: &'a dyn Words,
    pub(crate) language: Language,
}

/// Why an operand has no data and will not get any.
pub(crate) enum NoData {
    /// There is nothing to show.
    Nothing,
    /// What it comes from did not succeed.
    Failed,
}

impl Reading<'_> {
    fn part(&self, statement: usize, part: &CheckedPart) -> Part {
        let body = if self.is_lost(statement) {
            Err(NoData::Failed)
        } else {
            self.body(part)
        };
        Part {
            statement,
            ordinal: 0,
            body: body.unwrap_or_else(|no_data| self.without(&no_data)),
        }
    }

    /// Returns what stands in the place of a part without data.
    pub(crate) fn without(&self, no_data: &NoData) -> Body {
        match no_data {
            NoData::Nothing => Body::Empty,
            NoData::Failed => Body::Problem {
                text: message(self.language, "panel-part-skipped", &[]),
                remedy: String::new(),
            },
        }
    }

    fn body(&self, part: &CheckedPart) -> Result<Body, NoData> {
        Ok(match part.kind {
            PartKind::Title => Body::Title(self.text(part, "text")?),
            PartKind::Section => Body::Section(self.text(part, "text")?),
            PartKind::More => Body::More(self.fold_label(part)?),
            PartKind::Text => self.value(part)?,
            PartKind::Meter => self.meter(part)?,
            PartKind::Table => self.rows(part, RowsForm::Table)?,
            PartKind::List => self.rows(part, RowsForm::List)?,
            PartKind::Gallery => self.rows(part, RowsForm::Gallery)?,
            PartKind::Chart => self.chart(part)?,
            PartKind::Image => Body::Image {
                path: self.argument(part, "value")?,
                label: message(self.language, "panel-image", &[]),
            },
            PartKind::Button | PartKind::Toggle | PartKind::Slider | PartKind::Input => {
                self.control(part)?
            }
        })
    }

    fn value(&self, part: &CheckedPart) -> Result<Body, NoData> {
        let operand = part.arguments.get("value").ok_or(NoData::Nothing)?;
        Ok(Body::Value {
            value: self.data(operand)?,
            ty: operand.ty(),
            label: self.step_label(operand),
        })
    }

    fn meter(&self, part: &CheckedPart) -> Result<Body, NoData> {
        let operand = part.arguments.get("value").ok_or(NoData::Nothing)?;
        let label = match part.arguments.contains_key("label") {
            true => self.text(part, "label")?,
            false => self
                .step_label(operand)
                .unwrap_or_else(|| self.source_label(operand)),
        };
        Ok(Body::Meter {
            value: self.data(operand)?,
            max: self.number(part, "max").unwrap_or(100.0),
            ty: operand.ty(),
            label,
        })
    }

    fn rows(&self, part: &CheckedPart, form: RowsForm) -> Result<Body, NoData> {
        let rows = self.argument(part, "rows")?;
        let actions = self.labelled(&part.actions);
        Ok(Body::Rows {
            form,
            inert: self.inert(&rows, &actions),
            rows,
            columns: part.columns.clone(),
            key: part.key.clone(),
            actions,
            caption: None,
        })
    }

    /// Finds the rows on which every action would be refused.
    pub(crate) fn inert(&self, rows: &Data, actions: &[RowAction]) -> BTreeSet<usize> {
        let rows = rows_of(rows).unwrap_or_default();
        // No others are drawn.
        let rows = &rows[..rows.len().min(MAX_ROWS)];
        let mut refused = actions
            .iter()
            .map(|action| self.words.refuses(&action.action, rows));
        let Some(first) = refused.next() else {
            return BTreeSet::new();
        };
        let by_all = refused.fold(first, |all, one| {
            let both = all.into_iter().zip(one);
            both.map(|(all, one)| all && one).collect()
        });
        let places = by_all.into_iter().enumerate();
        places
            .filter(|(_, is_refused)| *is_refused)
            .map(|(place, _)| place)
            .collect()
    }

    /// Puts a function's label on each action.
    pub(crate) fn labelled(&self, actions: &[plan::CheckedAction]) -> Vec<RowAction> {
        let label = |action: &plan::CheckedAction| RowAction {
            label: self.words.function(&action.function),
            action: action.clone(),
        };
        actions.iter().map(label).collect()
    }

    fn chart(&self, part: &CheckedPart) -> Result<Body, NoData> {
        let named = |name: &str| -> Option<&Field> {
            let name = part.arguments.get(name)?.resolve(self.values).ok()?;
            let name = name.as_text()?.to_owned();
            part.columns.iter().find(|field| field.name == name)
        };
        let x = named("x")
            .or_else(|| along(&part.columns))
            .ok_or(NoData::Nothing)?;
        let series: Vec<Field> = match named("y") {
            Some(y) => vec![y.clone()],
            None => upwards(&part.columns, x),
        };
        let written = part
            .arguments
            .get("kind")
            .and_then(|kind| kind.resolve(self.values).ok());
        let kind = match written.as_ref().and_then(Value::as_text) {
            Some("line") => ChartKind::Line,
            // Lengths are told apart more easily than angles.
            Some(_) => ChartKind::Bar,
            None if is_numeric(&x.ty) || x.ty == Type::Time => ChartKind::Line,
            None => ChartKind::Bar,
        };
        Ok(Body::Chart {
            kind,
            rows: self.argument(part, "rows")?,
            x: x.clone(),
            series,
        })
    }

    fn control(&self, part: &CheckedPart) -> Result<Body, NoData> {
        let label = self.text(part, "label")?;
        if part.kind == PartKind::Button {
            let call = part.call.clone().ok_or(NoData::Failed)?;
            return Ok(Body::Button { label, call });
        }
        let action = part.actions.first().cloned().ok_or(NoData::Failed)?;
        Ok(match part.kind {
            PartKind::Toggle => Body::Toggle {
                label,
                value: self.argument(part, "value")?,
                action,
            },
            PartKind::Slider => Body::Slider {
                label,
                value: self.argument(part, "value")?,
                min: self.number(part, "min").unwrap_or(0.0),
                max: self.number(part, "max").unwrap_or(100.0),
                action,
            },
            _ => Body::Input { label, action },
        })
    }

    fn fold_label(&self, part: &CheckedPart) -> Result<String, NoData> {
        if part.arguments.contains_key("label") {
            self.text(part, "label")
        } else {
            Ok(message(self.language, "panel-more", &[]))
        }
    }

    fn argument(&self, part: &CheckedPart, name: &str) -> Result<Data, NoData> {
        self.data(part.arguments.get(name).ok_or(NoData::Nothing)?)
    }

    fn text(&self, part: &CheckedPart, name: &str) -> Result<String, NoData> {
        let language = match self.language {
            Language::English => plan::Language::En,
            Language::Chinese => plan::Language::Zh,
        };
        let operand = part.arguments.get(name).ok_or(NoData::Nothing)?;
        Ok(match self.data(operand)? {
            Data::Pending => "…".to_owned(),
            // Escaped once, where it is drawn.
            Data::Ready {
                value: Value::Text(text),
                ..
            } => text,
            Data::Ready { value, .. } => plan::show_value(&value, &operand.ty(), language),
        })
    }

    fn number(&self, part: &CheckedPart, name: &str) -> Option<f64> {
        part.arguments
            .get(name)?
            .resolve(self.values)
            .ok()?
            .as_number()
    }

    /// Finds the data of an operand.
    pub(crate) fn data(&self, operand: &Operand) -> Result<Data, NoData> {
        let mut sources = Vec::new();
        operand.sources(&mut sources);
        if sources.iter().any(|source| self.is_lost(*source)) {
            return Err(NoData::Failed);
        }
        match operand.resolve(self.values) {
            Ok(value) => Ok(Data::Ready {
                value,
                label: self.values.label(operand),
            }),
            Err(ResolveError::NoResult { statement }) if !self.is_over(statement) => {
                Ok(Data::Pending)
            }
            Err(ResolveError::NoRow { .. }) => Err(NoData::Nothing),
            Err(_) => Err(NoData::Failed),
        }
    }

    fn state(&self, statement: usize) -> StatementState {
        self.states
            .get(statement)
            .copied()
            .unwrap_or(StatementState::Waiting)
    }

    fn is_over(&self, statement: usize) -> bool {
        self.state(statement) == StatementState::Done || self.is_lost(statement)
    }

    fn is_lost(&self, statement: usize) -> bool {
        matches!(
            self.state(statement),
            StatementState::Failed | StatementState::Refused | StatementState::Skipped
        )
    }

    /// Returns the label of the field that an operand leads to.
    fn step_label(&self, operand: &Operand) -> Option<String> {
        let (Operand::Result { steps, .. } | Operand::Param { steps, .. }) = operand else {
            return None;
        };
        steps.iter().rev().find_map(|step| match step {
            Step::Field(field) => Some(field_label(self.language, field)),
            Step::Index(_) => None,
        })
    }

    /// Returns the label of the function that an operand's value comes from.
    fn source_label(&self, operand: &Operand) -> String {
        let Operand::Result { statement, .. } = operand else {
            return message(self.language, "panel-value", &[]);
        };
        self.function_of(*statement).map_or_else(
            || message(self.language, "panel-value", &[]),
            |function| self.words.function(function),
        )
    }

    /// Returns the function whose result a statement gives, through data operations.
    pub(crate) fn function_of(&self, statement: usize) -> Option<&plan::FunctionName> {
        let mut statement = self.statements.get(statement)?;
        loop {
            match &statement.kind {
                StatementKind::Call(call) => return Some(&call.function),
                StatementKind::Data(operation) => match &operation.rows {
                    // A result comes from an earlier statement, so this ends.
                    Operand::Result {
                        statement: source, ..
                    } if *source < statement.index => {
                        statement = self.statements.get(*source)?;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// Says what a data operation's number is; empty when it gives no number.
    pub(crate) fn number_label(&self, kind: &DataKind) -> String {
        match kind {
            DataKind::Count => field_label(self.language, "count"),
            DataKind::Sum { field } => field_label(self.language, &field.name),
            _ => String::new(),
        }
    }
}

/// The rows of a part; one record is one row. None while they are not there.
pub(crate) fn rows_of(rows: &Data) -> Option<&[Value]> {
    Some(match rows.value()? {
        Value::List(rows) => rows,
        one @ Value::Record(_) => std::slice::from_ref(one),
        _ => &[],
    })
}

fn is_numeric(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Int { .. } | Type::Number | Type::Percent | Type::Bytes | Type::Duration
    )
}

/// Chooses the field along: a time, else a name, else the first.
fn along(fields: &[Field]) -> Option<&Field> {
    let by = |wanted: fn(&Type) -> bool| fields.iter().find(|field| wanted(&field.ty));
    by(|ty| *ty == Type::Time)
        .or_else(|| by(|ty| matches!(ty, Type::Text { .. } | Type::App | Type::Choice(_))))
        .or(fields.first())
}

/// Chooses the fields upwards: the first numbers, all of one type, because they share an axis.
fn upwards(fields: &[Field], x: &Field) -> Vec<Field> {
    let mut numbers = fields
        .iter()
        .filter(|field| field.name != x.name && is_numeric(&field.ty));
    let Some(first) = numbers.next() else {
        return Vec::new();
    };
    let same = numbers.filter(|field| field.ty == first.ty).cloned();
    std::iter::once(first.clone()).chain(same).take(4).collect()
}
