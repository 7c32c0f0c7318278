//! `lucid-session`: starts a session on this machine's screens, or a headless one around a command.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitCode, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use session::signals::{self, Signal};
use session::{Options, Part, Place, Session, Size, command, ordinary_user};

/// Starts a desktop session with Lucid in it.
///
/// Without options it is what a login manager starts: sway, sound, the kernel
/// and the overlay on this machine's screens. With --headless it draws into
/// memory, in a home that is removed afterwards, runs COMMAND there, and ends
/// with COMMAND's exit status.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Draw into memory and run COMMAND
    #[arg(long, requires = "command")]
    headless: bool,
    /// The size of the screen in memory
    #[arg(long, default_value = "1280x800", requires = "headless")]
    size: Size,
    /// Who runs the headless session when root starts it
    #[arg(long, default_value = ordinary_user::DEFAULT_NAME, requires = "headless")]
    user: String,
    /// Which parts there are besides the bus and the compositor
    #[arg(long, value_delimiter = ',', num_args = 0.., value_enum,
          default_values_t = [Part::Sound, Part::Kernel])]
    parts: Vec<Part>,
    /// Keep what the programs of the headless session write in this folder
    #[arg(long, requires = "headless")]
    logs: Option<PathBuf>,
    /// Keep caches, such as what a model has read, for the next headless session
    #[arg(long, requires = "headless")]
    keep_cache: bool,
    /// The folder of lucidd, lucid and lucid-shell [default: the one of this program]
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// What to run in the headless session
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

fn main() -> ExitCode {
    signals::block();
    session::adopt_orphans();
    let result = run(Arguments::parse());
    Session::end_orphans();
    result.unwrap_or_else(|error| {
        eprintln!("lucid-session: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let binaries = match &arguments.binaries {
        Some(folder) => std::path::absolute(folder)?,
        None => own_folder()?,
    };
    if arguments.headless && ordinary_user::is_root() {
        return run_as_ordinary_user(&arguments, &binaries);
    }
    let options = Options {
        place: place(&arguments),
        parts: arguments.parts,
        binaries,
    };
    let session = Session::start(&options)?;
    let status = if arguments.headless {
        run_command(session, &arguments.command)?
    } else {
        watch(session)?
    };
    Ok(status)
}

fn place(arguments: &Arguments) -> Place {
    if arguments.headless {
        Place::Headless {
            size: arguments.size,
            logs: arguments.logs.clone(),
            keep_cache: arguments.keep_cache,
        }
    } else {
        Place::Screens
    }
}

/// Looks after a session on the screens until it is left.
fn watch(mut session: Session) -> Result<ExitCode> {
    loop {
        let signal = signals::next(Duration::from_secs(3600));
        session.bury_orphans();
        let left = session.tend()?.is_some();
        if left || signal == Some(Signal::Stop) {
            session.stop();
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Runs `words` in a session until it ends, the compositor ends, or somebody stops us.
fn run_command(mut session: Session, words: &[String]) -> Result<ExitCode> {
    let (program, arguments) = words.split_first().context("no command was given")?;
    let mut child = command(program, session.environment())
        .args(arguments)
        .current_dir(session.environment().get("HOME").unwrap_or("/"))
        .spawn()
        .with_context(|| format!("could not run `{program}`"))?;
    let code = loop {
        let signal = signals::next(Duration::from_secs(1));
        if let Some(status) = child.try_wait()? {
            break exit_code(status);
        }
        if signal == Some(Signal::Stop) {
            end(&mut child)?;
            break ExitCode::from(130);
        }
        if let Some(status) = session.tend()? {
            end(&mut child)?;
            anyhow::bail!("the compositor ended with {status}");
        }
    };
    session.stop();
    Ok(code)
}

/// Starts this program again as an ordinary user, and passes on a request to stop.
fn run_as_ordinary_user(arguments: &Arguments, binaries: &std::path::Path) -> Result<ExitCode> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if arguments.binaries.is_none() {
        // Its copy is not where the other programs are.
        words.insert(0, format!("--binaries={}", binaries.display()));
    }
    let mut other = ordinary_user::run_as(&arguments.user, &words)?;
    loop {
        let signal = signals::next(Duration::from_secs(1));
        if let Some(status) = other.child.try_wait()? {
            return Ok(exit_code(status));
        }
        if signal == Some(Signal::Stop) {
            terminate(&other.child);
        }
    }
}

fn end(child: &mut Child) -> Result<()> {
    terminate(child);
    let begin = std::time::Instant::now();
    while child.try_wait()?.is_none() {
        if begin.elapsed() > Duration::from_secs(3) {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn terminate(child: &Child) {
    if let Ok(id) = libc::pid_t::try_from(child.id()) {
        // SAFETY: the child has not been waited for, so the id is still its own.
        unsafe { libc::kill(id, libc::SIGTERM) };
    }
}

/// Passes a child's exit status on as a shell does: 128 and the signal when one ended it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

fn own_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("could not find this program's folder")?;
    Ok(program
        .parent()
        .context("this program has no folder")?
        .to_owned())
}
