//! The sentences of every parse and check error, in each language.

use std::fmt::{Display, Formatter};

use crate::{
    CheckError, CheckProblem, Expected, Language, Limited, ParseError, ParseProblem, PathKind,
    Type, Wanted, escape_for_display,
};

impl ParseError {
    /// Says what is wrong, and where, in one sentence.
    pub fn message(&self, language: Language) -> String {
        position(self.span, language) + &self.problem.message(language)
    }
}

impl CheckError {
    /// Says what is wrong, and where, in one sentence.
    pub fn message(&self, language: Language) -> String {
        position(self.span, language) + &self.problem.message(language)
    }
}

fn position(span: crate::Span, language: Language) -> String {
    match language {
        _ if span.line == 0 => String::new(),
        Language::En => format!("line {}, column {}: ", span.line, span.column),
        Language::Zh => format!("第 {} 行第 {} 列：", span.line, span.column),
    }
}

impl Display for ParseError {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl Display for CheckError {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for ParseError {}
impl std::error::Error for CheckError {}

/// Chooses one of two texts.
macro_rules! say {
    ($language:expr, $en:literal, $zh:literal) => {
        match $language {
            Language::En => format!($en),
            Language::Zh => format!($zh),
        }
    };
}

impl ParseProblem {
    /// Says what is wrong, without where.
    pub fn message(&self, language: Language) -> String {
        match self {
            ParseProblem::Empty => say!(language, "the plan has no statements", "计划里没有语句"),
            ParseProblem::UnexpectedCharacter { found } => {
                let shown = escape_for_display(&found.to_string());
                let hint = character_hint(*found, language);
                say!(
                    language,
                    "`{shown}` has no meaning here{hint}",
                    "“{shown}”在这里没有意义{hint}"
                )
            }
            ParseProblem::UnclosedText => say!(
                language,
                "this text has no closing quote",
                "这段文字缺少结尾的引号"
            ),
            ParseProblem::ControlInText => say!(
                language,
                "a text cannot hold a control character; write \\n or \\t",
                "文字里不能有控制字符；请写 \\n 或 \\t"
            ),
            ParseProblem::UnknownEscape { found } => {
                let found = escape_for_display(&found.to_string());
                say!(
                    language,
                    "`\\{found}` is no escape; there are \\\" \\\\ \\n \\t \\r and \\u{{1f600}}",
                    "没有“\\{found}”这种转义；可用 \\\" \\\\ \\n \\t \\r 和 \\u{{1f600}}"
                )
            }
            ParseProblem::BadNumber { text } => {
                let text = escape_for_display(text);
                say!(language, "`{text}` is not a number", "“{text}”不是数字")
            }
            ParseProblem::UnknownUnit { text, suggestion } => {
                let text = escape_for_display(text);
                let hint = did_you_mean(suggestion.as_deref(), language);
                say!(
                    language,
                    "`{text}` is not a unit (there are % B KB MB GB TB s min h d){hint}",
                    "没有“{text}”这个单位（可用 % B KB MB GB TB s min h d）{hint}"
                )
            }
            ParseProblem::Expected { expected, found } => {
                let wanted = expected.shown(language);
                let found = match (found, language) {
                    (Some(found), Language::En) => format!("`{}`", escape_for_display(found)),
                    (Some(found), Language::Zh) => format!("“{}”", escape_for_display(found)),
                    (None, Language::En) => "the end of the line".to_owned(),
                    (None, Language::Zh) => "行尾".to_owned(),
                };
                say!(
                    language,
                    "expected {wanted}, found {found}",
                    "这里应当是{wanted}，却是{found}"
                )
            }
            ParseProblem::BadName { text } => {
                let text = escape_for_display(text);
                say!(
                    language,
                    "`{text}` cannot be a name; use lower-case letters, digits and _",
                    "“{text}”不能作名字；请用小写字母、数字和 _"
                )
            }
            ParseProblem::BadFunction { text } => {
                let text = escape_for_display(text);
                say!(
                    language,
                    "`{text}` is not a function name; write `domain.verb` in lower case",
                    "“{text}”不是函数名；请用小写的“领域.动作”"
                )
            }
            ParseProblem::PositionalAfterKeyword => say!(
                language,
                "an argument without a name cannot stand behind one with a name",
                "没有名字的参数不能放在有名字的参数之后"
            ),
            ParseProblem::BadType { text } => {
                let text = escape_for_display(text);
                say!(language, "`{text}` is not a type", "“{text}”不是类型")
            }
            ParseProblem::ParamInPlan => say!(
                language,
                "only a saved plan has `param` lines",
                "只有保存的计划才有 param 行"
            ),
            ParseProblem::LateParam => say!(
                language,
                "`param` lines stand before the first statement",
                "param 行要放在第一条语句之前"
            ),
            ParseProblem::RepeatedParam { name } => say!(
                language,
                "there are two parameters called `{name}`",
                "有两个名为“{name}”的参数"
            ),
            ParseProblem::TooMany { what, limit } => {
                let what = what.shown(language);
                say!(language, "at most {limit} {what}", "最多 {limit} {what}")
            }
        }
    }
}

fn character_hint(found: char, language: Language) -> &'static str {
    match (found, language) {
        ('“' | '”' | '\'' | '‘' | '’' | '「' | '」', Language::En) => {
            "; texts stand in \" quotes"
        }
        ('“' | '”' | '\'' | '‘' | '’' | '「' | '」', Language::Zh) => {
            "；文字要用英文双引号 \""
        }
        ('（' | '）' | '，' | '＝' | '。', Language::En) => "; use the ASCII sign",
        ('（' | '）' | '，' | '＝' | '。', Language::Zh) => "；请用英文标点",
        _ => "",
    }
}

impl Expected {
    fn shown(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            Expected::Call => (
                "a call such as `audio.set_volume(30)`",
                "一个调用，例如 audio.set_volume(30)",
            ),
            Expected::EndOfLine => ("the end of the line", "行尾"),
            Expected::Value => ("a value", "一个值"),
            Expected::CommaOrParenthesis => ("`,` or `)`", "“,”或“)”"),
            Expected::CommaOrBracket => ("`,` or `]`", "“,”或“]”"),
            Expected::Index => ("a row number from 0", "从 0 开始的行号"),
            Expected::ClosingBracket => ("`]`", "“]”"),
            Expected::Field => ("a name", "一个名字"),
            Expected::ParamType => ("`:` and a type", "“:”和类型"),
            Expected::Literal => ("a constant", "一个常量"),
        };
        match language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

impl Limited {
    fn shown(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            Limited::LineLength => ("characters are allowed in a line", "个字符一行"),
            Limited::TextLength => ("bytes are allowed in a plan", "个字节一份计划"),
            Limited::Statements => ("statements are allowed in a plan", "条语句一份计划"),
            Limited::Params => ("parameters are allowed in a plan", "个参数一份计划"),
            Limited::Items => (
                "arguments or items are allowed in one call or list",
                "个参数或项目一次调用或一个列表",
            ),
            Limited::Depth => (
                "lists and calls may stand inside each other",
                "层列表和调用嵌套",
            ),
            Limited::Steps => (
                "fields and row numbers may follow a name",
                "个字段或行号跟在名字之后",
            ),
        };
        match language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

fn did_you_mean(suggestion: Option<&str>, language: Language) -> String {
    match (suggestion.map(escape_for_display), language) {
        (None, _) => String::new(),
        (Some(meant), Language::En) => format!("; did you mean {meant}?"),
        (Some(meant), Language::Zh) => format!("；是否想写 {meant}？"),
    }
}

impl CheckProblem {
    /// Says what is wrong, without where.
    pub fn message(&self, language: Language) -> String {
        match self {
            CheckProblem::UnknownFunction { name, suggestion }
            | CheckProblem::UnknownWord { name, suggestion } => {
                let hint = did_you_mean(suggestion.as_deref(), language);
                say!(
                    language,
                    "`{name}`: no such function{hint}",
                    "“{name}”：没有这个函数{hint}"
                )
            }
            CheckProblem::UnknownName { name, suggestion } => {
                let hint = did_you_mean(suggestion.as_deref(), language);
                say!(
                    language,
                    "nothing above is called `{name}`{hint}",
                    "上文没有名为“{name}”的结果{hint}"
                )
            }
            CheckProblem::NothingToBind { callee, name } => say!(
                language,
                "`{callee}` gives nothing back; write it without `{name} =`",
                "{callee} 没有结果；请去掉“{name} =”"
            ),
            CheckProblem::NoResult { written } => {
                say!(language, "`{written}` holds nothing", "{written} 没有内容")
            }
            CheckProblem::NotIndexable { written } => say!(
                language,
                "`{written}` is not a list; leave out the row number",
                "{written} 不是列表；请去掉行号"
            ),
            CheckProblem::NestedCall { written } => say!(
                language,
                "a call cannot stand here; write `x = {written}(…)` on a line above, then `x`",
                "这里不能写调用；请先在上一行写 x = {written}(…)，再用 x"
            ),
            CheckProblem::UnknownField { .. } | CheckProblem::NoKey { .. } => {
                self.field_message(language)
            }
            CheckProblem::ListForOne { .. }
            | CheckProblem::NotRows { .. }
            | CheckProblem::NotAnAction { .. }
            | CheckProblem::ActionNeedsMore { .. } => self.row_message(language),
            _ => self.argument_message(language),
        }
    }

