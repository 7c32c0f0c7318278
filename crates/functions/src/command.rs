//! Interprets the command behaviours of manifests: a program with typed arguments.

use std::{
    ffi::OsStr,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::{Field, Output, Type, Value};
use policy::ResolvedCall;
use protocol::{
    Problem,
    text::{joined, message},
};
use tokio::io::AsyncReadExt;

use crate::{
    Action, Availability, ErrorKind, FunctionError, World, dbus, fill,
    manifest::{CommandBehaviour, LocalText, Stdout},
    mapping, spawn,
};

/// Most bytes of output that are read, unless a caller knows that a program says more.
const OUTPUT_LIMIT: u64 = 1 << 20;

/// A function that is one run of a program, or several.
pub(crate) struct CommandAction {
    pub(crate) behaviour: CommandBehaviour,
    pub(crate) output: Output,
    pub(crate) done: Option<LocalText>,
}

/// Finds `program` in `$PATH`, or returns it when it is an absolute path to a file.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    if program.starts_with('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    find_program_in(program, &path)
}

/// Finds `program` in the folders of `path`, which are parted as in `$PATH`.
pub(crate) fn find_program_in(program: &str, path: impl AsRef<OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path.as_ref())
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

impl CommandAction {
    fn program(&self) -> &str {
        self.behaviour.argv.first().map_or("", String::as_str)
    }

    /// The arguments of each run, in order.
    fn runs(&self, call: &ResolvedCall, world: &World) -> Result<Vec<Vec<String>>, FunctionError> {
        let first = self.behaviour.argv.get(1..).unwrap_or_default();
        let further = self.behaviour.then.iter().map(Vec::as_slice);
        let templates = std::iter::once(first).chain(further);
        templates
            .map(|templates| argv(templates, call, world))
            .collect()
    }

    async fn perform(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let limit =
            Duration::from_secs_f64(self.behaviour.timeout.unwrap_or(10.0).clamp(0.1, 120.0));
        let runs = self.runs(call, world)?;
        let end = Instant::now() + limit;
        let mut output = String::new();
        for (at, argv) in runs.iter().enumerate() {
            let left = end.saturating_duration_since(Instant::now());
            let mut run = Run::of(self.program(), argv, left);
            run.variables = &self.behaviour.variables;
            let given = run.output(world).await;
            if at > 0 {
                given.map_err(|error| begun(error, world))?;
                continue;
            }
            output = given?;
            let nothing = self.behaviour.nothing.as_ref();
            if let Some(nothing) = nothing.filter(|_| output.trim().is_empty()) {
                let problem = Problem {
                    id: "command-nothing".to_owned(),
                    sentence: nothing.in_language(world.language).to_owned(),
                    remedy: String::new(),
                };
                let kind = ErrorKind::NotFound;
                return Err(FunctionError { kind, problem });
            }
        }
        let reply = match self.behaviour.stdout {
            Stdout::Ignored => Value::Null,
            Stdout::Text => Value::from(output.trim_end_matches('\n')),
            Stdout::Lines => Value::List(output.lines().map(Value::from).collect()),
            Stdout::Columns => match &self.output {
                Output::Rows { fields, .. } => columns(
                    &output,
                    &self.behaviour,
                    &in_order(&self.behaviour.cells, fields),
                ),
                _ => Value::Null,
            },
            Stdout::Json => {
                let json = serde_json::from_str(&output).map_err(|_| {
                    let (kind, values) = (ErrorKind::Failed, [("program", self.program())]);
                    let error = FunctionError::new(kind, world.language, "command-output", &values);
                    match self.behaviour.then.is_empty() {
                        true => error,
                        false => begun(error, world),
                    }
                })?;
                mapping::from_json(json)
            }
        };
        let source = mapping::Source {
            result: self.behaviour.result.as_ref(),
            fields: &self.behaviour.fields,
        };
        Ok(mapping::output(&self.output, source, reply, world.language))
    }
}

/// Adds to what went wrong that what comes before it is done.
fn begun(mut error: FunctionError, world: &World) -> FunctionError {
    let begun = message(world.language, "command-begun", &[]);
    error.problem.sentence = joined(&error.problem.sentence, &begun, world.language);
    error
}

/// Fills in the arguments; each stays one argument whatever the value holds.
fn argv(
    templates: &[String],
    call: &ResolvedCall,
    world: &World,
) -> Result<Vec<String>, FunctionError> {
    let given = templates.iter().filter(|template| {
        // An argument that is nothing but a value that was left out is left out.
        let lone = template
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        lone.filter(|name| fill::is_name(name))
            .is_none_or(|name| call.argument(name).is_some())
    });
    given
        .map(|template| {
            let filled = fill::text(template, call);
            // A value must not turn into an option; the author writes `--` or `--key={value}`.
            let is_option = filled.starts_with('-') && template.starts_with('{');
            let is_number = filled.parse::<f64>().is_ok();
            if (is_option && !is_number) || filled.contains('\0') {
                let name = template.trim_matches(['{', '}']);
                return Err(FunctionError::unusable(name, world.language));
            }
            Ok(filled)
        })
        .collect()
}

/// The fields as the columns have them: in the output's order unless `cells` tells another.
fn in_order<'f>(cells: &[String], fields: &'f [Field]) -> Vec<&'f Field> {
    if cells.is_empty() {
        return fields.iter().collect();
    }
    let named = |cell: &String| fields.iter().find(|field| field.name == *cell);
    cells.iter().filter_map(named).collect()
}

