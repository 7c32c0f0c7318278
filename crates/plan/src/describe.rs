//! Signatures in words: one line for a prompt, one sentence for a person.

use crate::{
    ArgumentSpec, CheckedAction, CheckedCall, CheckedPart, CheckedPlan, CheckedStatement, DataKind,
    DataOperation, FunctionName, Language, Operand, Output, PartKind, Signature, StatementKind,
    Type, escape_for_display, show_value,
};

/// Describes a function in one line for a prompt:
/// `audio.set_volume(level: percent)  # Set the volume`.
///
/// Required arguments are written `name: type`, optional ones `name=type`, as they are given in a
/// plan; a choice shows its words. Results follow behind `->`.
pub fn describe(signature: &Signature) -> String {
    let mut line = describe_form(signature);
    if !signature.summary.is_empty() {
        line += "  # ";
        line += &signature.summary;
    }
    line
}

/// Describes how a function is called, and what it gives, as [`describe`] does, without its summary.
pub fn describe_form(signature: &Signature) -> String {
    let arguments: Vec<String> = signature.arguments.iter().map(describe_argument).collect();
    let output = describe_output(&signature.output);
    format!("{}({}){output}", signature.name, arguments.join(", "))
}

/// Describes a function as [`describe`] does; each argument whose hint is longer than two words has a
/// line of its own below: `  date: the day in the form YYYY-MM-DD`.
pub fn describe_with_hints(signature: &Signature) -> String {
    let mut lines = describe(signature);
    for spec in &signature.arguments {
        if !is_short(&spec.hint) && !spec.hint.is_empty() {
            lines += &format!("\n  {}: {}", spec.name, spec.hint);
        }
    }
    lines
}

/// Tells whether a hint is short enough to stand for the type.
fn is_short(hint: &str) -> bool {
    (1..=2).contains(&hint.split_whitespace().count())
}

fn describe_argument(spec: &ArgumentSpec) -> String {
    // A hint of a word or two says more than the type; a longer one is for manuals.
    let ty = if is_short(&spec.hint) {
        spec.hint.clone()
    } else {
        short_type(&spec.ty)
    };
    let mark = if spec.required { ": " } else { "=" };
    format!("{}{mark}{ty}", spec.name)
}

/// Names a type as briefly as the model needs it.
fn short_type(ty: &Type) -> String {
    match ty {
        Type::Text { .. } => "text".to_owned(),
        Type::Choice(words) => {
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            quoted.join("|")
        }
        Type::Int {
            min: Some(min),
            max: Some(max),
        } => format!("{min}..{max}"),
        Type::Int { .. } => "int".to_owned(),
        Type::Live(source) => source.rsplit('.').next().unwrap_or(source).to_owned(),
        Type::List(item) => format!("[{}]", short_type(item)),
        Type::Record(_) => "record".to_owned(),
        ty => ty.to_string(),
    }
}

fn describe_output(output: &Output) -> String {
    let names = |fields: &[crate::Field]| {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        names.join(", ")
    };
    match output {
        Output::None => String::new(),
        Output::Value { ty } => format!(" -> {}", short_type(ty)),
        Output::Record { fields, .. } => format!(" -> record({})", names(fields)),
        Output::Rows { fields, .. } => format!(" -> rows({})", names(fields)),
    }
}

/// Explains a plan to a person: one sentence for each statement.
///
/// `summary` gives a function's summary in the language, pinned when it was
/// installed; without one the name speaks for itself. Whatever the plan holds
/// is shown whole, with invisible characters made visible.
pub fn explain(
    plan: &CheckedPlan,
    language: Language,
    summary: &dyn Fn(&FunctionName) -> Option<String>,
) -> Vec<String> {
    let statements = plan.statements.iter();
    statements
        .map(|statement| explain_statement(statement, language, summary))
        .collect()
}

/// Explains one statement to a person, as [`explain`] does.
pub fn explain_statement(
    statement: &CheckedStatement,
    language: Language,
    summary: &dyn Fn(&FunctionName) -> Option<String>,
) -> String {
    let words = Words { language, summary };
    let sentence = match &statement.kind {
        StatementKind::Call(call) => words.call(call),
        StatementKind::Each { rows, action } => words.each(rows, action),
        StatementKind::Data(operation) => words.data(operation),
        StatementKind::Part(part) => words.part(part),
        StatementKind::Say { text } => {
            let text = words.operand(text);
            words.choose(format!("Answer: {text}"), format!("回答：{text}"))
        }
        StatementKind::Ask { text, .. } => {
            let text = words.operand(text);
            words.choose(format!("Ask: {text}"), format!("询问：{text}"))
        }
    };
    match &statement.name {
        Some(name) => words.choose(
            format!("{sentence}; call it `{name}`"),
            format!("{sentence}；记作 {name}"),
        ),
        None => sentence,
    }
}

struct Words<'w> {
    language: Language,
    summary: &'w dyn Fn(&FunctionName) -> Option<String>,
}