    /// The sentences about arguments.
    fn argument_message(&self, language: Language) -> String {
        match self {
            CheckProblem::UnknownArgument {
                callee,
                name,
                suggestion,
            } => {
                let hint = did_you_mean(suggestion.as_deref(), language);
                say!(
                    language,
                    "`{callee}` has no argument `{name}`{hint}",
                    "{callee} 没有参数 {name}{hint}"
                )
            }
            CheckProblem::RepeatedArgument { callee, name } => say!(
                language,
                "`{name}` of `{callee}` is given twice",
                "{callee} 的 {name} 写了两次"
            ),
            CheckProblem::TooManyArguments { callee, limit: 0 } => say!(
                language,
                "`{callee}` takes no arguments",
                "{callee} 不需要参数"
            ),
            CheckProblem::TooManyArguments { callee, limit } => say!(
                language,
                "`{callee}` takes at most {limit} arguments without a name",
                "{callee} 最多有 {limit} 个不写名字的参数"
            ),
            CheckProblem::MissingArgument { callee, name, ty } => say!(
                language,
                "`{callee}` needs `{name}` ({ty})",
                "{callee} 缺少 {name}（{ty}）"
            ),
            CheckProblem::WrongType {
                callee,
                argument,
                wanted,
                written,
                found,
            } => {
                let wanted = wanted.shown(language);
                let written = escape_for_display(written);
                let found = found_type(found.as_deref(), language);
                say!(
                    language,
                    "`{argument}` of `{callee}` wants {wanted}, not `{written}`{found}",
                    "{callee} 的 {argument} 要{wanted}，不能是 {written}{found}"
                )
            }
            CheckProblem::OutOfRange {
                callee,
                argument,
                wanted,
                written,
            } => {
                let wanted = wanted.shown(language);
                say!(
                    language,
                    "`{argument}` of `{callee}` is out of range: {written}; it wants {wanted}",
                    "{callee} 的 {argument} 超出范围：{written}；要{wanted}"
                )
            }
            CheckProblem::UnknownChoice {
                argument,
                written,
                choices,
                suggestion,
            } => {
                let written = escape_for_display(written);
                let choices = listed(choices, language);
                let hint = did_you_mean(suggestion.as_deref(), language);
                say!(
                    language,
                    "`{argument}` cannot be \"{written}\": it is one of {choices}{hint}",
                    "{argument} 不能是“{written}”：只能是 {choices}{hint}"
                )
            }
            CheckProblem::UnknownLive {
                argument,
                written,
                suggestion,
            } => {
                let written = escape_for_display(written);
                let hint = did_you_mean(suggestion.as_deref(), language);
                say!(
                    language,
                    "there is no \"{written}\" now for `{argument}`{hint}",
                    "{argument}：现在没有“{written}”{hint}"
                )
            }
            CheckProblem::TooLong { argument, max } => say!(
                language,
                "`{argument}` is too long: at most {max} characters",
                "{argument} 太长：最多 {max} 个字符"
            ),
            CheckProblem::Wildcard { callee, argument } => say!(
                language,
                "`{callee}` changes things, so `{argument}` must name exactly one path, without * or ?; find the files first, then use each(…, {callee})",
                "{callee} 会作改动，{argument} 必须是确切的一个路径，不能有 * 或 ?；请先查找，再用 each(…, {callee})"
            ),
            CheckProblem::NoSuchComparison { op, field } => say!(
                language,
                "`{field}` cannot be compared with `{op}`",
                "{field} 不能用 {op} 比较"
            ),
            _ => String::new(),
        }
    }

