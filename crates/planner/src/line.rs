//! One line of a plan: read, checked, grounded.

use functions::Registry;
use plan::{
    Argument, Call, CheckProblem, CheckedStatement, Checker, Effect, Expression, FunctionName,
    Head, Language, Literal, MAX_STATEMENTS, PathKind, Signatures, Statement, StatementKind, Type,
    parse_statement,
};
use protocol::text;

use crate::{
    PlannedStatement, behind,
    follow::{self, Reference},
    ground::{Ground, Ungrounded},
    row,
    slot::NameIndex,
    whereabouts::{self, Meant, Whereabouts},
    words::Words,
};

/// Words that ask how many or how much, and parts of them.
const ASKING_HOW_MANY: &[&str] = &[
    "how m", "howm", "quantity", "number", "count", "total", "tally", "in all", "overall",
    "combined", "together", "amount", "add", "sum", "几", "多少", "数", "统计", "共", "加", "算",
];

/// Words for what a copy was made of.
const ORIGINAL: &[&str] = &["original", "原"];

/// A plan as far as it is written: every line in it may have run.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    registry: &'a Registry,
    available: &'a Registry,
    names: &'a NameIndex,
    language: text::Language,
    /// The turn before: its lines become ours when a line of ours refers to them.
    earlier: &'a [Statement],
    lines: Vec<PlannedStatement>,
    /// What the model wrote, line by line, before anything was completed or put before it.
    written: Vec<String>,
    /// How many acts were put before one of the model's.
    inserted: usize,
    /// Whether no example has any of the words.
    is_unheard: bool,
}

/// What became of a line.
#[derive(Debug)]
pub(crate) enum Added<'d> {
    /// It is part of the plan, last of these; those before it came from the turn before, or were needed by it.
    Lines(&'d [PlannedStatement]),
    /// It was blank.
    Nothing,
    /// It repeats a line, or is one too many: the plan is complete without it.
    Repetition,
}

/// Why a line is no part of the plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LineError {
    /// It is not valid.
    Invalid {
        /// The line.
        text: String,
        /// A sentence for the person.
        reason: String,
        /// A sentence for the model: in English, without any live name.
        advice: String,
        /// What the person is asked when the line needs what nobody said.
        question: Option<String>,
        /// The action or column that the rows do not have.
        excess: Option<String>,
    },
    /// It names an app that was not said: none that is installed is called what was.
    NoSuchApp,
    /// It calls a function that cannot be used now.
    Unavailable(FunctionName),
}

impl LineError {
    /// Returns what the model is told when it may write the line anew.
    pub(crate) fn advice(&self) -> Option<&str> {
        match self {
            LineError::Invalid { advice, .. } => Some(advice),
            LineError::NoSuchApp => Some("no installed app has the name in the request"),
            LineError::Unavailable(_) => None,
        }
    }
}