impl Words<'_> {
    fn choose(&self, en: String, zh: String) -> String {
        match self.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }

    /// Names a function: its summary with its name behind.
    fn function(&self, name: &FunctionName) -> String {
        match (self.summary)(name) {
            Some(summary) => {
                let summary = escape_for_display(summary.trim_end_matches(['.', '。']));
                self.choose(
                    format!("{summary} ({name})"),
                    format!("{summary}（{name}）"),
                )
            }
            None => self.choose(format!("Run {name}"), format!("执行 {name}")),
        }
    }

    fn call(&self, call: &CheckedCall) -> String {
        let function = self.function(&call.function);
        self.with_arguments(function, call.arguments.iter())
    }

    fn with_arguments<'a>(
        &self,
        head: String,
        arguments: impl Iterator<Item = (&'a String, &'a Operand)>,
    ) -> String {
        let equals = self.choose(" ".to_owned(), " 为 ".to_owned());
        let shown: Vec<String> = arguments
            .map(|(name, operand)| {
                format!(
                    "{}{equals}{}",
                    escape_for_display(name),
                    self.operand(operand)
                )
            })
            .collect();
        if shown.is_empty() {
            return head;
        }
        self.choose(
            format!("{head}: {}", shown.join(", ")),
            format!("{head}：{}", shown.join("，")),
        )
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Value { value, ty } => {
                let shown = show_value(value, ty, self.language);
                match value {
                    crate::Value::Text(_) => {
                        self.choose(format!("“{shown}”"), format!("“{shown}”"))
                    }
                    _ => shown,
                }
            }
            Operand::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.operand(item)).collect();
                let comma = self.choose(", ".to_owned(), "、".to_owned());
                items.join(&comma)
            }
            Operand::Result { written, .. } => written.clone(),
            Operand::Param { name, .. } => name.clone(),
        }
    }

    fn each(&self, rows: &Operand, action: &CheckedAction) -> String {
        let rows = self.operand(rows);
        let function = self.function(&action.function);
        let head = self.choose(
            format!("For each of {rows}: {function}"),
            format!("对 {rows} 中的每一项：{function}"),
        );
        self.with_arguments(head, action.arguments.iter())
    }

    fn data(&self, operation: &DataOperation) -> String {
        let rows = self.operand(&operation.rows);
        match &operation.kind {
            DataKind::Sort {
                by,
                descending: false,
            } => {
                let by = &by.name;
                self.choose(
                    format!("Sort {rows} by {by}"),
                    format!("把 {rows} 按 {by} 排序"),
                )
            }
            DataKind::Sort { by, .. } => {
                let by = &by.name;
                self.choose(
                    format!("Sort {rows} by {by}, greatest first"),
                    format!("把 {rows} 按 {by} 从大到小排序"),
                )
            }
            DataKind::Top { count, by: None } => self.choose(
                format!("Keep the first {count} of {rows}"),
                format!("取 {rows} 的前 {count} 项"),
            ),
            DataKind::Top {
                count,
                by: Some(by),
            } => {
                let by = &by.name;
                self.choose(
                    format!("Keep the {count} of {rows} with the greatest {by}"),
                    format!("取 {rows} 中 {by} 最大的 {count} 项"),
                )
            }
            DataKind::Filter {
                field,
                comparison,
                value,
            } => {
                let condition = format!(
                    "{} {} {}",
                    field.name,
                    comparison.written(),
                    self.operand(value)
                );
                self.choose(
                    format!("Keep of {rows} those with {condition}"),
                    format!("筛选 {rows} 中 {condition} 的项"),
                )
            }
            DataKind::Count => self.choose(format!("Count {rows}"), format!("统计 {rows} 的数量")),
            DataKind::Sum { field } => {
                let field = &field.name;
                self.choose(
                    format!("Add up {field} of {rows}"),
                    format!("求 {rows} 的 {field} 之和"),
                )
            }
            DataKind::First => self.choose(
                format!("Take the first of {rows}"),
                format!("取 {rows} 的第一项"),
            ),
        }
    }

    fn part(&self, part: &CheckedPart) -> String {
        let name = self.part_name(part.kind);
        let shown = ["text", "label", "rows", "value"]
            .iter()
            .find_map(|argument| part.arguments.get(*argument))
            .map(|operand| self.operand(operand))
            .unwrap_or_default();
        let drawn = self.choose(
            format!("Show {name} {shown}"),
            format!("显示{name} {shown}"),
        );
        let mut sentence = drawn.trim_end().to_owned();
        let actions = part
            .actions
            .iter()
            .map(|action| action.function.to_string());
        let actions: Vec<String> = actions.collect();
        if !actions.is_empty() {
            let actions = actions.join(", ");
            sentence = self.choose(
                format!("{sentence}, which offers {actions}"),
                format!("{sentence}，可执行 {actions}"),
            );
        }
        match &part.call {
            None => sentence,
            Some(call) => {
                let call = self.call(call);
                self.choose(
                    format!("{sentence}; when pressed: {call}"),
                    format!("{sentence}；按下时：{call}"),
                )
            }
        }
    }

    fn part_name(&self, kind: PartKind) -> &'static str {
        let (en, zh) = match kind {
            PartKind::Title => ("the title", "标题"),
            PartKind::Section => ("a section", "小节"),
            PartKind::Text => ("the text", "文字"),
            PartKind::Meter => ("a meter of", "仪表"),
            PartKind::Table => ("a table of", "表格"),
            PartKind::List => ("a list of", "列表"),
            PartKind::Gallery => ("the pictures of", "图片"),
            PartKind::Chart => ("a chart of", "图表"),
            PartKind::Image => ("the picture", "图片"),
            PartKind::Button => ("the button", "按钮"),
            PartKind::Toggle => ("the switch", "开关"),
            PartKind::Slider => ("the slider", "滑块"),
            PartKind::Input => ("the field", "输入框"),
            PartKind::More => ("more", "更多"),
        };
        match self.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}
