//! `lucid mcp`: serves the functions to another program over the Model Context Protocol, on standard input and output.
//!
//! It has no authority of its own: each call goes to the kernel, which asks the person unless a rule allows it.

use std::{borrow::Cow, process::ExitCode};

use anyhow::Context as _;
use protocol::{AskOptions, CallReport, FunctionReport, Kernel1Proxy, Outcome, Source};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
        Tool, ToolAnnotations,
    },
    service::{RequestContext, serve_server},
    transport::stdio,
};

use crate::connection::{self, language};

/// Serves until the other program closes the pipe.
pub(crate) async fn serve() -> anyhow::Result<ExitCode> {
    let kernel = connection::kernel().await?;
    let service = serve_server(Functions { kernel }, stdio())
        .await
        .context("MCP")?;
    service.waiting().await.context("MCP")?;
    Ok(ExitCode::SUCCESS)
}

struct Functions {
    kernel: Kernel1Proxy<'static>,
}

/// Names of tools have no dots in many programs, and names of functions no hyphens.
fn tool_name(function: &str) -> String {
    function.replace('.', "-")
}

fn function_name(tool: &str) -> String {
    tool.replace('-', ".")
}

fn tool(report: FunctionReport) -> Tool {
    let schema = match report.input {
        serde_json::Value::Object(schema) => schema,
        _ => JsonObject::new(),
    };
    let annotations = ToolAnnotations::new()
        .read_only(report.effect == "read")
        .destructive(report.effect == "irreversible")
        .open_world(report.effect == "egress");
    Tool::new(tool_name(&report.name), report.summary, schema).with_annotations(annotations)
}

/// What the other program is told: the sentence about the call, and what it gave.
fn result(report: CallReport) -> CallToolResult {
    let mut content = Vec::new();
    if !report.note.is_empty() {
        content.push(ContentBlock::text(report.note));
    }
    if !matches!(report.outcome, Outcome::Done | Outcome::Answered) {
        return CallToolResult::error(content);
    }
    if report.value.is_null() {
        return CallToolResult::success(content);
    }
    content.push(ContentBlock::text(report.value.to_string()));
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(serde_json::json!({ "result": report.value }));
    result
}

/// The kernel's own sentence where it has one.
fn refused(error: zbus::Error) -> CallToolResult {
    let sentence = connection::explain(error).to_string();
    CallToolResult::error(vec![ContentBlock::text(sentence)])
}

fn broken(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(Cow::from(error.to_string()), None)
}

impl ServerHandler for Functions {
    fn get_info(&self) -> ServerConfig {
        let mut config = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        config.server_info = Implementation::new("lucid", env!("CARGO_PKG_VERSION"));
        config
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let json = self.kernel.functions(language().code()).await;
        let json = json.map_err(|error| broken(connection::explain(error)))?;
        let reports: Vec<FunctionReport> = connection::read(&json).map_err(broken)?;
        // What apps offer by themselves tells what they show.
        let available = reports
            .into_iter()
            .filter(|report| report.available && !report.name.starts_with("app."));
        Ok(ListToolsResult::with_all_items(
            available.map(tool).collect(),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let arguments = serde_json::Value::Object(arguments).to_string();
        let options = AskOptions {
            source: Source::Program,
            language: language().code().to_owned(),
            ..AskOptions::default()
        };
        let options = serde_json::to_string(&options).map_err(broken)?;
        let function = function_name(&request.name);
        // A connection of its own: the kernel stops a call whose caller leaves the bus.
        let kernel = connection::kernel().await.map_err(broken)?;
        let call = kernel.call(&function, &arguments, &options);
        let called = tokio::select! {
            called = call => called,
            () = context.ct.cancelled() => return Err(broken("cancelled")),
        };
        match called {
            Ok(json) => {
                let report: CallReport = connection::read(&json).map_err(broken)?;
                Ok(result(report).into())
            }
            Err(error) => Ok(refused(error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::TurnId;

    use super::*;

    #[test]
    fn names_come_back() {
        let function = "files.make_folder";
        assert_eq!(tool_name(function), "files-make_folder");
        assert_eq!(function_name(&tool_name(function)), function);
    }

    #[test]
    fn what_was_not_done_is_an_error_and_tells_no_value() {
        let report = |outcome| CallReport {
            turn: TurnId("1".to_owned()),
            outcome,
            value: serde_json::json!([1]),
            note: "A sentence.".to_owned(),
        };
        let done = result(report(Outcome::Done));
        assert_eq!(
            done.structured_content,
            Some(serde_json::json!({ "result": [1] }))
        );
        assert_eq!(done.is_error, Some(false));
        for outcome in [Outcome::Failed, Outcome::Refused, Outcome::Stopped] {
            let failed = result(report(outcome));
            assert_eq!(failed.is_error, Some(true));
            assert_eq!((failed.content.len(), failed.structured_content), (1, None));
        }
    }
}
