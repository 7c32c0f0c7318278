//! Whether a plan is what was asked for.
//!
//! An accepted plan is written in the plan language and compared by structure: arguments by
//! their names, values by what they mean, results by where they come from. On top of the
//! language, `_` stands for any value or none, a text `re:…` for whatever the regular
//! expression finds, and `range:A..B` for a number between the two.

use std::collections::{BTreeMap, HashMap};

use functions::{LiveValue, Registry};
use plan::{
    Argument, Call, Effect, Expression, Head, Literal, Moment, Output, Plan, Reference, Signatures,
    Step, TimeText, Toward, Type, Unit, Value, WordKind,
};
use planner::PlanError;

use crate::{answers::Answer, cause::Cause, desk, files, requests::EvalRequest};

/// What `_` becomes, which the parser would not take.
const ANYTHING: &str = "anything_at_all";
/// Parts that only word what is shown.
const WORDING: &[&str] = &["title", "section", "text", "more"];
/// Parts that show rows, one as good as the other.
const ROWS: &[&str] = &["table", "list", "gallery"];

/// Compares plans over one registry at one moment.
pub(crate) struct Judge<'r> {
    registry: &'r Registry,
    now: Moment,
    apps: Vec<LiveValue>,
}

/// A statement with its arguments under their names.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    pub(crate) head: String,
    pub(crate) arguments: BTreeMap<String, Expression>,
    /// The name of its result.
    pub(crate) bound: Option<String>,
}

/// A plan in the form in which it is compared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves {
    /// What is done, in order.
    pub(crate) acts: Vec<Move>,
    /// What is shown.
    pub(crate) parts: Vec<Move>,
}

/// Which name of the plan stands for which name of the pattern.
type Names = HashMap<String, String>;

