//! The language's own words: parts of a panel, data operations, `each`, `say`, `ask`.
//!
//! One table, from which the check, the grammar, the prompt's descriptions and
//! the table in `docs/plan-language.md` (compared by a test) follow.

/// A word of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// How it is written.
    pub name: &'static str,
    /// What it is for.
    pub kind: WordKind,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The arguments in positional order.
    pub arguments: &'static [WordArgument],
}

/// What a word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordKind {
    /// Draws something.
    Part,
    /// Computes something from a handle, without effect.
    Data,
    /// Calls a function for each row.
    Each,
    /// Answers in words.
    Say,
    /// Asks one question back.
    Ask,
}

/// An argument of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordArgument {
    /// The keyword.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether a call must give it.
    pub required: bool,
}

/// What an argument of a word takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A text of at most so many characters, or a reference to one.
    Text(usize),
    /// Anything that can be shown.
    Value,
    /// A number, or a reference to one; of a record, its first percentage or number.
    Number,
    /// A truth value, or a reference to one; of a record, its first truth value.
    Bool,
    /// `true` or `false` as written.
    Flag,
    /// A whole number as written, from 1 to 1000.
    Count,
    /// A handle of rows.
    Rows,
    /// The name of a field of the rows, as a text.
    Field,
    /// The name of a numeric field of the rows.
    NumberField,
    /// A list of names of fields.
    Columns,
    /// A list of functions that take a row.
    Actions,
    /// A function that takes a row.
    RowFunction,
    /// A function that takes the new value of the control.
    Setter,
    /// A call.
    Call,
    /// A picture's path, or a reference to one.
    Image,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A comparison, as a text.
    Comparison,
    /// A value of the type of the field that is compared.
    Operand,
    /// A list of at most 6 short texts.
    Choices,
}

/// The longest label, title or choice in characters.
pub const MAX_LABEL: usize = 80;
/// The longest text of `text`, `say` and `ask` in characters.
pub const MAX_WORDS: usize = 400;

const fn needed(name: &'static str, takes: Takes) -> WordArgument {
    WordArgument {
        name,
        takes,
        required: true,
    }
}

const fn optional(name: &'static str, takes: Takes) -> WordArgument {
    WordArgument {
        name,
        takes,
        required: false,
    }
}

const fn part(
    name: &'static str,
    summary: &'static str,
    arguments: &'static [WordArgument],
) -> Word {
    Word {
        name,
        kind: WordKind::Part,
        summary,
        arguments,
    }
}

const fn data(
    name: &'static str,
    summary: &'static str,
    arguments: &'static [WordArgument],
) -> Word {
    Word {
        name,
        kind: WordKind::Data,
        summary,
        arguments,
    }
}

const ROWS_SHOWN: &[WordArgument] = &[
    needed("rows", Takes::Rows),
    optional("columns", Takes::Columns),
    optional("actions", Takes::Actions),
];

