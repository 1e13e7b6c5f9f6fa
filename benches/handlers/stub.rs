//! Lambda's Runtime API, DynamoDB and SNS behind one port of the loopback, for one process under test.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc as channel, oneshot};

use crate::cpu;

/// Nothing here takes nearly as long; a process that is silent for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bodies of calls that are kept, to be compared; all are counted.
const KEPT: usize = 64;

/// A call to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    PutItem,
    Publish,
}

/// The calls that were made.
#[derive(Debug, Default, Clone)]
pub struct Calls {
    pub puts: usize,
    pub publishes: usize,
    /// The first of them.
    pub bodies: Vec<(Call, Bytes)>,
}

/// What the process under test did.
enum Deed {
    Asked(Instant),
    Answered(Bytes),
    Failed(Bytes),
}

/// The stub. It ends with its value.
pub struct Stub {
    pub address: SocketAddr,
    deeds: mpsc::Receiver<Deed>,
    events: channel::UnboundedSender<Bytes>,
    calls: Arc<Mutex<Calls>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    deeds: mpsc::Sender<Deed>,
    events: AsyncMutex<channel::UnboundedReceiver<Bytes>>,
    calls: Arc<Mutex<Calls>>,
}

impl Stub {
    pub fn start() -> Self {
        let (told, deeds) = mpsc::channel();
        let (events, queue) = channel::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let calls = Arc::new(Mutex::new(Calls::default()));
        let shared = Arc::new(Shared {
            deeds: told,
            events: AsyncMutex::new(queue),
            calls: Arc::clone(&calls),
        });
        let (listens, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            cpu::pin(cpu::Side::Ours);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                listens.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = accept(listener, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address: address.recv().unwrap(),
            deeds,
            events,
            calls,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Waits until the process asks for an event, and says when it did.
    pub fn asked(&self) -> Instant {
        match self.deeds.recv_timeout(PATIENCE) {
            Ok(Deed::Asked(at)) => at,
            other => unexpected("a request for the next event", other),
        }
    }

    /// Has an event handed out to the next request for one.
    pub fn offer(&self, event: Bytes) {
        self.events.send(event).unwrap();
    }

    /// Waits for the answer to an event.
    pub fn answered(&self) -> Bytes {
        match self.deeds.recv_timeout(PATIENCE) {
            Ok(Deed::Answered(answer)) => answer,
            other => unexpected("an answer", other),
        }
    }

    pub fn calls(&self) -> Calls {
        self.calls.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

fn unexpected(wanted: &str, got: Result<Deed, mpsc::RecvTimeoutError>) -> ! {
    match got {
        Ok(Deed::Asked(_)) => panic!("the handler asked for an event, not {wanted}"),
        Ok(Deed::Answered(answer)) => panic!("the handler answered {answer:?}, not {wanted}"),
        Ok(Deed::Failed(error)) => panic!("the handler failed: {error:?}"),
        Err(error) => panic!("no sign of {wanted} within {PATIENCE:?}: {error}"),
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // Small answers must not wait for more.
        stream.set_nodelay(true).unwrap();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&shared, request));
            // The process under test is killed in the middle of a request.
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        });
    }
}

async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    Ok(match path.strip_prefix("/2018-06-01/runtime/") {
        Some("invocation/next") => next(shared).await,
        Some(path) => {
            let answered = path.ends_with("/response");
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let deed = if answered {
                Deed::Answered(body)
            } else {
                Deed::Failed(body)
            };
            shared.deeds.send(deed).ok();
            let mut accepted = Response::new(Full::from(r#"{"status":"OK"}"#));
            *accepted.status_mut() = StatusCode::ACCEPTED;
            accepted
        }
        None => aws(shared, request).await,
    })
}

async fn next(shared: &Shared) -> Response<Full<Bytes>> {
    shared.deeds.send(Deed::Asked(Instant::now())).ok();
    let event = shared.events.lock().await.recv().await.unwrap_or_default();
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(15);
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:orders-dev-PaymentFunction-1ABCDEFGHIJK",
        )
        .header(
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        )
        .body(Full::from(event))
        .unwrap()
}

/// As DynamoDB and SNS answer, down to the headers.
async fn aws(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    assert_eq!(request.method(), Method::POST, "{}", request.uri());
    let target = request.headers().get("x-amz-target").cloned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let (call, response) = match target {
        Some(target) => {
            assert_eq!(target, "DynamoDB_20120810.PutItem");
            let response = Response::builder()
                .header("server", "Server")
                .header("content-type", "application/x-amz-json-1.0")
                .header("connection", "keep-alive")
                .header(
                    "x-amzn-requestid",
                    "4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG",
                )
                .header("x-amz-crc32", "2745614147")
                .body(Full::from("{}"));
            (Call::PutItem, response)
        }
        None => {
            assert!(body.starts_with(b"Action=Publish&"), "{body:?}");
            let response = Response::builder()
                .header("x-amzn-requestid", "f187a3c1-376f-11df-8963-01868b7c937a")
                .header("content-type", "text/xml")
                .body(Full::from(PUBLISHED));
            (Call::Publish, response)
        }
    };
    let mut calls = shared.calls.lock().unwrap();
    match call {
        Call::PutItem => calls.puts += 1,
        Call::Publish => calls.publishes += 1,
    }
    if calls.bodies.len() < KEPT {
        calls.bodies.push((call, body));
    }
    response.unwrap()
}

const PUBLISHED: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishResult>
    <MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId>
  </PublishResult>
  <ResponseMetadata>
    <RequestId>f187a3c1-376f-11df-8963-01868b7c937a</RequestId>
  </ResponseMetadata>
</PublishResponse>
"#;