impl<'r> Judge<'r> {
    /// Judges plans made at the desk of the evaluation.
    pub(crate) fn new(registry: &'r Registry) -> Judge<'r> {
        Judge {
            registry,
            now: desk::now(),
            apps: desk::live().apps,
        }
    }

    /// For the tests: the same of a plan's text, of which none that cannot be read is right.
    #[cfg(test)]
    fn accepts(&self, plan: &str, accepted: &[String], is_panel: bool) -> bool {
        plan::parse(plan).is_ok_and(|plan| self.accepts_plan(&plan, accepted, is_panel))
    }

    /// Tells whether `plan` is one of `accepted`; without any, only words are right.
    fn accepts_plan(&self, plan: &Plan, accepted: &[String], is_panel: bool) -> bool {
        let is_word = |statement: &plan::Statement| matches!(&statement.call.head, Head::Word(word) if word == "say" || word == "ask");
        if accepted.is_empty() {
            return !plan.statements.is_empty() && plan.statements.iter().all(is_word);
        }
        let plan = self.moves(plan);
        accepted.iter().any(|pattern| {
            pattern_of(pattern)
                .is_ok_and(|pattern| self.same(&self.moves(&pattern), &plan, is_panel))
        })
    }

    /// Tells why an answer is wrong; nothing when it is right.
    pub(crate) fn fault(&self, request: &EvalRequest, answer: &Answer) -> Option<Cause> {
        // That no such app is installed is all that the person reads.
        let is_refused =
            request.accept.is_empty() && answer.error == PlanError::NoSuchApp.to_string();
        let before = request
            .before
            .last()
            .map(|before| plan::parse(&before.plan));
        let forms = match (plan::parse(&answer.plan), before) {
            (Ok(plan), Some(Ok(before))) => vec![
                files::without_done(&plan, &before),
                files::without_taken(&plan, &before),
            ],
            (answered, _) => answered.into_iter().collect(),
        };
        let is_accepted =
            |plan: &Plan| self.accepts_plan(plan, &request.accept, request.is_panel());
        let is_right = is_refused || forms.iter().any(is_accepted);
        (!is_right).then(|| Cause::of(&answer.plan, &request.accept))
    }

    /// For the tests: tells what is wrong with an accepted plan, as far as its functions and arguments go.
    #[cfg(test)]
    pub(crate) fn defect(&self, pattern: &str) -> Option<String> {
        let plan = match pattern_of(pattern) {
            Ok(plan) => plan,
            Err(reason) => return Some(reason),
        };
        plan.statements
            .iter()
            .find_map(|statement| self.defect_of_call(&statement.call))
    }

    #[cfg(test)]
    fn defect_of_call(&self, call: &Call) -> Option<String> {
        let known: Vec<String> = match &call.head {
            Head::Function(name) => match self.registry.signature(name) {
                Some(signature) => signature.arguments.iter().map(|a| a.name.clone()).collect(),
                None => return Some(format!("no function is called {name}")),
            },
            Head::Word(word) => match plan::word(word) {
                Some(word) if word.kind == WordKind::Each => return None,
                Some(word) => word.arguments.iter().map(|a| a.name.to_owned()).collect(),
                None => return Some(format!("no word is called {word}")),
            },
        };
        if call.arguments.len() > known.len() {
            return Some(format!("{call} has too many arguments"));
        }
        let strange = call
            .arguments
            .iter()
            .filter_map(|argument| argument.name.as_ref())
            .find(|name| !known.contains(name));
        strange.map(|name| format!("{call} has no argument {name}"))
    }

    fn moves(&self, plan: &Plan) -> Moves {
        let mut moves = Moves::default();
        // `x = first(f)` only gives `f[0]` another name.
        let mut other_names: HashMap<String, Expression> = HashMap::new();
        let plan = with_labels_found(plan);
        for statement in &plan.statements {
            let mut one = self.one_move(&statement.call, statement.name.clone());
            for value in one.arguments.values_mut() {
                rename(value, &other_names);
            }
            if let ("first", Some(name), Some(Expression::Reference(rows))) =
                (one.head.as_str(), &one.bound, one.arguments.get("rows"))
            {
                let mut first = rows.clone();
                first.steps.push(Step::Index(0));
                other_names.insert(name.clone(), Expression::Reference(first));
                continue;
            }
            let is_part = matches!(&statement.call.head, Head::Word(word)
                if plan::word(word).is_some_and(|word| word.kind == WordKind::Part));
            if !is_part {
                moves.acts.push(one);
            } else if !WORDING.contains(&one.head.as_str()) {
                moves.parts.push(one);
            }
        }
        files::settle(&mut moves);
        moves
    }

    fn one_move(&self, call: &Call, bound: Option<String>) -> Move {
        let names: Vec<String> = match &call.head {
            Head::Function(name) => self
                .registry
                .signature(name)
                .map(|signature| signature.arguments.iter().map(|a| a.name.clone()).collect())
                .unwrap_or_default(),
            Head::Word(word) => plan::word(word)
                .map(|word| word.arguments.iter().map(|a| a.name.to_owned()).collect())
                .unwrap_or_default(),
        };
        let head = match &call.head {
            Head::Function(name) => name.to_string(),
            Head::Word(word) => word.clone(),
        };
        let mut arguments = BTreeMap::new();
        for (index, argument) in call.arguments.iter().enumerate() {
            let name = name_of(argument, index, &names);
            // The timer of the turn before is the last one, and the only one that the desk knows.
            let is_last = head == "timers.cancel" && name == "last";
            if argument.value != Expression::Literal(Literal::None)
                && !is_last
                && !self.is_default(&head, &name, &argument.value)
            {
                let (name, value) = self.as_age(name, &argument.value);
                arguments.insert(name, value);
            }
        }
        Move {
            head,
            arguments,
            bound,
        }
    }

    /// What was changed before a moment is as old as that moment.
    fn as_age(&self, name: String, value: &Expression) -> (String, Expression) {
        let moment = match value {
            Expression::Literal(Literal::Text(text)) if name == "modified_before" => {
                TimeText::parse(text)
            }
            _ => None,
        };
        let Some(moment) = moment else {
            return (name, value.clone());
        };
        let seconds = self.now.unix() - moment.resolve(self.now, Toward::Past).unix();
        let age = Literal::Number {
            value: seconds as f64,
            unit: Some(Unit::Second),
        };
        ("older_than".to_owned(), Expression::Literal(age))
    }

    fn is_default(&self, head: &str, name: &str, value: &Expression) -> bool {
        let Some(spec) = self.spec(head, name) else {
            return head == "sort"
                && name == "desc"
                && *value == Expression::Literal(Literal::Bool(false));
        };
        match (&spec.default, value) {
            (Some(Value::Text(default)), Expression::Literal(Literal::Text(text))) => {
                default == text
            }
            (Some(Value::Bool(default)), Expression::Literal(Literal::Bool(truth))) => {
                default == truth
            }
            (Some(default), Expression::Literal(Literal::Number { value, unit })) => default
                .as_number()
                .is_some_and(|default| equal(default, in_base(*value, *unit))),
            _ => false,
        }
    }

    fn spec(&self, head: &str, name: &str) -> Option<&plan::ArgumentSpec> {
        let function = plan::FunctionName::new(head).ok()?;
        self.registry.signature(&function)?.argument(name)
    }

    fn same(&self, pattern: &Moves, plan: &Moves, is_panel: bool) -> bool {
        if pattern.acts.len() != plan.acts.len() {
            return false;
        }
        let mut names = Names::new();
        for (wanted, found) in pattern.acts.iter().zip(&plan.acts) {
            if !self.same_move(wanted, found, &names, true) {
                return false;
            }
            if let (Some(wanted), Some(found)) = (&wanted.bound, &found.bound) {
                names.insert(wanted.clone(), found.clone());
            }
        }
        !is_panel
            || pattern.parts.iter().all(|wanted| {
                let is_drawn_anyway = plan.parts.is_empty()
                    && (ROWS.contains(&wanted.head.as_str()) || wanted.head == "meter")
                    && !wanted.arguments.contains_key("actions");
                is_drawn_anyway
                    || plan
                        .parts
                        .iter()
                        .any(|found| self.same_part(wanted, found, &names))
            })
    }

    /// Every argument must be there and no other one.
    fn same_move(&self, wanted: &Move, found: &Move, names: &Names, strictly: bool) -> bool {
        let is_free = |name: &String| wanted.arguments.get(name).is_some_and(is_anything);
        wanted.head == found.head
            && (!strictly
                || found
                    .arguments
                    .keys()
                    .all(|name| wanted.arguments.contains_key(name)))
            && wanted.arguments.iter().all(|(name, value)| {
                is_free(name)
                    || found.arguments.get(name).is_some_and(|found| {
                        self.same_value(value, found, &wanted.head, name, names)
                    })
            })
    }

    /// A part may show more and be worded otherwise; it must show the same and offer the same actions.
    fn same_part(&self, wanted: &Move, found: &Move, names: &Names) -> bool {
        let is_rows = |head: &str| ROWS.contains(&head);
        if wanted.head != found.head && !(is_rows(&wanted.head) && is_rows(&found.head)) {
            return false;
        }
        wanted.arguments.iter().all(|(name, value)| {
            match (name.as_str(), value, found.arguments.get(name)) {
                ("label" | "columns", _, _) => true,
                (_, value, _) if is_anything(value) => true,
                (_, Expression::List(wanted), Some(Expression::List(found))) => {
                    wanted.iter().all(|item| found.contains(item))
                }
                // Of a record a part takes what it can show, so `v` and `v.level` are one.
                (_, Expression::Reference(wanted), Some(Expression::Reference(found))) => {
                    same_name(wanted, found, names)
                }
                (name, value, Some(found)) => {
                    self.same_value(value, found, &wanted.head, name, names)
                }
                _ => false,
            }
        })
    }

    fn same_value(
        &self,
        wanted: &Expression,
        found: &Expression,
        head: &str,
        name: &str,
        names: &Names,
    ) -> bool {
        match (wanted, found) {
            (wanted, _) if is_anything(wanted) => true,
            (Expression::Literal(wanted), Expression::Literal(found)) => {
                self.same_literal(wanted, found, head, name)
            }
            (Expression::List(wanted), Expression::List(found)) => {
                wanted.len() == found.len()
                    && wanted
                        .iter()
                        .zip(found)
                        .all(|(wanted, found)| self.same_value(wanted, found, head, name, names))
            }
            // One value where a list is wanted stands for a list of one.
            (Expression::List(wanted), found) if wanted.len() == 1 => {
                self.same_value(&wanted[0], found, head, name, names)
            }
            (wanted, Expression::List(found)) if found.len() == 1 => {
                self.same_value(wanted, &found[0], head, name, names)
            }
            (Expression::Reference(wanted), Expression::Reference(found)) => {
                same_name(wanted, found, names) && self.steps(wanted) == self.steps(found)
            }
            (Expression::Call(wanted), Expression::Call(found)) => {
                let (wanted, found) = (self.one_move(wanted, None), self.one_move(found, None));
                self.same_move(&wanted, &found, names, true)
            }
            // A button's call may be a bare name.
            (Expression::Call(wanted), Expression::Function(found)) => {
                wanted.head == Head::Function(found.clone()) && wanted.arguments.is_empty()
            }
            (Expression::Function(wanted), Expression::Call(found)) => {
                found.head == Head::Function(wanted.clone()) && found.arguments.is_empty()
            }
            (wanted, found) => wanted == found,
        }
    }

    /// A row stands for its key, so `f[0].path` is `f[0]`.
    fn steps(&self, reference: &Reference) -> Vec<Step> {
        let mut steps = reference.steps.clone();
        if let Some(Step::Field(field)) = steps.last()
            && steps.len() > 1
            && self.registry.functions().any(|function| {
                matches!(&function.signature.output, Output::Rows { key: Some(key), .. } if key == field)
            })
        {
            steps.pop();
        }
        steps
    }

    fn same_literal(&self, wanted: &Literal, found: &Literal, head: &str, name: &str) -> bool {
        if let Literal::Text(text) = wanted {
            if let Some(range) = text.strip_prefix("range:") {
                return within(range, found);
            }
            if let Some(pattern) = text.strip_prefix("re:") {
                let text = match found {
                    Literal::Text(text) => text.clone(),
                    other => Expression::Literal(other.clone()).to_string(),
                };
                let is_app = self
                    .spec(head, name)
                    .is_some_and(|spec| spec.ty == Type::App);
                // An app is the same by any of its names.
                let texts = if is_app {
                    self.names_of_app(&text)
                } else {
                    vec![text]
                };
                return fancy_regex::Regex::new(&format!("(?i){pattern}")).is_ok_and(|regex| {
                    texts
                        .iter()
                        .any(|text| regex.is_match(text).unwrap_or(false))
                });
            }
        }
        match (wanted, found) {
            (Literal::Text(wanted), Literal::Text(found)) => {
                self.same_text(wanted, found, head, name)
            }
            (
                Literal::Number { value, unit },
                Literal::Number {
                    value: found,
                    unit: found_unit,
                },
            ) => equal(in_base(*value, *unit), in_base(*found, *found_unit)),
            (wanted, found) => wanted == found,
        }
    }

    fn same_text(&self, wanted: &str, found: &str, head: &str, name: &str) -> bool {
        let plain = |text: &str| text.trim().to_lowercase();
        let ty = match head {
            // `to` of `each(f, files.move, to=…)` and fields of `filter` keep their spelling.
            "each" if name == "to" => Some(Type::Path(plan::PathKind::Any)),
            _ => self.spec(head, name).map(|spec| spec.ty.clone()),
        };
        match ty {
            Some(Type::Path(_)) => path(wanted) == path(found),
            Some(Type::Time) => self.moment(wanted, head) == self.moment(found, head),
            Some(Type::App) => self.app(wanted) == self.app(found),
            _ => plain(wanted) == plain(found),
        }
    }

    fn moment(&self, text: &str, head: &str) -> Option<i64> {
        let function = plan::FunctionName::new(head).ok()?;
        let toward = match self.registry.signature(&function)?.effect {
            Effect::Read => Toward::Past,
            _ => Toward::Future,
        };
        TimeText::parse(text).map(|time| time.resolve(self.now, toward).unix())
    }

    fn app(&self, name: &str) -> String {
        let known = self.known_app(name);
        known.map_or_else(|| name.trim().to_lowercase(), |app| app.id.clone())
    }

    fn names_of_app(&self, name: &str) -> Vec<String> {
        let known = self.known_app(name);
        let others = known
            .iter()
            .flat_map(|app| app.names.iter().chain([&app.id]));
        others.cloned().chain([name.to_owned()]).collect()
    }

    fn known_app(&self, name: &str) -> Option<&LiveValue> {
        let name = name.trim().to_lowercase();
        self.apps.iter().find(|app| {
            app.id.trim_end_matches(".desktop").to_lowercase() == name
                || app.names.iter().any(|other| other.to_lowercase() == name)
        })
    }
}

/// Writes the cancelling of a timer by its label as what it stands for: the first of the list that holds the words.
fn with_labels_found(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let cancels = |statement: &plan::Statement| {
        let is_cancel = matches!(&statement.call.head, Head::Function(name) if name.as_str() == "timers.cancel");
        let mut arguments = statement.call.arguments.iter().filter(|_| is_cancel);
        let label = arguments.find(|argument| argument.name.as_deref() == Some("label"))?;
        Some(label.value.clone())
    };
    let Some((at, label)) = plan
        .statements
        .iter()
        .enumerate()
        .find_map(|(at, statement)| Some((at, cancels(statement)?)))
    else {
        return plan;
    };
    let found = format!(
        "all_{at} = timers.list()\nlabelled_{at} = filter(all_{at}, \"label\", \"contains\", {label})\ntimers.cancel(labelled_{at}[0])"
    );
    let Ok(found) = plan::parse(&found) else {
        return plan;
    };
    plan.statements.splice(at..=at, found.statements);
    with_labels_found(&plan)
}

/// Reads an accepted plan, in which `_` is allowed.
///
/// # Errors
///
/// What the parser says.
pub(crate) fn pattern_of(text: &str) -> Result<Plan, String> {
    let mut in_text = false;
    let mut named = String::with_capacity(text.len());
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if c == '"' && before != '\\' {
            in_text = !in_text;
        }
        let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
        let ends = characters.peek().is_none_or(|next| !is_part_of_name(*next));
        if c == '_' && !in_text && !is_part_of_name(before) && ends {
            named.push_str(ANYTHING);
        } else {
            named.push(c);
        }
        before = c;
    }
    plan::parse(&named).map_err(|errors| format!("{errors:?}"))
}

