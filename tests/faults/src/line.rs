//! What lies between a handler and its ports, and breaks where it is told to.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use topogen_kit::once::Outcome;
use topogen_kit::outbox::Outbox;
use topogen_kit::{Failure, Item, Message, Publisher, Put, Store, Timestamp};

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The call fails, and nothing is done.
    Refused,
    /// The call is done, and its answer is lost.
    Unanswered,
    /// The process is killed before the call.
    KilledBefore,
    /// The process is killed after the call.
    KilledAfter,
    /// Before the call, someone else does the same work from beginning to end.
    Overtaken,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Refused,
        Self::Unanswered,
        Self::KilledBefore,
        Self::KilledAfter,
        Self::Overtaken,
    ];
}

/// A call at which something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Break {
    /// Which call of the step, from 0.
    pub call: usize,
    /// What the call is for.
    pub name: &'static str,
    /// What goes wrong.
    pub way: Way,
}

impl fmt::Display for Break {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, name, way } = self;
        let call = call + 1;
        match way {
            Way::Refused => write!(out, "call {call}, `{name}`, fails"),
            Way::Unanswered => write!(out, "call {call}, `{name}`, is done and its answer lost"),
            Way::KilledBefore => write!(out, "killed before call {call}, `{name}`"),
            Way::KilledAfter => write!(out, "killed after call {call}, `{name}`"),
            Way::Overtaken => write!(out, "overtaken before call {call}, `{name}`"),
        }
    }
}

/// The calls of one step.
#[derive(Debug, Default)]
pub struct Line {
    calls: RefCell<Vec<&'static str>>,
    breaks: Option<Break>,
    is_open: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Line {
    /// A line that breaks there, if anywhere.
    pub fn new(breaks: Option<Break>) -> Self {
        Self {
            breaks,
            ..Self::default()
        }
    }

    /// The calls that were made, by name.
    pub fn calls(&self) -> Vec<&'static str> {
        self.calls.borrow().clone()
    }

    /// Runs the work to its end in one go. Where the line holds it up, either `meanwhile` happens and it goes on, or the process is
    /// killed: the work is dropped where it stands, and there is no result.
    pub fn run<T>(&self, work: impl Future<Output = T>, meanwhile: impl FnOnce()) -> Option<T> {
        let mut work = pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(result) = work.as_mut().poll(&mut context) {
            return Some(result);
        }
        if self.breaks?.way != Way::Overtaken {
            return None;
        }
        meanwhile();
        self.is_open.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        match work.poll(&mut context) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    async fn pass<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let at = self.calls.borrow().len();
        self.calls.borrow_mut().push(name);
        let breaks = self.breaks.filter(|breaks| breaks.call == at);
        let away = || Err(Failure::unavailable(format!("`{name}` had no answer")));
        match breaks.map(|breaks| breaks.way) {
            None => call.await,
            Some(Way::Refused) => away(),
            Some(Way::Unanswered) => call.await.and_then(|_| away()),
            Some(Way::KilledBefore | Way::Overtaken) => {
                self.held_up().await;
                call.await
            }
            Some(Way::KilledAfter) => {
                let answer = call.await;
                self.held_up().await;
                answer
            }
        }
    }

    async fn held_up(&self) {
        poll_fn(|context| {
            if self.is_open.get() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// A port at the end of a line.
#[derive(Debug)]
pub struct Wired<'a, P> {
    /// The port.
    pub port: &'a P,
    /// The line.
    pub line: &'a Line,
    /// Whether the port always fails.
    pub is_away: bool,
}

impl<P> Wired<'_, P> {
    async fn call<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let call = async {
            if self.is_away {
                return Err(Failure::unavailable(format!("`{name}` always fails")));
            }
            call.await
        };
        self.line.pass(name, call).await
    }
}

impl<P: Store> Store for Wired<'_, P> {
    async fn put_if_absent(&self, item: Item) -> Result<Put, Failure> {
        let put = self.port.put_if_absent(item);
        self.call("put_if_absent", put).await
    }

    async fn put_with_event(&self, item: Item, event: &Outcome) -> Result<Put, Failure> {
        let put = self.port.put_with_event(item, event);
        self.call("put_with_event", put).await
    }

    async fn get(&self, key: &str) -> Result<Option<Item>, Failure> {
        self.call("get", self.port.get(key)).await
    }

    async fn set_status(&self, key: &str, status: &str) -> Result<(), Failure> {
        let set = self.port.set_status(key, status);
        self.call("set_status", set).await
    }
}

impl<P: Outbox> Outbox for Wired<'_, P> {
    async fn mark_published(&self, event_id: &str, at: Timestamp) -> Result<(), Failure> {
        let mark = self.port.mark_published(event_id, at);
        self.call("mark_published", mark).await
    }
}

impl<P: Publisher> Publisher for Wired<'_, P> {
    async fn publish(&self, message: &Message) -> Result<(), Failure> {
        self.call("publish", self.port.publish(message)).await
    }
}
