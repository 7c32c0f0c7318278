//! Rows as a table, a list or a gallery, with a handle for each.

use std::collections::{BTreeMap, BTreeSet};

use plan::{Field, Label, Type, Value};
use protocol::text::Language;
use serde_json::{Map, Value as Json, json};

use super::{
    Place, Rendered, at, by_verb, column, column_keys, empty, object, shown_actions, words,
};
use crate::{
    Data, RowAction, RowsForm,
    bindings::{Binding, chosen},
    cell::{cell, file_uri, type_word},
    parts::rows_of,
    validate::MAX_ROWS,
};

/// The handles of all rows of a panel. A row that comes again keeps its handle;
/// no handle is ever given to another row.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    last: u64,
    /// By component and identity.
    given: BTreeMap<String, BTreeMap<String, String>>,
}

impl Handles {
    /// Returns the handles of the rows of `component`, which have these identities.
    fn give(&mut self, component: &str, identities: Vec<String>) -> Vec<String> {
        let old = self.given.remove(component).unwrap_or_default();
        let mut new = BTreeMap::new();
        let handles = identities
            .into_iter()
            .map(|identity| {
                let mut distinct = identity.clone();
                let mut count = 0;
                while new.contains_key(&distinct) {
                    count += 1;
                    distinct = format!("{identity}#{count}");
                }
                let handle = old.get(&distinct).cloned().unwrap_or_else(|| {
                    self.last += 1;
                    format!("r{}", self.last)
                });
                new.insert(distinct, handle.clone());
                handle
            })
            .collect();
        self.given.insert(component.to_owned(), new);
        handles
    }
}

/// A part that draws rows.
pub(super) struct RowsPart<'a> {
    pub(super) form: RowsForm,
    pub(super) rows: &'a Data,
    pub(super) columns: &'a [Field],
    pub(super) key: Option<&'a str>,
    pub(super) actions: &'a [RowAction],
    pub(super) inert: &'a BTreeSet<usize>,
    pub(super) caption: Option<&'a str>,
}

impl RowsPart<'_> {
    pub(super) fn render(&self, place: &mut Place<'_>) -> Rendered {
        let component = object(self.component(place));
        match rows_of(self.rows) {
            None => Rendered {
                component,
                data: None,
                binding: None,
            },
            Some([]) => empty(place.language),
            Some(rows) => self.with_rows(component, rows, place),
        }
    }

    fn component(&self, place: &Place<'_>) -> Json {
        let rows = at(place.id, "rows");
        let (total, offset) = (at(place.id, "total"), at(place.id, "offset"));
        let actions = shown_actions(self.actions);
        let mut component = match self.form {
            RowsForm::Table => {
                let keys = column_keys(self.columns.iter());
                let columns = self.columns.iter().zip(&keys);
                let columns: Vec<Json> = columns
                    .map(|(field, key)| column(field, key, place.language))
                    .collect();
                json!({"component": "Table", "columns": columns, "rows": rows, "total": total, "offset": offset, "actions": actions})
            }
            RowsForm::List => {
                let mut list = json!({"component": "List", "items": rows, "total": total, "offset": offset,
                    "type": self.columns.first().map_or("text", |field| type_word(&field.ty)), "actions": actions});
                if let Some(detail) = self.columns.get(1) {
                    list["detailType"] = type_word(&detail.ty).into();
                }
                list
            }
            RowsForm::Gallery => {
                json!({"component": "Gallery", "items": rows, "total": total, "offset": offset, "actions": actions})
            }
        };
        if let Some(caption) = self.caption {
            component["caption"] = words(caption);
        }
        component
    }

    fn with_rows(
        &self,
        component: Map<String, Json>,
        rows: &[Value],
        place: &mut Place<'_>,
    ) -> Rendered {
        let offset = if place.offset < rows.len() {
            place.offset
        } else {
            0
        };
        let page = &rows[offset..rows.len().min(offset + MAX_ROWS)];
        let mut shown: Vec<Map<String, Json>> = page
            .iter()
            .map(|row| self.row(row, place.language))
            .collect();
        let mut drawn = BTreeMap::new();
        if !self.actions.is_empty() {
            let identities = page.iter().map(|row| self.identity(row)).collect();
            let handles = place.handles.give(place.id, identities);
            let rows = handles.into_iter().zip(page).zip(&mut shown).zip(offset..);
            for (((handle, row), shown), place) in rows {
                // Without a handle the shell offers nothing.
                if !self.inert.contains(&place) {
                    shown.insert("ref".to_owned(), Json::String(handle.clone()));
                    drawn.insert(handle, row.clone());
                }
            }
        }
        let binding = Binding::Rows {
            actions: by_verb(self.actions),
            rows: drawn,
            label: self.label(),
            total: rows.len(),
        };
        Rendered {
            component,
            data: Some(json!({"rows": shown, "total": rows.len(), "offset": offset})),
            binding: Some(binding),
        }
    }

    /// What makes a row the same row when the query is run again.
    fn identity(&self, row: &Value) -> String {
        let key = self.key.and_then(|key| row.field(key)).unwrap_or(row);
        serde_json::to_string(key).unwrap_or_default()
    }

    /// A row is the person's own choice when they saw its key, or a name of it.
    fn label(&self) -> Label {
        let names = |field: &Field| {
            Some(field.name.as_str()) == self.key
                || matches!(
                    field.ty,
                    Type::Text { .. } | Type::Path(_) | Type::App | Type::Live(_)
                )
        };
        let drawn = match self.form {
            RowsForm::Table | RowsForm::Gallery => self.columns,
            RowsForm::List => &self.columns[..self.columns.len().min(2)],
        };
        chosen(self.rows.label(), drawn.iter().any(names))
    }

    fn row(&self, row: &Value, language: Language) -> Map<String, Json> {
        let show = |field: &Field| match self.value(row, field) {
            Some(value) => cell(value, &field.ty, language),
            None => Json::Null,
        };
        match self.form {
            RowsForm::Table => {
                let keys = column_keys(self.columns.iter());
                keys.into_iter()
                    .zip(self.columns.iter().map(show))
                    .collect()
            }
            RowsForm::List => {
                let keys = ["value", "detail"].map(str::to_owned);
                keys.into_iter()
                    .zip(self.columns.iter().map(show))
                    .collect()
            }
            RowsForm::Gallery => self.picture(row, language),
        }
    }

    /// A row without fields is its own value.
    fn value<'v>(&self, row: &'v Value, field: &Field) -> Option<&'v Value> {
        match row {
            Value::Record(fields) => fields.get(&field.name),
            _ if field.name.is_empty() => Some(row),
            _ => None,
        }
    }

    fn picture(&self, row: &Value, language: Language) -> Map<String, Json> {
        let field = |ty: fn(&Type) -> bool| {
            let field = self.columns.iter().find(|field| ty(&field.ty));
            field.and_then(|field| Some((self.value(row, field)?, &field.ty)))
        };
        let path = field(|ty| matches!(ty, Type::Path(_)))
            .map(|(value, _)| value)
            .or_else(|| row.field(self.key?))
            .and_then(Value::as_text);
        let label = match field(|ty| matches!(ty, Type::Text { .. } | Type::Any)) {
            Some((value, ty)) => cell(value, ty, language),
            None => words(
                path.and_then(|path| path.rsplit('/').next())
                    .unwrap_or_default(),
            ),
        };
        let mut picture = Map::new();
        picture.insert("image".to_owned(), path.map_or(Json::Null, file_uri));
        picture.insert("label".to_owned(), label);
        picture
    }
}
