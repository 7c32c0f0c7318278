//! A part with its values, ready to be drawn.

use std::collections::BTreeSet;

use plan::{CheckedAction, CheckedCall, Field, Label, Type, Value};

/// One part of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The index of the statement that it comes from.
    pub statement: usize,
    /// Tells apart the parts of one statement; 0 is the part itself.
    pub ordinal: u8,
    /// What is drawn.
    pub body: Body,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The panel's title.
    Title(String),
    /// A heading; groups the parts after it.
    Section(String),
    /// Folds the parts after it, up to the next section.
    More(String),
    /// A value of any shape: a text, a record, rows.
    Value {
        /// The value.
        value: Data,
        /// Its type.
        ty: Type,
        /// What it is.
        label: Option<String>,
    },
    /// A number as a bar.
    Meter {
        /// The number.
        value: Data,
        /// The full bar.
        max: f64,
        /// The number's type.
        ty: Type,
        /// What it is.
        label: String,
    },
    /// Rows.
    Rows {
        /// How they are drawn.
        form: RowsForm,
        /// A list of records.
        rows: Data,
        /// The fields that are shown.
        columns: Vec<Field>,
        /// The field that identifies a row.
        key: Option<String>,
        /// What can be done with a row.
        actions: Vec<RowAction>,
        /// The rows, by their place, on which all of that would be refused: nothing is offered there.
        inert: BTreeSet<usize>,
        /// What they are.
        caption: Option<String>,
    },
    /// One record.
    Record {
        /// The record.
        record: Data,
        /// Its fields.
        fields: Vec<Field>,
        /// What can be done with it.
        actions: Vec<RowAction>,
        /// What it is.
        caption: Option<String>,
    },
    /// Rows as a chart.
    Chart {
        /// Its kind.
        kind: ChartKind,
        /// A list of records.
        rows: Data,
        /// The field along.
        x: Field,
        /// The fields upwards, at most four.
        series: Vec<Field>,
    },
    /// A picture.
    Image {
        /// Its absolute path.
        path: Data,
        /// What it shows.
        label: String,
    },
    /// A button.
    Button {
        /// What is on it.
        label: String,
        /// What it runs.
        call: CheckedCall,
    },
    /// A switch.
    Toggle {
        /// What it switches.
        label: String,
        /// Its state.
        value: Data,
        /// What takes the new state.
        action: CheckedAction,
    },
    /// A slider.
    Slider {
        /// What it sets.
        label: String,
        /// Its state.
        value: Data,
        /// The left end.
        min: f64,
        /// The right end.
        max: f64,
        /// What takes the new number.
        action: CheckedAction,
    },
    /// A field to type into.
    Input {
        /// What is typed.
        label: String,
        /// What takes it.
        action: CheckedAction,
    },
    /// A part that failed.
    Problem {
        /// What failed.
        text: String,
        /// What to do next; may be empty.
        remedy: String,
    },
    /// A part that has nothing to show.
    Empty,
}

/// How rows are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsForm {
    /// With columns.
    Table,
    /// Compact.
    List,
    /// As pictures.
    Gallery,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Bars.
    Bar,
    /// A line for each series.
    Line,
}

/// Something that can be done with a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowAction {
    /// Its label in the person's language.
    pub label: String,
    /// Which call a row makes.
    pub action: CheckedAction,
}

/// A value that may not be there yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// It is still being worked out.
    Pending,
    /// It is there.
    Ready {
        /// The value.
        value: Value,
        /// Who vouches for it and who may see it.
        label: Label,
    },
}

impl Data {
    /// Returns the value if it is there.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Data::Pending => None,
            Data::Ready { value, .. } => Some(value),
        }
    }

    /// Returns the label; the most careful one while nothing is there.
    pub fn label(&self) -> Label {
        match self {
            Data::Pending => Label::default(),
            Data::Ready { label, .. } => *label,
        }
    }
}
