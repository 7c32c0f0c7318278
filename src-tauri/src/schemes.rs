//! The URI schemes of pictures: `icon://localhost/NAME` and `picture://localhost/FILE-URI`.
//!
//! Pages have no other way to a file. What cannot be shown is answered with
//! 404, and the page draws something else in its place.

use tauri::{
    Builder, UriSchemeContext, UriSchemeResponder, Wry, async_runtime,
    http::{Request, Response, StatusCode, Uri, header},
};

use crate::{overlay, pictures, shell::Shell};

/// Bytes of a picture and their type.
#[derive(Clone)]
pub(crate) struct Picture {
    /// The file.
    pub(crate) bytes: Vec<u8>,
    /// Its media type.
    pub(crate) media_type: &'static str,
}

/// Makes the schemes known.
pub(crate) fn with_schemes(builder: Builder<Wry>) -> Builder<Wry> {
    builder
        .register_asynchronous_uri_scheme_protocol("icon", |context, request, responder| {
            answer(&context, &request, responder, |shell, name| {
                shell.icons.find(name)
            });
        })
        .register_asynchronous_uri_scheme_protocol("picture", |context, request, responder| {
            answer(&context, &request, responder, pictures::find);
        })
}

/// Answers from a thread that may wait for the disk; only the overlay is answered.
fn answer(
    context: &UriSchemeContext<'_, Wry>,
    request: &Request<Vec<u8>>,
    responder: UriSchemeResponder,
    find: fn(&Shell, &str) -> Option<Picture>,
) {
    let is_overlay = context.webview_label() == overlay::LABEL;
    let name = named(request.uri()).filter(|_| is_overlay);
    let shell = Shell::of(context.app_handle());
    async_runtime::spawn_blocking(move || {
        let picture = name.and_then(|name| find(&shell, &name));
        responder.respond(response(picture));
    });
}

fn response(picture: Option<Picture>) -> Response<Vec<u8>> {
    let (status, media_type, bytes) = match picture {
        Some(picture) => (StatusCode::OK, picture.media_type, picture.bytes),
        None => (StatusCode::NOT_FOUND, "text/plain", Vec::new()),
    };
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(media_type),
    );
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("max-age=600"),
    );
    response
}

/// The percent-decoded path of `uri` without its first slash.
fn named(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_prefix('/')?;
    percent_decoded(path)
}

/// Decodes `%XX`; [`None`] when what comes out is not text.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    String::from_utf8(percent_decoded_bytes(text)?).ok()
}

/// Decodes `%XX`; [`None`] when a `%` is not followed by two digits.
pub(crate) fn percent_decoded_bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_percent_decoded() {
        let uri: Uri = "icon://localhost/org.gnome.gedit%2Bx".parse().unwrap();
        assert_eq!(named(&uri).as_deref(), Some("org.gnome.gedit+x"));
        assert_eq!(percent_decoded("%E4%BD%A0").as_deref(), Some("你"));
    }

    #[test]
    fn broken_names_are_nothing() {
        for text in ["%", "%4", "%zz", "%ff%fe"] {
            assert_eq!(percent_decoded(text), None, "{text}");
        }
    }
}
