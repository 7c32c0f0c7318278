//! The way to a server: address, key, connection, and what its refusals mean.

use std::io::BufReader;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use engine::protocol::Endpoint;
use serde_json::Value;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error, Timeout};

use crate::stream::{self, Piece};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a server may be silent: a slow machine reads a long prompt for minutes.
const SILENCE: Duration = Duration::from_secs(180);

/// As much of an error's body as is looked at.
const ERROR_BYTES: u64 = 64 << 10;

/// As much of a server's own words as a person is shown.
const ERROR_CHARACTERS: usize = 300;

/// Where an endpoint lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) port: u16,
    is_encrypted: bool,
}

impl Address {
    /// # Errors
    ///
    /// When `url` is no address of a server.
    pub(crate) fn parse(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url
            .parse()
            .with_context(|| format!("{url} is no address"))?;
        uri.host()
            .with_context(|| format!("{url} names no server"))?;
        let (port, is_encrypted) = match uri.scheme_str() {
            Some("https") => (443, true),
            Some("http") => (80, false),
            _ => bail!("{url} begins neither with http:// nor with https://"),
        };
        Ok(Self {
            port: uri.port_u16().unwrap_or(port),
            is_encrypted,
        })
    }
}

/// An endpoint and the means to call it.
pub(crate) struct Server {
    endpoint: Endpoint,
    key: Option<Key>,
    tls: TlsConfig,
}

impl Server {
    /// Reads the key; does not call the server.
    ///
    /// # Errors
    ///
    /// When the address is none, the key cannot be read or others can read it, or the key would
    /// go over the network in the clear.
    pub(crate) fn new(endpoint: Endpoint) -> anyhow::Result<Self> {
        let address = Address::parse(&endpoint.url)?;
        let key = endpoint.key_file.as_deref().map(Key::read).transpose()?;
        ensure!(
            key.is_none() || address.is_encrypted || endpoint.is_on_this_machine(),
            "the key is not sent to {} without encryption; the address must begin with https://",
            endpoint.url
        );
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        Ok(Self { endpoint, key, tls })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Calls the server in a thread of its own.
    pub(crate) fn call(&self, body: Value) -> Call {
        let agent: Agent = Agent::config_builder()
            .tls_config(self.tls.clone())
            .http_status_as_error(false)
            // A redirect could lead the key and the words to another server.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("lucid/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .build()
            .into();
        let (sender, pieces) = mpsc::channel();
        let request = Request {
            agent: agent.clone(),
            endpoint: self.endpoint.clone(),
            key: self.key.clone(),
            body,
        };
        std::thread::spawn(move || {
            let mut hear = |piece| sender.send(Ok(piece)).is_ok();
            if let Err(reason) = request.run(&mut hear) {
                // Nobody listens to a call that was given up.
                let _ = sender.send(Err(request.without_key(reason)));
            }
        });
        Call { agent, pieces }
    }
}

/// A call under way. Dropping it closes the connection at once.
pub(crate) struct Call {
    agent: Agent,
    pieces: mpsc::Receiver<Result<Piece, String>>,
}

impl Call {
    pub(crate) fn pieces(&self) -> &mpsc::Receiver<Result<Piece, String>> {
        &self.pieces
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.agent.clone().shutdown();
    }
}

/// A server's key. It is shown nowhere.
#[derive(Clone)]
struct Key(String);

impl Key {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let metadata = std::fs::metadata(path).with_context(|| format!("the key {name}"))?;
        ensure!(
            metadata.permissions().mode() & 0o077 == 0,
            "others can read the key {name}; `chmod 600 {name}` makes it yours alone"
        );
        let text = std::fs::read_to_string(path).with_context(|| format!("the key {name}"))?;
        let key = text.trim();
        ensure!(
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic()),
            "the file {name} holds no key"
        );
        Ok(Self(key.to_owned()))
    }
}

struct Request {
    agent: Agent,
    endpoint: Endpoint,
    key: Option<Key>,
    body: Value,
}

