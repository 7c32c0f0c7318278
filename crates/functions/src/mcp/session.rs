//! One run of a server, from its start to its end.

use std::{
    ffi::OsString,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rmcp::{
    model::Tool,
    service::{RoleClient, RunningService, serve_client},
    transport::async_rw::AsyncRwTransport,
};
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, ChildStderr},
};

use super::metered::{Allowance, Metered};
use crate::spawn;

/// How long a server may take to start and to say what it has.
pub(super) const START_LIMIT: Duration = Duration::from_secs(15);
/// The most bytes of one message.
const LONGEST_LINE: usize = 1 << 20;
/// The most bytes that it may write for one call, or to start.
pub(super) const MOST_OUTPUT: usize = 8 << 20;
/// The last words of what it complains that are kept, in bytes.
const COMPLAINT: usize = 400;
/// How long its last words may take after it has gone.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// A server that runs.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: RunningService<RoleClient, ()>,
    pub(super) allowance: Allowance,
    complaint: Complaint,
    /// Killed with everything that it started when this is dropped.
    _child: Child,
}

/// Why a server does not run.
pub(super) enum NoStart {
    /// Its sandbox cannot be set up.
    NoSandbox(String),
    /// It took longer than [`START_LIMIT`].
    Late,
    /// Anything else, in its own words where it had some.
    Failed(String),
}

impl Session {
    /// Starts a server and asks what tools it has.
    pub(super) async fn start(argv: &[OsString]) -> Result<(Session, Vec<Tool>), NoStart> {
        let failed =
            |reason: &dyn std::fmt::Display| NoStart::Failed(shortened(&reason.to_string()));
        let Some((program, arguments)) = argv.split_first() else {
            return Err(failed(&"there is no program"));
        };
        let mut command = spawn::command(program);
        // The first process of the sandbox would still show what was only cleared inside.
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = spawn::from_lasting_thread(command)
            .await
            .map_err(|error| failed(&error))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed(&"it has no pipes"));
        };
        let complaint = Complaint::default();
        tokio::spawn(complaint.clone().listen(errors));
        let allowance = Allowance::default();
        allowance.fill(MOST_OUTPUT);
        let output = Metered {
            from: output,
            allowance: allowance.clone(),
        };
        let transport = AsyncRwTransport::new(output, input).with_max_line_length(LONGEST_LINE);
        let opening = async {
            let client = serve_client((), transport)
                .await
                .map_err(|error| failed(&error))?;
            let tools = client
                .list_all_tools()
                .await
                .map_err(|error| failed(&error))?;
            Ok((client, tools))
        };
        match tokio::time::timeout(START_LIMIT, opening).await {
            Ok(Ok((client, tools))) => {
                let session = Session {
                    client,
                    allowance,
                    complaint,
                    _child: child,
                };
                Ok((session, tools))
            }
            Ok(Err(reason)) => Err(complaint.or(reason).await),
            Err(_) => Err(NoStart::Late),
        }
    }

    /// The last line that it complained with.
    pub(super) async fn last_words(&self) -> String {
        tokio::time::sleep(LAST_WORDS).await;
        self.complaint.last_line()
    }
}

/// The end of what a server complains.
#[derive(Debug, Clone, Default)]
struct Complaint(Arc<Mutex<String>>);

impl Complaint {
    /// Reads it for ever, so that the server never waits for a reader.
    async fn listen(self, mut errors: ChildStderr) {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = errors.read(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..read]);
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_str(&text);
            let cut = kept.len().saturating_sub(COMPLAINT);
            let cut = (cut..=kept.len()).find(|at| kept.is_char_boundary(*at));
            kept.drain(..cut.unwrap_or(0));
        }
    }

    fn last_line(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shortened(kept.trim().lines().last().unwrap_or_default())
    }

    /// What it says itself tells more than `reason`.
    async fn or(&self, reason: NoStart) -> NoStart {
        tokio::time::sleep(LAST_WORDS).await;
        let line = self.last_line();
        if let Some(program) = line.strip_prefix("bwrap: execvp ") {
            return NoStart::Failed(program.to_owned());
        }
        match line.strip_prefix("bwrap: ") {
            Some(reason) => NoStart::NoSandbox(reason.to_owned()),
            None if line.is_empty() => reason,
            None => NoStart::Failed(line),
        }
    }
}

/// A server's own words, short and without marks that a terminal would follow.
pub(super) fn shortened(words: &str) -> String {
    const MOST: usize = 160;
    let words: String = words.trim().chars().take(MOST).collect();
    plan::escape_for_display(&words)
}