/// Reads lines as rows: each is cut, at blanks or at `separator`, into as many cells as there are fields; the last takes
/// the rest. A line with fewer cells is no row. A cell becomes a number unless its field is a text.
fn columns(output: &str, behaviour: &CommandBehaviour, fields: &[&Field]) -> Value {
    let row = |line: &str| -> Option<Value> {
        let cells = match &behaviour.separator {
            Some(separator) => line
                .splitn(fields.len(), separator.as_str())
                .map(str::trim)
                .collect(),
            None => at_blanks(line, fields.len()),
        };
        let cell = |(field, cell): (&&Field, &&str)| {
            let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
            let value = match (number, &field.ty) {
                (Some(number), ty) if !matches!(ty, Type::Text { .. }) => Value::Number(number),
                _ => Value::from(*cell),
            };
            (field.name.clone(), value)
        };
        let is_whole = cells.len() == fields.len();
        is_whole.then(|| Value::Record(fields.iter().zip(&cells).map(cell).collect()))
    };
    Value::List(
        output
            .lines()
            .skip(behaviour.skip)
            .filter_map(row)
            .collect(),
    )
}

/// At most `count` cells between blanks.
fn at_blanks(line: &str, count: usize) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let end = match cells.len() + 1 {
            last if last == count => rest.len(),
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        cells.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    cells
}

/// One run of a program.
pub(crate) struct Run<'a> {
    /// The program, by name or path.
    pub(crate) program: &'a str,
    /// Its arguments.
    pub(crate) arguments: &'a [String],
    /// Variables besides those of the session.
    pub(crate) environment: &'a [(&'a str, &'a str)],
    /// Names of more variables of the session that it gets.
    pub(crate) variables: &'a [String],
    /// How long it may take.
    pub(crate) limit: Duration,
    /// Most bytes of output that are read.
    pub(crate) output_limit: u64,
}

impl<'a> Run<'a> {
    /// A run with the session's variables and the usual limit of output.
    pub(crate) fn of(program: &'a str, arguments: &'a [String], limit: Duration) -> Run<'a> {
        Run {
            program,
            arguments,
            environment: &[],
            variables: &[],
            limit,
            output_limit: OUTPUT_LIMIT,
        }
    }

    /// Runs it to its end and returns its output.
    ///
    /// # Errors
    ///
    /// When the program is absent, does not end in time (it is killed), or ends with a failure.
    pub(crate) async fn output(&self, world: &World) -> Result<String, FunctionError> {
        let error = |kind, id, reason: &str| {
            // What a program complains of may hold any file's name.
            let reason = plan::escape_for_display(reason);
            let values = [("program", self.program), ("reason", &reason)];
            FunctionError::new(kind, world.language, id, &values)
        };
        let path = find_program(self.program)
            .ok_or_else(|| error(ErrorKind::Unavailable, "command-missing", ""))?;
        let mut command = spawn::command(path);
        command
            .args(self.arguments)
            .envs(self.environment.iter().copied())
            .envs(
                self.variables
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(runtime) = &world.places.runtime {
            command.env("XDG_RUNTIME_DIR", runtime);
        }
        let mut child = command
            .spawn()
            .map_err(|reason| error(ErrorKind::Failed, "command-failed", &reason.to_string()))?;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let finish = async {
            let read_out = read_bounded(out, self.output_limit, &mut stdout);
            let read_err = read_bounded(err, OUTPUT_LIMIT, &mut stderr);
            let (status, (), ()) = tokio::join!(child.wait(), read_out, read_err);
            status
        };
        match tokio::time::timeout(self.limit, finish).await {
            Err(_) => Err(error(ErrorKind::Failed, "command-timeout", "")),
            Ok(Ok(status)) if status.success() => Ok(stdout),
            Ok(_) => {
                let reason: String = stderr.trim().chars().take(160).collect();
                Err(error(ErrorKind::Failed, "command-failed", &reason))
            }
        }
    }
}

async fn read_bounded(
    from: Option<impl tokio::io::AsyncRead + Unpin>,
    limit: u64,
    to: &mut String,
) {
    let Some(from) = from else { return };
    let mut bytes = Vec::new();
    let mut bounded = from.take(limit);
    // What was read before a failure is kept; the exit status tells the rest.
    let _ = bounded.read_to_end(&mut bytes).await;
    to.push_str(&String::from_utf8_lossy(&bytes));
}

#[async_trait]
impl Action for CommandAction {
    async fn availability(&self, world: &World) -> Availability {
        if find_program(self.program()).is_some() {
            return Availability::Available;
        }
        let values = [("program", self.program()), ("reason", "")];
        Availability::Missing(dbus::stated(
            self.behaviour.missing.as_ref(),
            self.behaviour.remedy.as_ref(),
            protocol::text::problem(world.language, "command-missing", &values),
            world,
        ))
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        self.perform(call, world).await
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let value = self.perform(entry.call(), world).await?;
        Ok(fill::outcome(
            value,
            entry,
            self.done.as_ref(),
            world.language,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn output_is_read_up_to_the_limit_of_its_caller() {
        let world = World {
            session_bus: None,
            system_bus: None,
            places: std::sync::Arc::new(crate::Places::from_environment()),
            language: protocol::text::Language::English,
            reader: None,
            known: functions::Known::default(),
        };
        let arguments = ["-c", "3000000", "/dev/zero"].map(str::to_owned);
        let run = Run::of("head", &arguments, Duration::from_secs(10));
        let cut = run.output(&world).await.map_or(0, |output| output.len());
        assert!(cut as u64 <= OUTPUT_LIMIT, "{cut}");
        let run = Run {
            output_limit: 16 << 20,
            ..run
        };
        assert_eq!(run.output(&world).await.unwrap().len(), 3_000_000);
    }
}