pub(crate) fn is_anything(value: &Expression) -> bool {
    matches!(value, Expression::Reference(reference) if reference.name == ANYTHING)
}

fn name_of(argument: &Argument, index: usize, names: &[String]) -> String {
    match &argument.name {
        Some(name) => name.clone(),
        None => names
            .get(index)
            .cloned()
            .unwrap_or_else(|| index.to_string()),
    }
}

/// Puts what a name stands for in its place.
fn rename(value: &mut Expression, other_names: &HashMap<String, Expression>) {
    match value {
        Expression::Reference(reference) => {
            if let Some(Expression::Reference(other)) = other_names.get(&reference.name) {
                let mut steps = other.steps.clone();
                steps.append(&mut reference.steps);
                reference.name.clone_from(&other.name);
                reference.steps = steps;
            }
        }
        Expression::List(items) => items.iter_mut().for_each(|item| rename(item, other_names)),
        Expression::Call(call) => call
            .arguments
            .iter_mut()
            .for_each(|argument| rename(&mut argument.value, other_names)),
        Expression::Literal(_) | Expression::Function(_) => {}
    }
}

/// A name that the pattern did not bind is one of an earlier turn.
fn same_name(wanted: &Reference, found: &Reference, names: &Names) -> bool {
    names.get(&wanted.name).unwrap_or(&wanted.name) == &found.name
}