impl Request {
    fn run(&self, hear: &mut dyn FnMut(Piece) -> bool) -> Result<(), String> {
        let url = format!(
            "{}/chat/completions",
            self.endpoint.url.trim_end_matches('/')
        );
        let mut request = self
            .agent
            .post(&url)
            .header("content-type", "application/json")
            .header("accept", "text/event-stream");
        if let Some(Key(key)) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = request
            .send(self.body.to_string())
            .map_err(|error| self.unreached(&error))?;
        let status = response.status().as_u16();
        if status != 200 {
            let body = response.body_mut().with_config().limit(ERROR_BYTES);
            // A refusal without words is still a refusal.
            let words = body.read_to_string().unwrap_or_default();
            return Err(self.refused(status, &words));
        }
        if !hear(Piece::Open) {
            return Ok(());
        }
        let mut reader = BufReader::new(response.body_mut().as_reader());
        stream::read(&mut reader, hear)
    }

    /// Why the server could not be spoken to.
    fn unreached(&self, error: &Error) -> String {
        let url = &self.endpoint.url;
        match error {
            Error::HostNotFound => format!("the name in {url} is unknown; is there a network?"),
            Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                format!("{url} does not answer; is there a network?")
            }
            Error::Timeout(_) => {
                format!("{url} says nothing for {} s", SILENCE.as_secs())
            }
            Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                format!("nothing listens at {url}; start the server")
            }
            Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                format!("{url} does not answer")
            }
            error => format!("{url}: {error}"),
        }
    }

    /// What a status means that is no answer.
    fn refused(&self, status: u16, body: &str) -> String {
        let (url, model) = (&self.endpoint.url, &self.endpoint.model);
        let words = stream::message_of(body).unwrap_or_default();
        let words: String = words.chars().take(ERROR_CHARACTERS).collect();
        let meaning = match status {
            // What servers say to this may hold a part of the key.
            401 | 403 if self.key.is_some() => {
                return format!("{url} does not take the key ({status})");
            }
            401 | 403 => {
                return format!("{url} wants a key ({status}): name its file as `key_file`");
            }
            404 => format!("{url} has no model {model}, or is no address of this kind (404)"),
            429 => format!("{url} takes no more requests for now, or the account is used up (429)"),
            300..=399 => format!("{url} lies elsewhere now ({status})"),
            _ => format!("{url} answers with status {status}"),
        };
        match words.as_str() {
            "" => meaning,
            words => format!("{meaning}: {words}"),
        }
    }

    /// Takes the key out of what a server said.
    fn without_key(&self, reason: String) -> String {
        match &self.key {
            Some(Key(key)) => reason.replace(key.as_str(), "…"),
            None => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, key_file: Option<&Path>) -> Endpoint {
        Endpoint {
            url: url.to_owned(),
            model: "m".to_owned(),
            key_file: key_file.map(Path::to_owned),
            grammar: None,
        }
    }

    #[test]
    fn an_address_tells_its_port() {
        let port = |url| Address::parse(url).map(|address| address.port).ok();
        assert_eq!(port("http://localhost:11434/v1"), Some(11434));
        assert_eq!(port("https://example.org/v1"), Some(443));
        assert_eq!(port("http://[::1]/v1"), Some(80));
        for wrong in ["", "example.org", "ftp://example.org", "/v1", "http://"] {
            assert_eq!(port(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_is_its_owners_alone_and_never_goes_in_the_clear() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        std::fs::write(&path, "secret\n").expect("a file");
        let mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a mode");
        };
        let error = |url: &str| {
            Server::new(endpoint(url, Some(&path)))
                .err()
                .map(|error| error.to_string())
        };
        mode(0o640);
        let reason = error("https://example.org/v1").unwrap_or_default();
        assert!(reason.contains("chmod 600"), "{reason}");
        mode(0o600);
        assert_eq!(error("https://example.org/v1"), None);
        assert_eq!(error("http://localhost:8080/v1"), None);
        let reason = error("http://example.org/v1").unwrap_or_default();
        assert!(reason.contains("without encryption"), "{reason}");
    }
}
