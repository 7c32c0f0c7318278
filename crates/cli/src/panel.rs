//! Panels as text for the terminal.

use std::collections::BTreeMap;

use protocol::text::visible_line;
use serde_json::{Map, Value};

use crate::words::{self, local_time};

/// How many rows of a table are printed.
const ROWS: usize = 20;
/// The widest that a column is printed, in characters.
const WIDTH: usize = 60;

/// The panel of a turn, put together from its messages.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    components: BTreeMap<String, Map<String, Value>>,
    data: Map<String, Value>,
}

impl Panel {
    /// Takes in a message; what it does not know is left out.
    pub(crate) fn take(&mut self, message: &Value) {
        if let Some(components) = message
            .pointer("/updateComponents/components")
            .and_then(Value::as_array)
        {
            for component in components.iter().filter_map(Value::as_object) {
                let id = component
                    .get("id")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                self.components.insert(id.to_owned(), component.clone());
            }
        }
        if let Some(update) = message.get("updateDataModel") {
            let path = update
                .get("path")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let value = update.get("value").cloned().unwrap_or_default();
            self.data
                .insert(path.trim_start_matches('/').to_owned(), value);
        }
    }

    /// Returns the panel as lines of text.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.draw("root", &mut lines);
        lines
    }

    fn draw(&self, id: &str, lines: &mut Vec<String>) {
        let Some(component) = self.components.get(id) else {
            return;
        };
        let text = |key: &str| {
            component
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        match text("component") {
            "Title" => lines.push(text("text").to_owned()),
            "Section" => lines.push(format!("— {} —", text("title"))),
            "Text" => lines.push(self.labelled(component, "value")),
            "Meter" => lines.push(self.labelled(component, "value")),
            "Table" => self.draw_table(component, lines),
            "List" => self.draw_list(component, lines),
            "KeyValue" => self.draw_record(component, lines),
            "Error" | "Empty" => lines.push(self.labelled(component, "text")),
            _ => {}
        }
        for child in component
            .get("children")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.draw(child.as_str().unwrap_or_default(), lines);
        }
    }

    /// Returns the bound or plain value of a property.
    fn bound<'a>(&'a self, value: Option<&'a Value>) -> &'a Value {
        let Some(value) = value else {
            return &Value::Null;
        };
        let Some(path) = value.get("path").and_then(Value::as_str) else {
            return value;
        };
        let mut steps = path.trim_start_matches('/').split('/');
        let mut found = steps
            .next()
            .and_then(|first| self.data.get(first))
            .unwrap_or(&Value::Null);
        for step in steps {
            found = found.get(step).unwrap_or(&Value::Null);
        }
        found
    }

    fn labelled(&self, component: &Map<String, Value>, key: &str) -> String {
        let ty = component
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("text");
        let shown = match self.bound(component.get(key)) {
            // What stands by itself, such as a summary, is read whole.
            Value::String(text) if ty != "time" => text.clone(),
            value => show(value, ty),
        };
        match component.get("label").and_then(Value::as_str) {
            Some(label) => format!("{label}: {shown}"),
            None => shown,
        }
    }

    fn draw_list(&self, component: &Map<String, Value>, lines: &mut Vec<String>) {
        let ty = component
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("text");
        for row in self
            .bound(component.get("items"))
            .as_array()
            .into_iter()
            .flatten()
            .take(ROWS)
        {
            lines.push(format!(
                "· {}",
                show(row.get("value").unwrap_or(&Value::Null), ty)
            ));
        }
        lines.extend(self.rest(component));
    }

    /// Says that there are more rows than are printed.
    fn rest(&self, component: &Map<String, Value>) -> Option<String> {
        let total = self.bound(component.get("total")).as_u64()?;
        let (shown, total_text) = (ROWS.to_string(), total.to_string());
        let values = [("shown", shown.as_str()), ("total", total_text.as_str())];
        (total > ROWS as u64).then(|| words::text("rows-first", &values))
    }

    fn draw_record(&self, component: &Map<String, Value>, lines: &mut Vec<String>) {
        for row in self
            .bound(component.get("rows"))
            .as_array()
            .into_iter()
            .flatten()
        {
            let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
            lines.push(format!(
                "{}: {}",
                text("label"),
                show(row.get("value").unwrap_or(&Value::Null), text("type"))
            ));
        }
    }

    fn draw_table(&self, component: &Map<String, Value>, lines: &mut Vec<String>) {
        let columns: Vec<&Value> = component
            .get("columns")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let text = |column: &Value, key: &str| {
            column
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let rows = self
            .bound(component.get("rows"))
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut cells = vec![
            columns
                .iter()
                .map(|column| text(column, "label"))
                .collect::<Vec<_>>(),
        ];
        for row in rows.iter().take(ROWS) {
            let cell = |column: &&Value| {
                show(
                    row.get(text(column, "key")).unwrap_or(&Value::Null),
                    &text(column, "type"),
                )
            };
            cells.push(columns.iter().map(cell).collect());
        }
        lines.extend(align(&cells));
        lines.extend(self.rest(component));
    }
}

