//! `lucid-shell`: the windows of Lucid.
//!
//! It holds no authority: it shows what the kernel says and passes on what the
//! person typed or pressed. See `docs/shell.md`.

mod action;
mod appearance;
mod arguments;
mod card;
mod commands;
mod consent;
mod icons;
mod instance;
mod kernel;
mod nonce;
mod overlay;
mod page;
mod pictures;
mod placement;
mod rendering;
mod schemes;
mod shell;
mod trace;

use anyhow::Context;
use clap::Parser;
use tauri::async_runtime;
use tracing_subscriber::EnvFilter;

use crate::{arguments::Arguments, instance::Instance, shell::Shell};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_env("LUCID_LOG"))
        .with_writer(std::io::stderr)
        .init();
    rendering::choose();
    let connection = match async_runtime::block_on(instance::claim(arguments.show)) {
        Instance::First(connection) => connection,
        Instance::Another => return Ok(()),
    };
    commands::with_commands(schemes::with_schemes(tauri::Builder::default()))
        .setup(move |app| {
            let handle = app.handle().clone();
            Shell::manage(&handle)?;
            overlay::build(&handle)?;
            icons::prepare(&handle);
            async_runtime::spawn(kernel::follow(handle.clone(), connection));
            async_runtime::spawn(consent::socket::follow(handle.clone()));
            async_runtime::spawn(appearance::follow(handle.clone()));
            if arguments.show {
                overlay::show(&handle, trace::Trigger::now());
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("could not start the shell's windows")?
        .run(|_, event| {
            // Closing the consent dialog must not end the shell.
            if let tauri::RunEvent::ExitRequested {
                api, code: None, ..
            } = event
            {
                api.prevent_exit();
            }
        });
    Ok(())
}