impl<'a> Draft<'a> {
    /// Starts a plan over all functions of `registry`, of which `available` can be used.
    pub(crate) fn new(
        registry: &'a Registry,
        available: &'a Registry,
        names: &'a NameIndex,
        language: text::Language,
    ) -> Draft<'a> {
        Draft {
            registry,
            available,
            names,
            language,
            earlier: &[],
            lines: Vec::new(),
            written: Vec::new(),
            inserted: 0,
            is_unheard: false,
        }
    }

    /// Notes that no example has any of the words.
    pub(crate) fn unheard(mut self, is_unheard: bool) -> Draft<'a> {
        self.is_unheard = is_unheard;
        self
    }

    /// Lets lines refer to the results of the turn before.
    pub(crate) fn after(mut self, earlier: &'a [Statement]) -> Draft<'a> {
        self.earlier = earlier;
        self
    }

    /// Returns the lines so far.
    pub(crate) fn lines(&self) -> &[PlannedStatement] {
        &self.lines
    }

    /// Returns what the model wrote so far, of which lines were taken: it fits the grammar, as the lines may not.
    pub(crate) fn written(&self) -> String {
        self.written
            .iter()
            .map(|line| format!("{line}\n"))
            .collect()
    }

    /// Returns how many acts no model wrote, and no turn before had.
    pub(crate) fn inserted(&self) -> usize {
        self.inserted
    }

    /// Returns the text so far, each line with its end.
    pub(crate) fn text(&self) -> String {
        self.lines
            .iter()
            .map(|line| format!("{}\n", line.text))
            .collect()
    }

    /// Reads the next line. With `ground`, values must follow from the words.
    ///
    /// # Errors
    ///
    /// [`LineError`]; the draft is as before.
    pub(crate) fn add(
        &mut self,
        text: &str,
        ground: Option<&Ground<'_>>,
    ) -> Result<Added<'_>, LineError> {
        let number = self.lines.len() + 1;
        let parsed = parse_statement(text, number).map_err(|error| LineError::Invalid {
            text: text.to_owned(),
            reason: error.message(plan_language(self.language)),
            advice: error.message(Language::En),
            question: None,
            excess: None,
        })?;
        let Some(mut statement) = parsed else {
            return Ok(Added::Nothing);
        };
        if number > MAX_STATEMENTS {
            return Ok(Added::Repetition);
        }
        if ground.is_some_and(|ground| self.counts_unasked(&statement, ground)) {
            return Ok(Added::Nothing);
        }
        if let Some(ground) = ground {
            self.replace_echo(&mut statement, ground);
            ground
                .settle(&mut statement, self.lines.is_empty(), self.registry)
                .map_err(|missing| self.ungrounded(text, &missing))?;
        }
        if let Some(ground) = ground {
            self.keep_conditions(&mut statement, ground);
        }
        let before = self.lines.len();
        let (mut ahead, mut inserted) = (Vec::new(), 0);
        if let Some(ground) = ground {
            self.follow_the_file(&mut statement, ground);
            if ground.has_several_parts() {
                self.name_the_moved(&mut statement);
            }
            let said = ground.own();
            let points = follow::reference(said.slice(0..said.len())) == Reference::Surely;
            behind::complete(&mut statement, self.earlier, points, self.registry);
            if before == 0 {
                ahead = behind::ends_before(&statement, self.earlier, said, self.registry);
            }
            inserted = ahead.len();
            let own: Vec<&Statement> = self.lines.iter().map(|line| &line.statement).collect();
            row::take_row(
                &mut statement,
                self.earlier,
                &own,
                ground.text(),
                self.registry,
            );
            if !ground.says_a_number() {
                let bound: Vec<&Statement> = self.earlier.iter().chain(own).collect();
                ahead.extend(behind::reads_before(&mut statement, &bound, self.registry));
            }
        }
        let added = self.add_behind(ahead, statement, ground);
        if !matches!(added, Ok(true)) {
            self.lines.truncate(before);
        }
        if !added? {
            return Ok(Added::Repetition);
        }
        self.inserted += inserted;
        if ground.is_some() {
            self.written.push(text.to_owned());
        }
        Ok(Added::Lines(&self.lines[before..]))
    }

    /// Keeps the choices and the order that were said.
    fn keep_conditions(&self, statement: &mut Statement, ground: &Ground<'_>) {
        match &statement.call.head {
            Head::Function(name) => {
                if let Some(function) = self.registry.function(name) {
                    ground.add_choices(&mut statement.call, function);
                }
            }
            Head::Word(word) if ["top", "sort"].contains(&word.as_str()) => {
                let mut rows = names_in(&statement.call).into_iter();
                let gives_files = |name: String| {
                    self.lines.iter().any(|line| {
                        line.statement.name.as_ref() == Some(&name)
                            && matches!(&line.statement.call.head, Head::Function(function) if function.domain() == "files")
                    })
                };
                if rows.next().is_some_and(gives_files) {
                    ground.order_files(statement);
                }
            }
            Head::Word(_) => {}
        }
    }

    /// Replaces a `say` that only repeats words that no example has by the sentence that nothing was understood.
    fn replace_echo(&self, statement: &mut Statement, ground: &Ground<'_>) {
        let says = statement.call.head == Head::Word("say".to_owned());
        let own = ground.own();
        let own = Words::of_utterance(own.slice(0..own.len()));
        if let Some(Argument {
            value: Expression::Literal(Literal::Text(said)),
            ..
        }) = statement.call.arguments.first_mut()
            && self.is_unheard
            && says
            && Words::of_utterance(said).keys().eq(own.keys())
        {
            *said = text::message(self.language, "not-understood", &[]);
        }
    }

    /// Adds a line behind those that end what it replaces, or read what it shows.
    fn add_behind(
        &mut self,
        ahead: Vec<Statement>,
        statement: Statement,
        ground: Option<&Ground<'_>>,
    ) -> Result<bool, LineError> {
        for line in ahead {
            let checked = self.check(&line)?;
            self.push(line, checked, None);
        }
        self.add_checked(statement, ground)
    }

    /// What was moved is where it went; what is renamed behind its copying is the copy, and what is opened behind its
    /// unpacking is what came out.
    fn follow_the_file(&self, statement: &mut Statement, ground: &Ground<'_>) {
        if behind::file_of(statement, self.registry).is_none() {
            return;
        }
        let is_original = ORIGINAL.iter().any(|word| ground.text().contains(word));
        let opens = ["files.open", "files.reveal", "apps.open_with"];
        let meant = if !is_original && opens.iter().any(|opens| is_call_of(statement, opens)) {
            Meant::Content
        } else if is_call_of(statement, "files.rename") && !is_original {
            Meant::Copy
        } else {
            Meant::Original
        };
        let lines = self.lines.iter().map(|line| &line.statement);
        match statement
            .call
            .arguments
            .first_mut()
            .map(|first| &mut first.value)
        {
            Some(Expression::Literal(Literal::Text(path))) => {
                if let Whereabouts::At(now) = whereabouts::behind(path, lines, meant) {
                    *path = now;
                }
            }
            Some(Expression::Reference(file)) => {
                if let Some(now) = whereabouts::name_behind(file, lines, meant) {
                    file.name = now;
                    file.steps.clear();
                }
            }
            _ => {}
        }
    }

    /// Names what becomes of a file that is moved, copied or unpacked as the result of another line, so that later lines find it.
    fn name_the_moved(&self, statement: &mut Statement) {
        if statement.name.is_some() || !whereabouts::moves_a_result(statement) {
            return;
        }
        let own = self.lines.iter().map(|line| &line.statement);
        let bound: Vec<&str> = self
            .earlier
            .iter()
            .chain(own)
            .filter_map(|line| line.name.as_deref())
            .collect();
        let name = match is_call_of(statement, "files.unzip") {
            true => "unpacked",
            false => "moved",
        };
        let mut names =
            std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}{number}")));
        statement.name = names.find(|name| !bound.contains(&name.as_str()));
    }

    /// Adds a question to the person.
    ///
    /// # Errors
    ///
    /// Never for a text that fits a line.
    pub(crate) fn ask(&mut self, question: &str) -> Result<Added<'_>, LineError> {
        self.exit("ask", question)
    }

    /// Adds a sentence of the catalogue to the person.
    ///
    /// # Errors
    ///
    /// As of [`Draft::ask`].
    pub(crate) fn say(&mut self, message: &str) -> Result<Added<'_>, LineError> {
        self.exit("say", &text::message(self.language, message, &[]))
    }

    fn exit(&mut self, word: &str, text: &str) -> Result<Added<'_>, LineError> {
        let literal = Expression::Literal(Literal::Text(text.to_owned()));
        self.add(&format!("{word}({literal})"), None)
    }

    /// Adds a line behind those of the turn before that it refers to; false if it does again what is done.
    ///
    /// With `ground` it is a model's: what nobody means is no part of the plan.
    fn add_checked(
        &mut self,
        mut statement: Statement,
        ground: Option<&Ground<'_>>,
    ) -> Result<bool, LineError> {
        self.recall(&statement, self.earlier.len())?;
        if self.lines.len() >= MAX_STATEMENTS {
            return Ok(false);
        }
        let checked = loop {
            match self.check(&statement) {
                Err(LineError::Invalid {
                    excess: Some(excess),
                    ..
                }) if ground.is_some() && leave_out(&mut statement, &excess) => {}
                checked => break checked?,
            }
        };
        if let Some(ground) = ground
            && (self.is_far_fetched(&statement, ground)
                || self.renames_the_original(&statement)
                || self.does_again(&checked, ground.times())
                || self.reads_otherwise_again(&statement))
        {
            return Ok(false);
        }
        self.push(statement, checked, None);
        Ok(true)
    }

    /// Takes over the lines of the turn before whose results a line refers to, and those that they need.
    ///
    /// `above` is how many lines of the turn before a name may come from: one of its own lines refers to what
    /// stands above it.
    fn recall(&mut self, statement: &Statement, above: usize) -> Result<(), LineError> {
        for name in names_in(&statement.call) {
            let is_bound = |line: &PlannedStatement| line.statement.name.as_ref() == Some(&name);
            let is_own = self
                .lines
                .iter()
                .any(|line| is_bound(line) && line.earlier.is_none());
            let earlier = self.earlier;
            let is_of_this_plan = above == earlier.len() && is_own;
            let Some(index) = earlier[..above]
                .iter()
                .rposition(|line| line.name.as_ref() == Some(&name))
                .filter(|_| !is_of_this_plan)
            else {
                continue;
            };
            if self.lines.iter().any(|line| line.earlier == Some(index)) {
                continue;
            }
            if is_own {
                // Taken over now, it would hide the line of this plan that has the same name.
                return Err(self.unclear(statement));
            }
            self.recall(&earlier[index], index)?;
            let statement = earlier[index].clone();
            let checked = self.check(&statement)?;
            self.push(statement, checked, Some(index));
        }
        Ok(())
    }

    fn unclear(&self, statement: &Statement) -> LineError {
        LineError::Invalid {
            text: statement.to_string(),
            reason: text::message(self.language, "ask-which", &[]),
            advice: "use another name for the result".to_owned(),
            question: Some(text::message(self.language, "ask-which", &[])),
            excess: None,
        }
    }

    fn push(&mut self, statement: Statement, checked: CheckedStatement, earlier: Option<usize>) {
        self.lines.push(PlannedStatement {
            text: checked.text.clone(),
            statement,
            checked,
            earlier,
        });
    }

    /// Tells whether a line does what earlier ones have done: a small model that does not find the end goes round
    /// in circles. Doing what passes `times` times may be meant (“skip two songs”).
    fn does_again(&self, checked: &CheckedStatement, times: usize) -> bool {
        let same = self
            .lines
            .iter()
            .filter(|line| line.checked.kind == checked.kind);
        let most = match checked.effect() {
            Effect::Transient => times,
            _ => 1,
        };
        same.count() >= most
    }

    /// Tells whether a line reads what the line before has read, but for another choice: nobody wants a text summed up
    /// shortly, and then at length.
    fn reads_otherwise_again(&self, statement: &Statement) -> bool {
        let Head::Function(name) = &statement.call.head else {
            return false;
        };
        let (Some(signature), Some(last)) = (self.registry.signature(name), self.lines.last())
        else {
            return false;
        };
        let without_choices = |call: &Call| {
            let mut call = call.clone();
            let arguments = call.arguments.drain(..).enumerate();
            let kept = arguments.filter(|(index, argument)| {
                signature
                    .argument_at(*index, argument)
                    .is_none_or(|spec| spec.required || !matches!(spec.ty, Type::Choice(_)))
            });
            kept.map(|(_, argument)| argument.value.to_string())
                .collect::<Vec<_>>()
        };
        signature.effect == Effect::Read
            && signature.arguments.iter().any(|spec| spec.required)
            && last.earlier.is_none()
            && last.statement.call.head == statement.call.head
            && without_choices(&last.statement.call) == without_choices(&statement.call)
    }

    /// Tells whether an act takes a number that was read about something else: nobody wants the screen as
    /// bright as the battery is full, who does not say so.
    fn is_far_fetched(&self, statement: &Statement, ground: &Ground<'_>) -> bool {
        if ground.says_equal() {
            return false;
        }
        let Head::Function(name) = &statement.call.head else {
            return false;
        };
        let Some(signature) = self.registry.signature(name) else {
            return false;
        };
        let is_of_other = |source: &str| {
            self.lines.iter().any(|line| {
                line.statement.name.as_deref() == Some(source)
                    && matches!(&line.statement.call.head, Head::Function(other) if other.domain() != name.domain())
            })
        };
        let mut arguments = statement.call.arguments.iter().enumerate();
        signature.effect > Effect::Read
            && arguments.any(|(index, argument)| {
                let source = match &argument.value {
                    Expression::Reference(reference) => reference.name.as_str(),
                    // `v.level` reads like a function's name.
                    Expression::Function(name) => name.domain(),
                    _ => return false,
                };
                let spec = signature.argument_at(index, argument);
                spec.is_some_and(|spec| {
                    matches!(spec.ty, Type::Percent | Type::Int { .. } | Type::Number)
                }) && is_of_other(source)
            })
    }

    /// Tells whether a line only counts what is shown anyway, and nobody asked how many there are.
    fn counts_unasked(&self, statement: &Statement, ground: &Ground<'_>) -> bool {
        statement.call.head == Head::Word("count".to_owned())
            && statement.name.is_none()
            && self.earlier.is_empty()
            && !self.lines.is_empty()
            && !asks_how_many(ground.text())
    }

    /// Tells whether a row that was copied would be renamed: the copy is meant, which has no name here.
    fn renames_the_original(&self, statement: &Statement) -> bool {
        let subject = |statement: &Statement| {
            let first = statement.call.arguments.first();
            first.map(|argument| argument.value.clone())
        };
        let copies = |line: &PlannedStatement| {
            is_call_of(&line.statement, "files.copy")
                && subject(&line.statement) == subject(statement)
        };
        is_call_of(statement, "files.rename") && self.lines.iter().any(copies)
    }

    fn ungrounded(&self, line: &str, missing: &Ungrounded) -> LineError {
        if missing.ty == Type::App {
            return LineError::NoSuchApp;
        }
        let values = [
            ("argument", missing.argument.as_str()),
            ("value", missing.value.as_str()),
        ];
        LineError::Invalid {
            text: line.to_owned(),
            reason: text::message(self.language, "plan-value-not-said", &values),
            advice: format!(
                "the request does not name the value for `{}`",
                missing.argument
            ),
            question: Some(question(&missing.ty, self.language)),
            excess: None,
        }
    }

    /// Checks a line behind those so far, and that its functions can be used.
    fn check(&self, statement: &Statement) -> Result<CheckedStatement, LineError> {
        let mut checker = Checker::new(self.registry, self.names.written());
        for line in &self.lines {
            // They passed before, so they pass again; this makes their names known.
            let _ = checker.statement(&line.statement);
        }
        let checked = checker
            .statement(statement)
            .map_err(|error| LineError::Invalid {
                text: statement.to_string(),
                reason: error.message(plan_language(self.language)),
                advice: match &error.problem {
                    // Its sentence names what is live on this machine.
                    CheckProblem::UnknownLive { argument, .. } => {
                        format!("nothing on this machine fits `{argument}`")
                    }
                    _ => error.message(Language::En),
                },
                question: match &error.problem {
                    // “the second one”, and nothing was shown before.
                    CheckProblem::UnknownName { .. } => {
                        Some(text::message(self.language, "ask-which", &[]))
                    }
                    _ => None,
                },
                excess: match error.problem {
                    CheckProblem::NotAnAction { function }
                    | CheckProblem::ActionNeedsMore { function, .. } => Some(function),
                    CheckProblem::UnknownField { field, .. } => Some(field),
                    _ => None,
                },
            })?;
        match function_of(&checked) {
            Some(function) if self.available.function(function).is_none() => {
                Err(LineError::Unavailable(function.clone()))
            }
            _ => Ok(checked),
        }
    }
}