/// Pads the cells of each column to the same width on the terminal.
fn align(cells: &[Vec<String>]) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let columns = cells.first().map_or(0, Vec::len);
    let width = |column: usize| {
        cells
            .iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let pad =
        |(cell, width): (&String, &usize)| format!("{cell}{}", " ".repeat(width - cell.width()));
    cells
        .iter()
        .map(|row| {
            row.iter()
                .zip(&widths)
                .map(pad)
                .collect::<Vec<_>>()
                .join("  ")
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// Writes a value by its type.
fn show(value: &Value, ty: &str) -> String {
    match (value, ty) {
        (Value::Null, _) => "–".to_owned(),
        (Value::Number(number), "bytes") => bytes(number.as_f64().unwrap_or_default()),
        (Value::Number(number), "percent") => {
            format!("{:.0}%", number.as_f64().unwrap_or_default())
        }
        (Value::Number(number), "duration") => duration(number.as_f64().unwrap_or_default()),
        (Value::String(text), "time") => shorten(&visible_line(&local_time(text))),
        (Value::String(text), "path") => shorten_path(&visible_line(text)),
        // A name with a line break in it must not look like a row of its own.
        (Value::String(text), _) => shorten(&visible_line(text)),
        (other, _) => shorten(&other.to_string()),
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    let kept: String = text.chars().take(WIDTH - 1).collect();
    format!("{kept}…")
}

/// Shortens the way to a file: what it ends in tells one from another.
fn shorten_path(path: &str) -> String {
    let length = path.chars().count();
    if length <= WIDTH {
        return path.to_owned();
    }
    let kept: String = path.chars().skip(length - (WIDTH - 1)).collect();
    format!("…{kept}")
}

fn bytes(bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{value:.0} {}", units[unit])
    } else {
        format!("{value:.1} {}", units[unit])
    }
}

fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_aligned_by_width_not_by_characters() {
        let mut panel = Panel::default();
        panel.take(&json!({"updateComponents": {"surfaceId": "t1", "components": [
            {"id": "root", "component": "Column", "children": ["s1"]},
            {"id": "s1", "component": "Table", "columns": [{"key": "name", "label": "Name", "type": "text"}, {"key": "size", "label": "Size", "type": "bytes"}],
             "rows": {"path": "/s1/rows"}, "total": {"path": "/s1/total"}}]}}));
        panel.take(
            &json!({"updateDataModel": {"path": "/s1", "value": {"total": 2, "rows": [
            {"name": "电影.mkv", "size": 4200000000u64}, {"name": "a", "size": 12}]}}}),
        );
        expect![[r#"
            Name      Size
            电影.mkv  4.2 GB
            a         12 B"#]]
        .assert_eq(&panel.lines().join("\n"));
    }

    #[test]
    fn times_are_short_and_local_wherever_they_stand() {
        let mut panel = Panel::default();
        panel.take(&json!({"updateComponents": {"surfaceId": "t1", "components": [
            {"id": "root", "component": "Column", "children": ["a", "b"]},
            {"id": "a", "component": "Text", "type": "time", "label": "Since", "value": {"path": "/s0/since"}},
            {"id": "b", "component": "Table", "columns": [{"key": "at", "label": "At", "type": "time"}], "rows": {"path": "/s1/rows"}}]}}));
        let at = "2026-03-01T12:34:56.789Z";
        panel.take(&json!({"updateDataModel": {"path": "/s0", "value": {"since": at}}}));
        panel.take(
            &json!({"updateDataModel": {"path": "/s1", "value": {"rows": [{"at": at}, {"at": "noon"}]}}}),
        );
        let shown = local_time(at);
        assert_eq!(shown.len(), "2026-03-01 12:34".len(), "{shown}");
        let since = format!("Since: {shown}");
        assert_eq!(
            panel.lines(),
            [since, "At".to_owned(), shown, "noon".to_owned()]
        );
    }

    #[test]
    fn a_name_stays_within_its_row_and_a_text_is_whole() {
        let mut panel = Panel::default();
        let long = "word ".repeat(30);
        panel.take(
            &json!({"updateComponents": {"surfaceId": "t1", "components": [
            {"id": "root", "component": "Column", "children": ["a", "b"]},
            {"id": "a", "component": "Text", "value": long},
            {"id": "b", "component": "List", "items": {"path": "/s1/items"}}]}}),
        );
        panel.take(&json!({"updateDataModel": {"path": "/s1", "value": {
            "items": [{"value": "a\n· forged\u{1b}[2J"}]}}}));
        assert_eq!(panel.lines(), [long, "· a⏎· forged⟨U+001B⟩[2J".to_owned()]);
    }

    #[test]
    fn a_long_path_keeps_its_end_and_a_long_name_its_beginning() {
        let long = format!("/home/{}/report.odt", "folder/".repeat(20));
        let path = show(&json!(long), "path");
        assert!(
            path.starts_with('…') && path.ends_with("/report.odt"),
            "{path}"
        );
        let name = show(&json!(long), "text");
        assert!(name.starts_with("/home/") && name.ends_with('…'), "{name}");
        assert_eq!(path.chars().count(), WIDTH);
        assert_eq!(show(&json!("/a"), "path"), "/a");
    }

    #[test]
    fn rows_that_are_not_printed_are_counted() {
        let mut panel = Panel::default();
        panel.take(&json!({"updateComponents": {"surfaceId": "t1", "components": [
            {"id": "root", "component": "Column", "children": ["a", "b"]},
            {"id": "a", "component": "Table", "columns": [{"key": "name", "label": "Name", "type": "text"}],
             "rows": {"path": "/s1/rows"}, "total": {"path": "/s1/total"}},
            {"id": "b", "component": "List", "items": {"path": "/s2/rows"}, "total": {"path": "/s2/total"}}]}}));
        let rows = |total: usize| {
            let row = json!({"name": "a", "value": "a"});
            json!({"rows": vec![row; total], "total": total})
        };
        panel.take(&json!({"updateDataModel": {"path": "/s1", "value": rows(1000)}}));
        panel.take(&json!({"updateDataModel": {"path": "/s2", "value": rows(21)}}));
        let lines = panel.lines();
        assert_eq!(lines.len(), 1 + ROWS + 1 + ROWS + 1);
        assert!(
            lines.contains(&"The first 20 of 1000.".to_owned()),
            "{lines:?}"
        );
        assert!(
            lines.contains(&"The first 20 of 21.".to_owned()),
            "{lines:?}"
        );
    }

    #[test]
    fn an_unknown_message_draws_nothing() {
        let mut panel = Panel::default();
        panel.take(&json!({"hello": 1}));
        assert!(panel.lines().is_empty());
    }
}