/// Every word, in the order of the documentation.
pub const WORDS: &[Word] = &[
    part(
        "title",
        "the panel's title",
        &[needed("text", Takes::Text(MAX_LABEL))],
    ),
    part(
        "section",
        "a heading; groups the parts after it",
        &[needed("text", Takes::Text(MAX_LABEL))],
    ),
    part(
        "text",
        "a text or a value",
        &[needed("value", Takes::Value)],
    ),
    part(
        "meter",
        "a number as a bar from 0 to max",
        &[
            needed("value", Takes::Number),
            optional("label", Takes::Text(MAX_LABEL)),
            optional("max", Takes::Number),
        ],
    ),
    part("table", "rows with columns and row actions", ROWS_SHOWN),
    part("list", "rows as a compact list", ROWS_SHOWN),
    part("gallery", "rows as pictures", ROWS_SHOWN),
    part(
        "chart",
        "rows as a chart of y over x",
        &[
            needed("rows", Takes::Rows),
            optional("kind", Takes::Choice(&["bar", "line", "pie"])),
            optional("x", Takes::Field),
            optional("y", Takes::NumberField),
        ],
    ),
    part("image", "one picture", &[needed("value", Takes::Image)]),
    part(
        "button",
        "a button that runs a call",
        &[
            needed("label", Takes::Text(MAX_LABEL)),
            needed("call", Takes::Call),
        ],
    ),
    part(
        "toggle",
        "a switch that passes true or false to a function",
        &[
            needed("label", Takes::Text(MAX_LABEL)),
            needed("value", Takes::Bool),
            needed("function", Takes::Setter),
        ],
    ),
    part(
        "slider",
        "a slider that passes a number to a function",
        &[
            needed("label", Takes::Text(MAX_LABEL)),
            needed("value", Takes::Number),
            needed("function", Takes::Setter),
            optional("min", Takes::Number),
            optional("max", Takes::Number),
        ],
    ),
    part(
        "input",
        "a text field that passes its text to a function",
        &[
            needed("label", Takes::Text(MAX_LABEL)),
            needed("function", Takes::Setter),
        ],
    ),
    part(
        "more",
        "folds the parts after it, up to the next section",
        &[optional("label", Takes::Text(MAX_LABEL))],
    ),
    data(
        "sort",
        "rows in the order of a field",
        &[
            needed("rows", Takes::Rows),
            needed("by", Takes::Field),
            optional("desc", Takes::Flag),
        ],
    ),
    data(
        "top",
        "the first rows, or those with the greatest field",
        &[
            needed("rows", Takes::Rows),
            needed("count", Takes::Count),
            optional("by", Takes::Field),
        ],
    ),
    data(
        "filter",
        "rows whose field compares so",
        &[
            needed("rows", Takes::Rows),
            needed("field", Takes::Field),
            needed("op", Takes::Comparison),
            needed("value", Takes::Operand),
        ],
    ),
    data("count", "how many rows", &[needed("rows", Takes::Rows)]),
    data(
        "sum",
        "the sum of a field",
        &[
            needed("rows", Takes::Rows),
            needed("field", Takes::NumberField),
        ],
    ),
    data("first", "the first row", &[needed("rows", Takes::Rows)]),
    Word {
        name: "each",
        kind: WordKind::Each,
        summary: "calls a function for each row; further keywords are passed on",
        arguments: &[
            needed("rows", Takes::Rows),
            needed("function", Takes::RowFunction),
        ],
    },
    Word {
        name: "say",
        kind: WordKind::Say,
        summary: "answers in words, when no function fits",
        arguments: &[needed("text", Takes::Text(MAX_WORDS))],
    },
    Word {
        name: "ask",
        kind: WordKind::Ask,
        summary: "asks one question back",
        arguments: &[
            needed("text", Takes::Text(MAX_WORDS)),
            optional("choices", Takes::Choices),
        ],
    },
];

/// Returns the word called `name`.
pub fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

impl Takes {
    /// Returns a short name for the docs and the prompt.
    pub fn shown(self) -> String {
        match self {
            Takes::Text(max) => format!("text({max})"),
            Takes::Value => "value".to_owned(),
            Takes::Number => "number".to_owned(),
            Takes::Bool | Takes::Flag => "bool".to_owned(),
            Takes::Count => "count".to_owned(),
            Takes::Rows => "rows".to_owned(),
            Takes::Field => "field".to_owned(),
            Takes::NumberField => "number field".to_owned(),
            Takes::Columns => "[fields]".to_owned(),
            Takes::Actions => "[functions]".to_owned(),
            Takes::RowFunction | Takes::Setter => "function".to_owned(),
            Takes::Call => "call".to_owned(),
            Takes::Image => "image".to_owned(),
            Takes::Choice(words) => words.join("/"),
            Takes::Comparison => crate::Comparison::ALL.map(|(written, _)| written).join(" "),
            Takes::Operand => "value of the field".to_owned(),
            Takes::Choices => "[texts]".to_owned(),
        }
    }
}

impl Word {
    /// Returns the word as the documentation shows it: `top(rows, count, by?)`.
    pub fn shown(&self) -> String {
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .map(|argument| {
                let mark = if argument.required { "" } else { "?" };
                format!("{}{mark}", argument.name)
            })
            .collect();
        format!("{}({})", self.name, arguments.join(", "))
    }
}
