//! A handler as a process, with the environment that it has in Lambda.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::batch::Service;
use crate::cpu;
use crate::stub::Stub;
use hyper::body::Bytes;

/// One way to write and to run a service's handler.
pub struct Contestant {
    /// Program and arguments.
    pub command: Vec<PathBuf>,
}

/// A process that has asked for its first event.
pub struct Running {
    pub stub: Stub,
    child: Child,
    /// From start to that request.
    pub took: Duration,
}

impl Contestant {
    pub fn start(&self, service: &Service) -> Running {
        let stub = Stub::start();
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            .env_clear()
            .envs(variables(service, &stub))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A process runs where the thread does that starts it.
        let (started, child) = std::thread::scope(|scope| {
            let starter = scope.spawn(|| {
                cpu::pin(cpu::Side::Theirs);
                (Instant::now(), command.spawn().unwrap())
            });
            starter.join().unwrap()
        });
        let took = stub.asked() - started;
        Running { stub, child, took }
    }
}

impl Running {
    /// Events to their answers, in which no record may have failed; ends when the process has asked for one more. All lie
    /// ready: the process waits for nothing but AWS.
    pub fn invoke(&self, events: impl IntoIterator<Item = Bytes>) {
        let mut unanswered = 0;
        for event in events {
            self.stub.offer(event);
            unanswered += 1;
        }
        for _ in 0..unanswered {
            let answer = self.stub.answered();
            let answer = String::from_utf8_lossy(&answer).replace(' ', "");
            assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
            self.stub.asked();
        }
    }

    /// The most memory that the program had at once. `wait4` would count what this one had when it forked.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap() << 10
    }

    /// Processor time so far, of all its threads.
    pub fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let tasks = tasks.map(|task| fs::read_to_string(task.unwrap().path().join("schedstat")));
        let times = tasks.map(|text| {
            text.unwrap()
                .split(' ')
                .next()
                .unwrap()
                .parse::<u64>()
                .unwrap()
        });
        Duration::from_nanos(times.sum())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Lambda's own variables (configuration-envvars.html), those of the rendered template, and where AWS is.
fn variables(service: &Service, stub: &Stub) -> Vec<(String, String)> {
    let address = stub.address;
    let name = service.name;
    let set = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
        ("LANG", "en_US.UTF-8".into()),
        ("TZ", ":UTC".into()),
        ("_HANDLER", "bootstrap".into()),
        ("AWS_REGION", "eu-west-1".into()),
        ("AWS_DEFAULT_REGION", "eu-west-1".into()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".into()),
        ("AWS_SECRET_ACCESS_KEY", "secret".into()),
        ("AWS_SESSION_TOKEN", "token".repeat(120)),
        ("AWS_LAMBDA_FUNCTION_NAME", format!("orders-dev-{name}")),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/orders-dev-{name}"),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/31/[$LATEST]0".into()),
        ("AWS_LAMBDA_RUNTIME_API", address.to_string()),
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("APP_NAME", "orders".into()),
        ("ENVIRONMENT_NAME", "dev".into()),
        ("SERVICE_NAME", name.into()),
        ("TEST_CONTROLS", "false".into()),
        ("TABLE_NAME", format!("orders-dev-{name}")),
        ("TABLE_KEY", service.key.into()),
        ("PUBLISHES", service.publishes.into()),
    ];
    set.map(|(name, value)| (name.to_owned(), value)).into()
}
