//! What a plan shows that asks something and names no parts.

use plan::{
    CheckedAction, CheckedStatement, Effect, Field, FunctionName, Operand, Output, Role, Signature,
    StatementKind, Step, Type, assignable,
};

use crate::{
    Body, Part, RowsForm,
    parts::{NoData, Reading},
};

/// How many actions a row gets of itself.
const ROW_ACTIONS: usize = 4;

/// Composes a part for each query whose result no later statement uses.
pub(crate) fn default_parts(reading: &Reading<'_>) -> Vec<Part> {
    let used: Vec<usize> = reading
        .statements
        .iter()
        .flat_map(|statement| statement.dependencies.iter().copied())
        .collect();
    let queries: Vec<&CheckedStatement> = reading
        .statements
        .iter()
        .filter(|statement| is_query(statement) && !used.contains(&statement.index))
        .collect();
    let several = queries.len() > 1;
    queries
        .into_iter()
        .flat_map(|query| query_parts(reading, query, several))
        .collect()
}

fn is_query(statement: &CheckedStatement) -> bool {
    let reads = match &statement.kind {
        StatementKind::Call(call) => call.effect == Effect::Read,
        StatementKind::Data(_) => true,
        _ => false,
    };
    reads && statement.output != Output::None
}

/// One query: its section where there are several, a meter for its percentage, and the rest.
fn query_parts(reading: &Reading<'_>, query: &CheckedStatement, several: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let title = reading
        .function_of(query.index)
        .map(|function| reading.words.function(function));
    let part = |ordinal, body| Part {
        statement: query.index,
        ordinal,
        body,
    };
    if let (true, Some(title)) = (several, &title) {
        parts.push(part(1, Body::Section(title.clone())));
    }
    let label = title.unwrap_or_default();
    let meter = percent_meter(reading, query, &label);
    let is_metered = meter.is_some();
    parts.extend(meter.map(|body| part(2, body)));
    let body = query_body(reading, query, label, is_metered);
    parts.push(part(
        0,
        body.unwrap_or_else(|no_data| reading.without(&no_data)),
    ));
    // A record of a percentage alone is told by the meter.
    let told = |part: &Part| matches!(&part.body, Body::Record { fields, .. } if fields.is_empty());
    parts.retain(|part| !(is_metered && told(part)));
    parts
}

/// A meter for the first percentage of a record.
fn percent_meter(reading: &Reading<'_>, query: &CheckedStatement, label: &str) -> Option<Body> {
    let Output::Record { fields, .. } = &query.output else {
        return None;
    };
    let percent = fields.iter().find(|field| field.ty == Type::Percent)?;
    let steps = vec![Step::Field(percent.name.clone())];
    let value = reading
        .data(&operand(query.index, steps, Type::Percent))
        .ok()?;
    Some(Body::Meter {
        value,
        max: 100.0,
        ty: Type::Percent,
        label: label.to_owned(),
    })
}

/// The columns of a table of itself: a path shows the name of its file, so it stands in the name's place.
fn default_columns(fields: &[Field], key: Option<&str>) -> Vec<Field> {
    let path = fields
        .iter()
        .find(|field| Some(field.name.as_str()) == key && matches!(field.ty, Type::Path(_)));
    let Some(path) = path else {
        return fields.to_vec();
    };
    let rest = fields
        .iter()
        .filter(|field| field.name != path.name && field.name != "name");
    std::iter::once(path).chain(rest).cloned().collect()
}

