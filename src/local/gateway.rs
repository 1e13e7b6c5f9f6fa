//! The front door of the local cloud: passes every request on, marked as having come over TLS.
//!
//! The template refuses callers without TLS. On AWS the endpoint ends TLS and says so to the policy check; here this
//! door does, so that the template stays the same and its policies are still in force.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::LocalError;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// HTTP APIs answer within 30 s, or not at all (apigateway limits.html).
const ANSWER: Duration = Duration::from_secs(35);
/// After a connection that could not be taken: the next one may find what this one lacked.
const BREATH: Duration = Duration::from_millis(50);

type Body = Either<Incoming, Full<Bytes>>;

/// A listening front door; it closes when dropped.
pub struct Gateway {
    task: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A loopback listener; 0 takes a free port.
pub async fn listen(port: u16) -> Result<TcpListener, LocalError> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(|error| LocalError::Port { port, error })
}

/// Opens the door on `listener`, before the cloud at `upstream`.
pub fn open(listener: TcpListener, upstream: u16) -> Gateway {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let task = tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            // Small answers must not wait for more.
            stream.set_nodelay(true).ok();
            let client = client.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| pass_on(client.clone(), upstream, request));
                // A caller that goes away in the middle is no concern of the door.
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await
                    .ok();
            });
        }
    });
    Gateway { task }
}

async fn pass_on(
    client: Client<HttpConnector, Incoming>,
    upstream: u16,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    // The Host header stays as it is: the caller has signed it.
    match format!("http://127.0.0.1:{upstream}{path}").parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(error) => return Ok(unreachable(&error)),
    }
    request
        .headers_mut()
        .insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
    Ok(match client.request(request).await {
        Ok(response) => response.map(Either::Left),
        Err(error) => unreachable(&error),
    })
}

fn unreachable(error: &impl std::error::Error) -> Response<Body> {
    let mut response = Response::new(Either::Right(Full::from(format!(
        "the local cloud is gone: {error}"
    ))));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Bytes,
}

/// Whether MiniStack is healthy behind `url`, which is its own or that of the front door.
///
/// # Errors
/// When it does not answer, or not with a success.
pub async fn health(url: &str) -> Result<(), LocalError> {
    let url = format!("{url}/_ministack/health");
    let answer = send("GET", &url, &[], Bytes::new()).await?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    let status = answer.status;
    Err(LocalError::Call(format!("GET {url} answered {status}")))
}

/// One plain HTTP request.
pub async fn send(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Result<Answer, LocalError> {
    let failed =
        |error: &dyn std::fmt::Display| LocalError::Call(format!("{method} {url}: {error}"));
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Full::new(body))
        .map_err(|error| failed(&error))?;
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let exchange = async {
        let response = client
            .request(request)
            .await
            .map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| failed(&error))?;
        Ok::<_, LocalError>((status, body))
    };
    let (status, body) = tokio::time::timeout(ANSWER, exchange)
        .await
        .map_err(|_| failed(&format!("no answer within {} s", ANSWER.as_secs())))??;
    Ok(Answer {
        status,
        body: body.to_bytes(),
    })
}
