//! What the pages may ask of this program; `capabilities/` says which page may ask what.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gtk::gdk;
use protocol::{AskOptions, FunctionReport, Kernel1Proxy, PanelAction, Source};
use serde::Serialize;
use serde_json::value::RawValue;
use tauri::{AppHandle, Builder, State, Wry, ipc::Channel};

use crate::{
    action::{self, ActionError},
    card::Area,
    consent::{
        book::{AnswerError, Verdict},
        page::ConsentView,
    },
    nonce::NonceError,
    overlay,
    page::ShellEvent,
    shell::Shell,
};

/// How many matches the overlay shows.
const MATCHES: u32 = 8;
const MOST_COPIED_BYTES: usize = 1 << 20;

/// Why something could not be done; the page says it in the person's language.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum CallError {
    /// There is no kernel now.
    KernelGone,
    /// It was done already.
    Repeated,
    /// The page asked for something that makes no sense.
    Invalid {
        /// What is wrong; the page has the sentence (`ui/src/view/notice.ts`).
        id: &'static str,
    },
    /// The kernel said no.
    Failed {
        /// In its words.
        detail: String,
    },
}

impl From<zbus::Error> for CallError {
    fn from(error: zbus::Error) -> Self {
        match protocol::refusal(&error) {
            Some(detail) => CallError::Failed { detail },
            None => CallError::KernelGone,
        }
    }
}

impl From<NonceError> for CallError {
    fn from(error: NonceError) -> Self {
        match error {
            NonceError::Used => CallError::Repeated,
            NonceError::Malformed => invalid("nonce-malformed", &error),
        }
    }
}

impl From<ActionError> for CallError {
    fn from(error: ActionError) -> Self {
        invalid(error.id(), &error)
    }
}

impl From<AnswerError> for CallError {
    fn from(error: AnswerError) -> Self {
        invalid(error.id(), &error)
    }
}

impl From<serde_json::Error> for CallError {
    fn from(error: serde_json::Error) -> Self {
        invalid("json-malformed", &error)
    }
}

/// The page says `id` in the person's language; the log has the rest.
fn invalid(id: &'static str, error: &dyn std::fmt::Display) -> CallError {
    tracing::warn!(id, %error, "a page's call was not taken");
    CallError::Invalid { id }
}

type Called<T> = Result<T, CallError>;
type Shared<'a> = State<'a, Arc<Shell>>;

impl Shell {
    fn reachable(&self) -> Called<Kernel1Proxy<'static>> {
        self.kernel.proxy().ok_or(CallError::KernelGone)
    }

    fn spend(&self, nonce: &str) -> Called<()> {
        let mut nonces = self.nonces.lock().map_err(|_| CallError::Repeated)?;
        Ok(nonces.spend(nonce)?)
    }

    fn options(&self, source: Source) -> Called<String> {
        Ok(serde_json::to_string(&AskOptions {
            source,
            language: self.language.code().to_owned(),
            ..AskOptions::default()
        })?)
    }

    /// Passes the kernel's JSON on as it is, and remembers the pictures that it names.
    fn passed(&self, json: String) -> Called<Box<RawValue>> {
        if json.contains("file:///")
            && let Ok(mut pictures) = self.pictures.lock()
        {
            pictures.allow_in(&serde_json::from_str(&json)?);
        }
        Ok(RawValue::from_string(json)?)
    }
}

/// What a page needs to begin.
#[derive(Debug, Serialize)]
pub(crate) struct Beginning {
    language: &'static str,
    composited: bool,
    most_height: i32,
    present: bool,
    visible: bool,
    measured: bool,
    /// What was typed before the page was there, or before it was loaded again.
    typed: String,
}

#[tauri::command]
fn connect(shell: Shared<'_>, channel: Channel<ShellEvent>) -> Beginning {
    shell.page.renew(channel);
    let draft = shell
        .draft
        .lock()
        .map(|draft| draft.clone())
        .unwrap_or_default();
    Beginning {
        language: shell.language.code(),
        composited: shell.overlay.is_composited(),
        most_height: shell.overlay.most_height(),
        present: shell.kernel.is_present(),
        visible: shell.overlay.is_visible(),
        measured: shell.trace.is_on(),
        typed: draft + &shell.overlay.take_early_keys(),
    }
}