/// Takes an action or a column out of the lists of a table: what rows cannot do or show is not missed
/// beside what they can. False if it stands nowhere in them, or alone.
fn leave_out(statement: &mut Statement, excess: &str) -> bool {
    let is_excess = |item: &Expression| match item {
        Expression::Function(name) => name.as_str() == excess,
        Expression::Literal(Literal::Text(text)) => text == excess,
        _ => false,
    };
    let lists = statement.call.arguments.iter_mut();
    let mut lists = lists.filter_map(|argument| match &mut argument.value {
        Expression::List(items) => Some(items),
        _ => None,
    });
    lists.any(|items| {
        let count = items.len();
        if count > 1 {
            items.retain(|item| !is_excess(item));
        }
        items.len() < count && !items.is_empty()
    })
}

fn asks_how_many(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    ASKING_HOW_MANY.iter().any(|word| text.contains(word))
}

pub(crate) fn is_call_of(statement: &Statement, function: &str) -> bool {
    matches!(&statement.call.head, Head::Function(name) if name.as_str() == function)
}

/// Returns the question for a value that is needed and was not said, with its bounds.
fn question(ty: &Type, language: text::Language) -> String {
    let bounds = match ty {
        Type::Percent => Some((0, 100)),
        Type::Int {
            min: Some(min),
            max: Some(max),
        } => Some((*min, *max)),
        _ => None,
    };
    if let Some((min, max)) = bounds {
        let (min, max) = (min.to_string(), max.to_string());
        let values = [("min", min.as_str()), ("max", max.as_str())];
        return text::message(language, "ask-how-much-between", &values);
    }
    let id = match ty {
        Type::Path(PathKind::Folder) => "ask-folder",
        Type::List(item) => return question(item, language),
        Type::Path(_) => "ask-file",
        Type::Time | Type::Duration => "ask-when",
        Type::Text { .. } => "ask-text",
        Type::Percent | Type::Int { .. } | Type::Number | Type::Bytes => "ask-how-much",
        _ => "ask-which",
    };
    text::message(language, id, &[])
}

