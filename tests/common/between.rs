//! A proxy between functions and the local cloud: it reads each call, and a rule says what becomes of it.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The SDK of the kit gives an attempt two seconds; after this time nobody listens any more.
const GIVEN_UP: Duration = Duration::from_millis(2_500);
/// No caller waits that long. A connection that is left open does not stay so for ever.
const FOR_EVER: Duration = Duration::from_secs(30);

/// A call on its way.
#[derive(Debug)]
pub struct Call {
    /// What it asks for: `PutItem`, `Publish`, `POST`.
    pub operation: String,
    /// The same for all attempts of the SDK at one call; empty where it is no SDK that calls.
    pub id: String,
    /// Which of those attempts it is, from 1.
    pub attempt: u32,
    /// Its body, as text.
    pub text: String,
    /// Its `Idempotency-Key`, or nothing.
    pub key: String,
    /// The key that it is signed with: each function has its own.
    access_key: String,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes well.
    Passes,
    /// The cloud never hears of it.
    Before(Fault),
    /// The cloud does it, and the answer is lost.
    After(Fault),
    /// The cloud hears of it twice. The second answer counts.
    Twice,
    /// The cloud hears of it once the caller has given up.
    Late,
}

/// What a caller gets in place of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A closed connection.
    Dropped,
    /// Nothing.
    Silent,
    /// Another answer: status, type of content, body.
    Answered(u16, &'static str, String),
    /// `SIGKILL`.
    Killed,
}

/// Decides, and hears what the cloud answers.
pub trait Rule: Send + Sync + 'static {
    /// What becomes of the call.
    fn fate(&self, call: &Call) -> Fate;
    /// The cloud has answered.
    fn answered(&self, _call: &Call, _status: u16) {}
}

/// A listening proxy that does not pass anything on yet.
pub struct Between {
    /// Where functions send their calls.
    pub url: String,
    listener: TcpListener,
}

/// A proxy at work; it ends when dropped.
pub struct Open(JoinHandle<()>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Between {
    pub async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { url, listener }
    }

    /// Passes calls on to the cloud at `upstream`, as far as the rule lets them.
    pub fn open(self, upstream: &str, rule: Arc<impl Rule>) -> Open {
        let line = Arc::new(Line {
            here: self.url,
            upstream: upstream.to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            rule,
        });
        let listener = self.listener;
        Open(tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let line = Arc::clone(&line);
                tokio::spawn(async move {
                    let service = service_fn(move |request| Arc::clone(&line).serve(request));
                    // Broken connections are what this is for.
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                        .ok();
                });
            }
        }))
    }
}

struct Line<R> {
    here: String,
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
    rule: Arc<R>,
}

type Answer = Response<Full<Bytes>>;

/// An error closes the connection.
type Closed = std::io::Error;

/// A request as it came.
struct Came {
    head: Parts,
    body: Bytes,
    call: Call,
}

impl<R: Rule> Line<R> {
    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Answer, Closed> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(Closed::other)?.to_bytes();
        let call = Call::of(&head, &body);
        let fate = self.rule.fate(&call);
        let came = Arc::new(Came { head, body, call });
        match fate {
            Fate::Passes => self.arrives(&came).await,
            Fate::Twice => {
                self.arrives(&came).await.ok();
                self.arrives(&came).await
            }
            Fate::Before(fault) => self.fail(fault, &came.call).await,
            Fate::After(fault) => {
                self.arrives(&came).await?;
                self.fail(fault, &came.call).await
            }
            Fate::Late => {
                let (line, late) = (Arc::clone(&self), Arc::clone(&came));
                tokio::spawn(async move {
                    tokio::time::sleep(GIVEN_UP).await;
                    line.pass_on(&late).await.ok();
                });
                self.fail(Fault::Silent, &came.call).await
            }
        }
    }

    /// Passes it on to the end, though the caller may go away.
    async fn arrives(self: &Arc<Self>, came: &Arc<Came>) -> Result<Answer, Closed> {
        let (line, came) = (Arc::clone(self), Arc::clone(came));
        let going = tokio::spawn(async move { line.pass_on(&came).await });
        going.await.map_err(Closed::other)?
    }

    async fn pass_on(&self, came: &Came) -> Result<Answer, Closed> {
        let Came { head, body, call } = came;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(head.method.clone())
            .uri(format!("{}{path}", self.upstream))
            .body(Full::new(body.clone()))
            .map_err(Closed::other)?;
        *request.headers_mut() = head.headers.clone();
        let answer = self.client.request(request).await;
        let (head, body) = answer.map_err(Closed::other)?.into_parts();
        let body = body.collect().await.map_err(Closed::other)?.to_bytes();
        self.rule.answered(call, head.status.as_u16());
        Ok(Response::from_parts(head, Full::new(body)))
    }

    async fn fail(&self, fault: Fault, call: &Call) -> Result<Answer, Closed> {
        match fault {
            Fault::Dropped => {}
            Fault::Silent => tokio::time::sleep(FOR_EVER).await,
            Fault::Killed => self.kill(call),
            Fault::Answered(status, kind, body) => {
                return Response::builder()
                    .status(status)
                    .header("content-type", kind)
                    .body(Full::new(body.into()))
                    .map_err(Closed::other);
            }
        }
        Err(Closed::other("as the rule says"))
    }

    /// Kills the function's process. It is known by the key that the local cloud gave it, and by where it sends its calls.
    fn kill(&self, call: &Call) {
        let marks = [
            format!("AWS_ACCESS_KEY_ID={}", call.access_key),
            format!("AWS_ENDPOINT_URL={}", self.here),
        ];
        let is_it = |environment: &[u8]| {
            let has = |mark: &String| {
                environment
                    .split(|byte| *byte == 0)
                    .any(|v| v == mark.as_bytes())
            };
            marks.iter().all(has)
        };
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let processes: Vec<String> = processes
            .filter(|process| {
                std::fs::read(process.path().join("environ")).is_ok_and(|e| is_it(&e))
            })
            .map(|process| process.file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            processes.len(),
            1,
            "the function has one process: {processes:?}"
        );
        let killed = Command::new("kill").args(["-KILL", &processes[0]]).status();
        assert!(killed.unwrap().success());
    }
}

impl Call {
    fn of(head: &Parts, body: &Bytes) -> Self {
        let header = |name: &str| {
            let value = head.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        // DynamoDB speaks JSON, SNS forms.
        let text = String::from_utf8_lossy(body);
        let text = match header("content-type").as_str() {
            "application/x-www-form-urlencoded" => {
                let fields = form_urlencoded::parse(body);
                let fields = fields.map(|(name, value)| format!("{name}={value}"));
                fields.collect::<Vec<_>>().join("&")
            }
            _ => text.into_owned(),
        };
        let between = |text: &str, start: &str, end: &[char]| {
            let (_, rest) = text.split_once(start)?;
            rest.split(end).next().map(str::to_owned)
        };
        let target = header("x-amz-target");
        let operation = between(&target, ".", &[])
            .or_else(|| between(&text, "Action=", &['&']))
            .unwrap_or_else(|| head.method.to_string());
        let attempt = between(&header("amz-sdk-request"), "attempt=", &[';']);
        Self {
            operation,
            id: header("amz-sdk-invocation-id"),
            attempt: attempt.and_then(|text| text.parse().ok()).unwrap_or(1),
            access_key: between(&header("authorization"), "Credential=", &['/'])
                .unwrap_or_default(),
            key: header("idempotency-key"),
            text,
        }
    }
}
