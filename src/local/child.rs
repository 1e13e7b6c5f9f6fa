//! MiniStack's process: started clean, awaited until healthy, ended with everything that it started.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdin, Command};

use super::LocalError;
use super::install::Installation;

const SUPERVISOR: &str = include_str!("supervise.py");
/// Measured: healthy within half a second; a loaded machine gets forty times that.
const START: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);
/// The supervisor gives functions two seconds before it kills them.
const STOP: Duration = Duration::from_secs(5);

/// A running MiniStack.
pub struct MiniStack {
    supervisor: Child,
    lifeline: Option<ChildStdin>,
}

/// What MiniStack is told.
pub struct Settings<'a> {
    /// The port that it listens on.
    pub port: u16,
    /// Where functions send their calls.
    pub endpoint: &'a str,
    /// AWS Region.
    pub region: &'a str,
}

impl MiniStack {
    /// Starts it and waits until it is healthy.
    pub async fn start(
        installation: &Installation,
        settings: &Settings<'_>,
    ) -> Result<Self, LocalError> {
        let folder = tempfile::Builder::new()
            .prefix("topogen-local-")
            .tempdir()?;
        let mut supervisor = Command::new(&installation.python)
            .args(["-c", SUPERVISOR])
            .args([folder.path(), &installation.ministack])
            .env_clear()
            .envs(environment(folder.path(), settings))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        // From here on the folder is the supervisor's to remove.
        let _ = folder.keep();
        let lifeline = supervisor.stdin.take();
        let mut ministack = Self {
            supervisor,
            lifeline,
        };
        match ministack.healthy(settings.port).await {
            Ok(()) => Ok(ministack),
            Err(error) => {
                ministack.stop().await;
                Err(error)
            }
        }
    }

    /// Ends it, and waits until nothing of it is left.
    pub async fn stop(mut self) {
        // The supervisor takes the closed pipe for the end.
        drop(self.lifeline.take());
        tokio::time::timeout(STOP, self.supervisor.wait())
            .await
            .ok();
    }

    async fn healthy(&mut self, port: u16) -> Result<(), LocalError> {
        let url = format!("http://127.0.0.1:{port}");
        let deadline = tokio::time::Instant::now() + START;
        while tokio::time::Instant::now() < deadline {
            if self.supervisor.try_wait()?.is_some() {
                return Err(LocalError::Start(self.last_words().await));
            }
            if super::gateway::health(&url).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        let seconds = START.as_secs();
        Err(LocalError::Start(format!("not healthy after {seconds} s")))
    }

    /// What the supervisor has told of MiniStack's end.
    async fn last_words(&mut self) -> String {
        let mut words = String::new();
        if let Some(stdout) = &mut self.supervisor.stdout {
            stdout.read_to_string(&mut words).await.ok();
        }
        words.trim().to_owned()
    }
}

/// Nothing of the caller's environment but PATH: functions inherit all of it, and it may hold real credentials.
fn environment(folder: &Path, settings: &Settings<'_>) -> Vec<(&'static str, std::ffi::OsString)> {
    let mut environment: Vec<(&'static str, std::ffi::OsString)> = vec![
        ("HOME", folder.into()),
        ("TMPDIR", folder.into()),
        ("AUTH", "true".into()),
        ("AWS_ENDPOINT_URL", settings.endpoint.into()),
        // AWS sets both for a function whose LoggingConfig asks for JSON; MiniStack does not.
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".into()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".into()),
        ("BIND_HOST", "127.0.0.1".into()),
        ("GATEWAY_PORT", settings.port.to_string().into()),
        ("IOT_MTLS_ENABLED", "0".into()),
        ("LOG_LEVEL", "WARNING".into()),
        ("MINISTACK_HOST", "localhost".into()),
        ("MINISTACK_REGION", settings.region.into()),
    ];
    environment.extend(std::env::var_os("PATH").map(|path| ("PATH", path)));
    environment
}