fn query_body(
    reading: &Reading<'_>,
    query: &CheckedStatement,
    label: String,
    is_metered: bool,
) -> Result<Body, NoData> {
    let whole = |ty| reading.data(&operand(query.index, Vec::new(), ty));
    let actions = |fields: &[Field], key: Option<&str>| match reading.function_of(query.index) {
        Some(function) => reading.labelled(&reading.words.row_actions(function, fields, key)),
        None => Vec::new(),
    };
    Ok(match &query.output {
        Output::Rows { fields, key } => {
            let (rows, actions) = (whole(Type::Any)?, actions(fields, key.as_deref()));
            Body::Rows {
                form: RowsForm::Table,
                inert: reading.inert(&rows, &actions),
                rows,
                columns: default_columns(fields, key.as_deref()),
                key: key.clone(),
                actions,
                caption: None,
            }
        }
        Output::Record { fields, key } => Body::Record {
            record: whole(Type::Any)?,
            fields: without_metered(fields, is_metered),
            actions: actions(fields, key.as_deref()),
            caption: None,
        },
        Output::Value { ty: Type::Percent } => Body::Meter {
            value: whole(Type::Percent)?,
            max: 100.0,
            ty: Type::Percent,
            label,
        },
        Output::Value { ty } => Body::Value {
            value: whole(ty.clone())?,
            ty: ty.clone(),
            label: match &query.kind {
                // A count of files is not “Find files: 3”.
                StatementKind::Data(operation) => Some(reading.number_label(&operation.kind)),
                _ => Some(label),
            }
            .filter(|label| !label.is_empty()),
        },
        Output::None => Body::Empty,
    })
}

fn without_metered(fields: &[Field], is_metered: bool) -> Vec<Field> {
    let metered = fields
        .iter()
        .position(|field| is_metered && field.ty == Type::Percent);
    let kept = |(at, _): &(usize, &Field)| Some(*at) != metered;
    let fields = fields.iter().enumerate().filter(kept);
    fields.map(|(_, field)| field.clone()).collect()
}

fn operand(statement: usize, steps: Vec<Step>, ty: Type) -> Operand {
    Operand::Result {
        statement,
        steps,
        ty,
        written: String::new(),
    }
}

/// Chooses from `functions` what can sensibly be done with rows from `source`.
///
/// That is what acts, takes the row's key as the kind of thing it is, and needs
/// nothing else: at most four, those of the source's own domain first, the
/// passing before the lasting ones. What leaves the machine is never offered of itself.
pub fn row_actions<'a>(
    functions: impl IntoIterator<Item = &'a Signature>,
    source: &FunctionName,
    fields: &[Field],
    key: Option<&str>,
) -> Vec<CheckedAction> {
    let Some(key) = fields.iter().find(|field| Some(field.name.as_str()) == key) else {
        return Vec::new();
    };
    let mut fitting: Vec<(&Signature, CheckedAction)> = functions
        .into_iter()
        .filter_map(|signature| Some((signature, action_on(signature, source, key)?)))
        .collect();
    fitting.sort_by_key(|(signature, action)| {
        (
            signature.name.domain() != source.domain(),
            action.effect,
            signature.name.clone(),
        )
    });
    fitting
        .into_iter()
        .map(|(_, action)| action)
        .take(ROW_ACTIONS)
        .collect()
}

fn action_on(signature: &Signature, source: &FunctionName, key: &Field) -> Option<CheckedAction> {
    let acts = matches!(
        signature.effect,
        Effect::Transient | Effect::Reversible | Effect::Irreversible
    );
    let subject = signature.subject()?;
    let alone = signature
        .arguments
        .iter()
        .all(|argument| argument.name == subject.name || !argument.required);
    let one = match &subject.ty {
        Type::List(item) => item.as_ref(),
        ty => ty,
    };
    let same_kind = match (&key.ty, one) {
        (Type::Path(_), Type::Path(_)) | (Type::App, Type::App) => assignable(&key.ty, one),
        (Type::Live(from), Type::Live(to)) => from == to,
        // A number or a text identifies something only where it has the same name.
        (from, to) => {
            signature.name.domain() == source.domain()
                && subject.name == key.name
                && assignable(from, to)
        }
    };
    (acts && alone && same_kind && subject.role == Role::Critical).then(|| CheckedAction {
        function: signature.name.clone(),
        argument: subject.name.clone(),
        ty: subject.ty.clone(),
        field: Some(key.name.clone()),
        arguments: Default::default(),
        effect: signature.effect,
    })
}