    /// The sentences about fields.
    fn field_message(&self, language: Language) -> String {
        match self {
            CheckProblem::UnknownField {
                field,
                of,
                fields,
                suggestion,
            } => {
                let field = escape_for_display(field);
                let hint = did_you_mean(suggestion.as_deref(), language);
                let fields = listed(fields, language);
                say!(
                    language,
                    "`{of}` has no field `{field}`; it has {fields}{hint}",
                    "{of} 没有字段“{field}”；有 {fields}{hint}"
                )
            }
            CheckProblem::NoKey {
                callee,
                argument,
                written,
                fields,
            } => {
                let fields = listed(fields, language);
                say!(
                    language,
                    "say which field of `{written}` is the `{argument}` of `{callee}`, such as `{written}.name`; it has {fields}",
                    "请写明 {written} 的哪个字段作 {callee} 的 {argument}，例如 {written}.name；有 {fields}"
                )
            }
            _ => String::new(),
        }
    }

    /// The sentences about rows.
    fn row_message(&self, language: Language) -> String {
        match self {
            CheckProblem::ListForOne { callee, written } => say!(
                language,
                "`{callee}` takes one at a time; for all of them write each({written}, {callee})",
                "{callee} 一次只能处理一个；要处理全部请写 each({written}, {callee})"
            ),
            CheckProblem::NotRows { callee, written } => {
                let written = escape_for_display(written);
                say!(
                    language,
                    "`{callee}` wants rows from a line above, not `{written}`",
                    "{callee} 要上文查到的多行结果，不能是 {written}"
                )
            }
            CheckProblem::NotAnAction { function } => say!(
                language,
                "`{function}` cannot take this row or value",
                "{function} 不能用在这一行或这个值上"
            ),
            CheckProblem::ActionNeedsMore { function, argument } => say!(
                language,
                "`{function}` needs `{argument}` too, so it cannot stand here alone",
                "{function} 还需要 {argument}，不能单独用在这里"
            ),
            _ => String::new(),
        }
    }
}

/// Lists names; a long list is cut, because it only helps the eye.
fn listed(names: &[String], language: Language) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(12)
        .map(|name| escape_for_display(name))
        .collect();
    let more = if names.len() > 12 { "…" } else { "" };
    let comma = match language {
        Language::En => ", ",
        Language::Zh => "、",
    };
    format!("{}{more}", shown.join(comma))
}

fn found_type(found: Option<&Type>, language: Language) -> String {
    match found {
        None | Some(Type::Any) => String::new(),
        Some(ty) => {
            let ty = describe_type(ty, language);
            say!(language, ", which is {ty}", "（{ty}）")
        }
    }
}

impl Wanted {
    fn shown(&self, language: Language) -> String {
        match self {
            Wanted::Type(ty) => describe_type(ty, language),
            Wanted::Form(form) => say!(language, "{form}", " {form}"),
        }
    }
}

/// Describes a type to a person.
pub fn describe_type(ty: &Type, language: Language) -> String {
    match ty {
        Type::Int { min, max } => describe_range(*min, *max, language),
        Type::Text { max } => say!(
            language,
            "a text in quotes (at most {max} characters)",
            "引号中的文字（最多 {max} 个字符）"
        ),
        Type::Choice(words) => {
            let words = listed(words, language);
            say!(language, "one of {words}", "其中之一：{words}")
        }
        Type::List(item) => {
            let item = describe_type(item, language);
            say!(language, "a list, each {item}", "列表，每项是{item}")
        }
        Type::Record(fields) => {
            let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
            let names = listed(&names, language);
            say!(language, "a record ({names})", "一条记录（{names}）")
        }
        _ => simple_type(ty, language).to_owned(),
    }
}

fn describe_range(min: Option<i64>, max: Option<i64>, language: Language) -> String {
    match (min, max) {
        (None, None) => say!(language, "a whole number", "整数"),
        (Some(min), None) => say!(language, "a whole number from {min}", "不小于 {min} 的整数"),
        (None, Some(max)) => say!(
            language,
            "a whole number up to {max}",
            "不大于 {max} 的整数"
        ),
        (Some(min), Some(max)) => say!(
            language,
            "a whole number from {min} to {max}",
            "{min} 到 {max} 的整数"
        ),
    }
}

fn simple_type(ty: &Type, language: Language) -> &'static str {
    let (en, zh) = match ty {
        Type::Bool => ("true or false", " true 或 false"),
        Type::Number => ("a number", "数字"),
        Type::Percent => ("a percentage from 0 to 100", " 0 到 100 的百分比"),
        Type::Bytes => ("a size such as 100MB", "大小，例如 100MB"),
        Type::Duration => ("a time span such as 10min", "时长，例如 10min"),
        Type::Time => (
            "a time such as \"18:30\", \"2026-03-01\" or \"tomorrow\"",
            "时间，例如 \"18:30\"、\"2026-03-01\" 或 \"tomorrow\"",
        ),
        Type::Path(PathKind::File) => ("the path of a file", "文件路径"),
        Type::Path(PathKind::Folder) => ("the path of a folder", "文件夹路径"),
        Type::Path(PathKind::Any) => ("a path", "路径"),
        Type::App => ("an application", "应用"),
        Type::Live(_) => ("the name of something present now", "现有之物的名称"),
        _ => ("a value", "值"),
    };
    match language {
        Language::En => en,
        Language::Zh => zh,
    }
}