/// Returns the names that a call refers to.
pub(crate) fn names_in(call: &Call) -> Vec<String> {
    fn collect(value: &Expression, names: &mut Vec<String>) {
        match value {
            Expression::Reference(reference) => names.push(reference.name.clone()),
            Expression::List(items) => items.iter().for_each(|item| collect(item, names)),
            Expression::Call(call) => names.extend(names_in(call)),
            // `v.level` reads like a function's name.
            Expression::Function(name) => names.push(name.domain().to_owned()),
            Expression::Literal(_) => {}
        }
    }
    let mut names = Vec::new();
    for argument in &call.arguments {
        collect(&argument.value, &mut names);
    }
    names
}

/// Returns the function that a statement itself runs; buttons and row actions wait for a click.
fn function_of(statement: &CheckedStatement) -> Option<&FunctionName> {
    match &statement.kind {
        StatementKind::Call(call) => Some(&call.function),
        StatementKind::Each { action, .. } => Some(&action.function),
        StatementKind::Data(_)
        | StatementKind::Part(_)
        | StatementKind::Say { .. }
        | StatementKind::Ask { .. } => None,
    }
}

fn plan_language(language: text::Language) -> Language {
    match language {
        text::Language::English => Language::En,
        text::Language::Chinese => Language::Zh,
    }
}