#[tauri::command]
async fn search(shell: Shared<'_>, query: String) -> Called<Box<RawValue>> {
    if let Ok(mut draft) = shell.draft.lock() {
        draft.clone_from(&query);
    }
    if query.trim().is_empty() {
        return shell.passed(r#"{"results":[],"ms":0}"#.to_owned());
    }
    let report = shell.reachable()?.search(&query, MATCHES).await?;
    shell.passed(report)
}

#[tauri::command]
async fn search_apps(shell: Shared<'_>, query: String) -> Called<Box<RawValue>> {
    let report = shell.reachable()?.search_apps(&query).await?;
    shell.passed(report)
}

#[tauri::command]
async fn typing(shell: Shared<'_>, text: String) -> Called<()> {
    Ok(shell.reachable()?.typing(&text).await?)
}

#[tauri::command]
async fn ask(shell: Shared<'_>, text: String, nonce: String) -> Called<String> {
    let kernel = shell.reachable()?;
    shell.spend(&nonce)?;
    let turn = kernel.ask(&text, &shell.options(Source::Overlay)?).await?;
    // What was typed meanwhile is the draft of the next request.
    if let Ok(mut draft) = shell.draft.lock()
        && draft.trim() == text
    {
        draft.clear();
    }
    Ok(turn)
}

#[tauri::command]
async fn open(shell: Shared<'_>, id: String, nonce: String) -> Called<String> {
    let kernel = shell.reachable()?;
    shell.spend(&nonce)?;
    Ok(kernel.open(&id, &shell.options(Source::Overlay)?).await?)
}

#[tauri::command]
fn copy(app: AppHandle, text: String) -> Called<()> {
    if text.len() > MOST_COPIED_BYTES {
        return Err(CallError::Invalid {
            id: "copy-too-long",
        });
    }
    app.run_on_main_thread(move || {
        gtk::Clipboard::get(&gdk::SELECTION_CLIPBOARD).set_text(&text);
    })
    .map_err(|error| invalid("not-copied", &error))
}

#[tauri::command]
async fn act(shell: Shared<'_>, action: PanelAction) -> Called<String> {
    let kernel = shell.reachable()?;
    let action = action::checked(action, shell.language)?;
    shell.spend(&action.nonce)?;
    Ok(kernel.act(&serde_json::to_string(&action)?).await?)
}

#[tauri::command]
async fn undo(shell: Shared<'_>, turn: String, nonce: String) -> Called<String> {
    let kernel = shell.reachable()?;
    shell.spend(&nonce)?;
    Ok(kernel
        .undo(&turn, 0, &shell.options(Source::Overlay)?)
        .await?)
}

#[tauri::command]
async fn stop(shell: Shared<'_>, turn: String) -> Called<u32> {
    Ok(shell.reachable()?.stop(&turn).await?)
}

#[tauri::command]
async fn why(shell: Shared<'_>, turn: String) -> Called<Box<RawValue>> {
    let report = shell.reachable()?.why(&turn).await?;
    shell.passed(report)
}

#[tauri::command]
async fn history(shell: Shared<'_>, limit: u32) -> Called<Box<RawValue>> {
    let utterances = shell.reachable()?.history(limit).await?;
    shell.passed(utterances)
}

#[tauri::command]
async fn state(shell: Shared<'_>) -> Called<Box<RawValue>> {
    let state = shell.reachable()?.state().await?;
    shell.passed(state)
}

#[tauri::command]
async fn events(shell: Shared<'_>, turn: String) -> Called<Box<RawValue>> {
    let events = shell.reachable()?.events(&turn).await?;
    shell.passed(events)
}

/// Returns in one sentence of `language` what each function does, by its name.
#[tauri::command]
async fn summaries(shell: Shared<'_>, language: String) -> Called<BTreeMap<String, String>> {
    let functions = shell.reachable()?.functions(&language).await?;
    let functions: Vec<FunctionReport> = serde_json::from_str(&functions)?;
    Ok(functions
        .into_iter()
        .map(|function| (function.name, function.summary))
        .collect())
}

#[tauri::command]
fn hide(app: AppHandle) {
    overlay::hide(&app);
}

#[tauri::command]
fn fit(app: AppHandle, area: Area) {
    overlay::fit(&app, area);
}

#[tauri::command]
fn painted(shell: Shared<'_>, trigger: u64) {
    shell.trace.painted(trigger);
}

#[tauri::command]
fn measured(shell: Shared<'_>, ms: f64) -> Called<()> {
    let time =
        Duration::try_from_secs_f64(ms / 1000.0).map_err(|error| invalid("no-duration", &error))?;
    shell.trace.record("key_to_results", time);
    Ok(())
}

#[tauri::command]
fn consent_connect(
    app: AppHandle,
    shell: Shared<'_>,
    channel: Channel<Option<ConsentView>>,
) -> &'static str {
    shell.consents.connect(&app, channel);
    shell.language.code()
}

#[tauri::command]
fn consent_shown(shell: Shared<'_>, consent: String) {
    shell.consents.shown(&consent);
}

#[tauri::command]
fn consent_answer(
    app: AppHandle,
    shell: Shared<'_>,
    consent: String,
    digest: String,
    verdict: Verdict,
) -> Called<()> {
    Ok(shell.consents.answer(&app, &consent, &digest, verdict)?)
}

/// Stops every turn: the person pressed Escape twice.
#[tauri::command]
async fn consent_stop(shell: Shared<'_>) -> Called<u32> {
    Ok(shell.reachable()?.stop("").await?)
}

/// Makes the commands known.
pub(crate) fn with_commands(builder: Builder<Wry>) -> Builder<Wry> {
    builder.invoke_handler(tauri::generate_handler![
        connect,
        search,
        search_apps,
        typing,
        ask,
        open,
        copy,
        act,
        undo,
        stop,
        why,
        history,
        state,
        events,
        summaries,
        hide,
        fit,
        painted,
        measured,
        consent_connect,
        consent_shown,
        consent_answer,
        consent_stop
    ])
}