fn in_base(value: f64, unit: Option<Unit>) -> f64 {
    value
        * match unit {
            None | Some(Unit::Percent | Unit::Byte | Unit::Second) => 1.0,
            Some(Unit::Kilobyte) => 1e3,
            Some(Unit::Megabyte) => 1e6,
            Some(Unit::Gigabyte) => 1e9,
            Some(Unit::Terabyte) => 1e12,
            Some(Unit::Minute) => 60.0,
            Some(Unit::Hour) => 3600.0,
            Some(Unit::Day) => 86_400.0,
        }
}

fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-6)
}

fn within(range: &str, found: &Literal) -> bool {
    let number = |text: &str| match plan::parse_statement(&format!("x.y({text})"), 1) {
        Ok(Some(statement)) => match statement.call.arguments.first().map(|a| &a.value) {
            Some(Expression::Literal(Literal::Number { value, unit })) => {
                Some(in_base(*value, *unit))
            }
            _ => None,
        },
        _ => None,
    };
    let Some((least, most)) = range.split_once("..") else {
        return false;
    };
    match (number(least), number(most), found) {
        (Some(least), Some(most), Literal::Number { value, unit }) => {
            (least..=most).contains(&in_base(*value, *unit))
        }
        _ => false,
    }
}

/// Writes the usual folders in one way.
fn path(text: &str) -> String {
    const USUAL: &[(&str, &[&str])] = &[
        ("~", &["home", "主目录", "我的主目录"]),
        ("~/desktop", &["desktop", "桌面"]),
        ("~/documents", &["documents", "文档"]),
        ("~/downloads", &["downloads", "下载"]),
        ("~/music", &["music", "音乐"]),
        ("~/pictures", &["pictures", "图片"]),
        ("~/videos", &["videos", "视频"]),
    ];
    let lower = text.trim().trim_end_matches('/').to_lowercase();
    let inner = lower.strip_prefix("~/").unwrap_or(&lower);
    let (first, rest) = inner.split_once('/').unwrap_or((inner, ""));
    let usual = USUAL.iter().find(|(_, names)| names.contains(&first));
    match usual {
        Some((folder, _)) if rest.is_empty() => (*folder).to_owned(),
        Some((folder, _)) => format!("{folder}/{rest}"),
        None => lower,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn accepts(pattern: &str, plan: &str, is_panel: bool) -> bool {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let registry = desk::registry(&root).expect("every function loads");
        let judge = Judge::new(&registry);
        assert_eq!(judge.defect(pattern), None, "{pattern}");
        judge.accepts(plan, &[pattern.to_owned()], is_panel)
    }

    #[test]
    fn what_means_the_same_is_accepted() {
        for (pattern, plan) in [
            ("audio.set_volume(30)", "audio.set_volume(level=30%)"),
            ("timers.start(600)", "timers.start(10min)"),
            (
                "timers.start(10min, \"re:tea|kettle\")",
                "timers.start(10min, \"Check the tea\")",
            ),
            ("timers.start(10min, _)", "timers.start(10min)"),
            (
                "files.find(folder=\"downloads\")",
                "x = files.find(folder=\"~/Downloads\", kind=\"any\")\ntable(x)",
            ),
            (
                "timers.remind(\"tomorrow 9:00\", \"re:.\")",
                "timers.remind(\"2026-11-24 09:00\", \"dentist\")",
            ),
            (
                "p = system.processes(by=\"memory\", limit=1)\nsystem.end_process(p[0])",
                "a = system.processes(by=\"memory\", limit=1)\nb = first(a)\nsystem.end_process(b.pid)",
            ),
            ("apps.open(\"gedit\")", "apps.open(\"Text Editor\")"),
            (
                "audio.change_volume(by=\"range:-30..-1\")",
                "audio.change_volume(-10)",
            ),
            ("files.zip([\"a.txt\"])", "files.zip(\"a.txt\")"),
            (
                "f = files.find(kind=\"pdf\")\nt = top(f, 2, by=\"modified\")\neach(t, files.open)",
                "f = files.find(kind=\"pdf\", limit=2)\neach(f, files.open)",
            ),
            (
                "f = files.find(folder=\"downloads\")\ns = sort(f, \"modified\", desc=true)\nfiles.open(s[0])",
                "f = files.recent(folder=\"downloads\", limit=1)\nfiles.open(f[0])",
            ),
            (
                "files.copy(\"~/Documents/cv.odt\", \"~/Desktop\")",
                "f = files.find(name=\"cv.odt\", folder=\"Documents\")\nfiles.copy(f[0].path, \"~/Desktop/cv.odt\")",
            ),
            ("apps.open(\"re:text editor\")", "apps.open(\"gedit\")"),
            (
                "f = files.recent(folder=\"downloads\", limit=_)\nfiles.open(f[0])",
                "f = files.recent(folder=\"downloads\")\nfiles.open(f[0])",
            ),
            (
                "f = files.largest(folder=\"~/Videos\", limit=_)\nfiles.trash(f[0])",
                "f = files.largest(folder=\"~/Videos\", limit=10)\nt = top(f, 1, by=\"size\")\nfiles.trash(t[0])",
            ),
            ("timers.cancel()", "timers.cancel(last=true)"),
            (
                "files.find(modified_after=\"yesterday\", older_than=10h)",
                "files.find(modified_after=\"yesterday\", modified_before=\"today\")",
            ),
            (
                "t = timers.list()\nf = filter(t, \"label\", \"contains\", \"re:^eggs?$\")\ntimers.cancel(f[0])",
                "timers.cancel(label=\"egg\")",
            ),
        ] {
            assert!(accepts(pattern, plan, false), "{pattern} / {plan}");
        }
    }

    #[test]
    fn what_means_something_else_is_not() {
        for (pattern, plan) in [
            ("audio.set_volume(30)", "audio.set_volume(40)"),
            ("audio.set_volume(30)", "audio.set_volume(30)\npower.lock()"),
            (
                "files.find(kind=\"pdf\")",
                "files.find(kind=\"pdf\", limit=3)",
            ),
            (
                "files.find(kind=\"pdf\", limit=3)",
                "files.find(kind=\"pdf\")",
            ),
            (
                "f = files.find(kind=\"pdf\")\nfiles.open(f[0])",
                "f = files.find(kind=\"pdf\")\nt = top(f, 1, by=\"size\")\nfiles.open(t[0])",
            ),
            (
                "f = files.find(min_size=1MB)\nt = top(f, 1, by=\"modified\")\nfiles.open(t[0])",
                "f = files.find(min_size=1MB, limit=1)\nfiles.open(f[0])",
            ),
            (
                "files.open(\"~/Documents/cv.odt\")",
                "f = files.find(name=\"cv\", folder=\"~/Documents\")\nfiles.open(f[0])",
            ),
            (
                "files.copy(\"~/Documents/cv.odt\", \"~/Desktop\")",
                "files.copy(\"~/Documents/cv.odt\", \"~/Desktop/old.odt\")",
            ),
            (
                "p = system.processes(by=\"memory\")\nsystem.end_process(p[0])",
                "p = system.processes(by=\"memory\")\nsystem.end_process(p[1])",
            ),
            (
                "audio.change_volume(by=\"range:-30..-1\")",
                "audio.change_volume(10)",
            ),
            (
                "timers.remind(\"tomorrow 9:00\", _)",
                "timers.remind(\"11:00\", \"x\")",
            ),
            ("timers.cancel()", "timers.cancel(timer=2)"),
            ("timers.cancel()", "timers.cancel(label=\"egg\")"),
            (
                "f = files.recent(folder=\"downloads\", limit=_)\nfiles.open(f[0])",
                "f = files.recent(folder=\"downloads\")\nfiles.open(f[1])",
            ),
        ] {
            assert!(!accepts(pattern, plan, false), "{pattern} / {plan}");
        }
        assert!(!accepts("audio.mute()", "no plan (", false));
    }

    #[test]
    fn a_panel_must_show_what_was_asked_for() {
        let pattern = "f = files.largest(limit=_)\ntable(f, _, [files.trash])";
        let good = "f = files.largest(limit=5)\ntitle(\"Big\")\nlist(f, [\"name\"], [files.open, files.trash])";
        assert!(accepts(pattern, good, true));
        assert!(!accepts(pattern, "f = files.largest()\ntable(f)", true));
        assert!(!accepts(pattern, "files.largest()", true));
        assert!(accepts(
            "f = files.largest()\ntable(f)",
            "files.largest()",
            true
        ));
        let slider = "v = audio.volume()\nslider(_, v, audio.set_volume)";
        let good = "x = audio.volume()\nslider(\"Volume\", x, audio.set_volume)";
        assert!(accepts(slider, good, true));
        assert!(!accepts(slider, "x = audio.volume()\nmeter(x)", true));
    }

    #[test]
    fn without_an_accepted_plan_only_words_are_right() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let registry = desk::registry(&root).expect("every function loads");
        let judge = Judge::new(&registry);
        assert!(judge.accepts("say(\"no\")", &[], false));
        assert!(!judge.accepts("audio.mute()", &[], false));
        assert!(!judge.accepts("", &[], false));
        assert!(judge.defect("files.trash(f[1])").is_none());
        assert!(judge.defect("files.burn()").is_some());
        assert!(judge.defect("audio.mute(loud=1)").is_some());
        assert!(judge.defect("audio.mute(").is_some());
    }
}
