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
    if let Output::Record { fields, .. } = &query.output
        && let Some(percent) = fields.iter().find(|field| field.ty == Type::Percent)
    {
        let steps = vec![Step::Field(percent.name.clone())];
        let value = operand(query.index, steps, Type::Percent);
        parts.extend(reading.data(&value).ok().map(|value| {
            part(
                2,
                Body::Meter {
                    value,
                    max: 100.0,
                    ty: Type::Percent,
                    label: label.clone(),
                },
            )
        }));
    }
    let body = query_body(reading, query, label);
    parts.push(part(
        0,
        body.unwrap_or_else(|no_data| reading.without(&no_data)),
    ));
    parts
}

fn query_body(
    reading: &Reading<'_>,
    query: &CheckedStatement,
    label: String,
) -> Result<Body, NoData> {
    let whole = |ty| reading.data(&operand(query.index, Vec::new(), ty));
    let actions = |fields: &[Field], key: Option<&str>| match reading.function_of(query.index) {
        Some(function) => reading.labelled(&reading.words.row_actions(function, fields, key)),
        None => Vec::new(),
    };
    Ok(match &query.output {
        Output::Rows { fields, key } => Body::Rows {
            form: RowsForm::Table,
            rows: whole(Type::Any)?,
            columns: fields.clone(),
            key: key.clone(),
            actions: actions(fields, key.as_deref()),
            caption: None,
        },
        Output::Record { fields, key } => Body::Record {
            record: whole(Type::Any)?,
            fields: fields.clone(),
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
            // A count of files is not “Find files: 3”.
            label: match &query.kind {
                StatementKind::Data(operation) if Reading::is_number_of(&operation.kind) => None,
                _ => Some(label).filter(|label| !label.is_empty()),
            },
        },
        Output::None => Body::Empty,
    })
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
