//! Other servers, asked for a few lines of JSON: public directories, geocoders.
//!
//! Only addresses of the settings are asked, redirections are never followed, an answer is short and
//! comes before a deadline of two seconds for the whole page; who let one pass is not asked for half a
//! minute. A page that asks is never kept waiting by somebody else's trouble.

use super::web::encoded;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const PATIENCE: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_secs(30);
const LONGEST: usize = 1 << 20;

/// Nothing usable came back, in the words of the log.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    #[error("not an address: {0}")]
    Address(String),
    #[error("no answer in time")]
    Late,
    #[error("left alone for a while: the last answer did not come in time")]
    Resting,
    #[error("answered {0}")]
    Status(StatusCode),
    #[error(transparent)]
    Network(#[from] std::io::Error),
    #[error("not understood: {0}")]
    Other(String),
}

/// When a page that asks now stops waiting.
#[must_use]
pub fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Until when those who did not answer are left alone.
static RESTING: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

fn is_resting(base: &str) -> bool {
    let resting = RESTING.lock().unwrap_or_else(PoisonError::into_inner);
    resting.get(base).is_some_and(|until| *until > Instant::now())
}

fn let_rest(base: &str) {
    let mut resting = RESTING.lock().unwrap_or_else(PoisonError::into_inner);
    resting.insert(base.to_owned(), Instant::now() + REST);
}

/// Asks `base` followed by `path`, with these parameters, and reads the answer.
///
/// # Errors
/// When no usable answer comes before the deadline; it is logged here, once.
pub async fn ask<T: DeserializeOwned>(
    (base, path): (&str, &str),
    parameters: &[(&str, &str)],
    deadline: Instant,
) -> Result<T, Unreachable> {
    if is_resting(base) {
        return Err(Unreachable::Resting);
    }
    let url = format!("{}{path}?{}", base.trim_end_matches('/'), encoded(parameters));
    let asked = Instant::now();
    let answer = tokio::time::timeout_at(deadline, fetch(&url)).await;
    let answer = answer.unwrap_or_else(|_| {
        // Others may have used up the time of the page.
        if asked.elapsed() >= PATIENCE / 2 {
            let_rest(base);
        }
        Err(Unreachable::Late)
    });
    let read = answer.and_then(|bytes| {
        serde_json::from_slice(&bytes).map_err(|error| Unreachable::Other(error.to_string()))
    });
    read.inspect_err(|error| tracing::warn!(host = base, %error, "outside.unreachable"))
}

async fn fetch(url: &str) -> Result<Bytes, Unreachable> {
    let unfit = || Unreachable::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| unfit())?;
    let host = uri.host().ok_or_else(unfit)?.to_owned();
    let is_secure = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(unfit()),
    };
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    if is_secure {
        let name = ServerName::try_from(host).map_err(|_| unfit())?;
        let connector = TlsConnector::from(Arc::clone(&TRUST));
        exchange(connector.connect(name, stream).await?, &uri).await
    } else {
        exchange(stream, &uri).await
    }
}

static TRUST: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, ignored) = roots.add_parsable_certificates(found.certs);
    if ignored > 0 {
        tracing::debug!(ignored, "outside.certificates_ignored");
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
});

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    uri: &Uri,
) -> Result<Bytes, Unreachable> {
    let other = |error: hyper::Error| Unreachable::Other(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(other)?;
    let task = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .header(
            header::USER_AGENT,
            concat!("maillage/", env!("CARGO_PKG_VERSION")),
        )
        .body(Body::empty())
        .map_err(|error| Unreachable::Other(error.to_string()))?;
    let answer = sender.send_request(request).await.map_err(other)?;
    if answer.status() != StatusCode::OK {
        return Err(Unreachable::Status(answer.status()));
    }
    let body = Limited::new(answer.into_body(), LONGEST).collect().await;
    task.abort();
    let body = body.map_err(|error| Unreachable::Other(error.to_string()))?;
    Ok(body.to_bytes())
}
