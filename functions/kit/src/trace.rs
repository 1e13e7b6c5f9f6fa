//! Which X-Ray trace the current work belongs to.
//!
//! SNS hands the trace header of a publication on to its queues, and SQS hands it out as the system attribute
//! `AWSTraceHeader`. A record's work, and what is published in it, belongs to the record's trace; work without one belongs to
//! the trace of its invocation. A call carries one header: messages that go together to SNS belong to one trace.

use std::fmt;

tokio::task_local! {
    static CURRENT: Option<Trace>;
}

/// An X-Ray trace header: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    header: String,
    id: String,
}

impl Trace {
    /// The trace of that header, if it is one.
    pub fn parse(header: &str) -> Option<Self> {
        let plain = header.len() <= 512 && header.bytes().all(|byte| byte.is_ascii_graphic());
        let mut members = header.split(';').filter(|_| plain);
        let id = members.find_map(|member| member.strip_prefix("Root="))?;
        let hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let (time, random) = id.strip_prefix("1-")?.split_once('-')?;
        (hex(time, 8) && hex(random, 24)).then(|| Self {
            header: header.to_owned(),
            id: id.to_owned(),
        })
    }

    /// The trace's id, as X-Ray's console finds it.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The header, as it came.
impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.header)
    }
}

/// The trace of the work around this call.
pub fn current() -> Option<Trace> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Does `work` as part of `trace`; without one, as part of the trace around it.
pub async fn within<T>(trace: Option<Trace>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trace.or_else(current), work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn a_header_is_kept_as_it_came() {
        let trace = Trace::parse(HEADER).unwrap();
        assert_eq!(trace.id(), "1-5759e988-bd862e3fe1be46a994272793");
        assert_eq!(trace.to_string(), HEADER);
        let turned = "Sampled=0;Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a:0";
        assert_eq!(Trace::parse(turned).unwrap().id(), trace.id());
    }

    #[test]
    fn what_is_no_header_is_no_trace() {
        for header in [
            "",
            "Root=",
            "Parent=53995c3f42cd8ad8",
            "Root=1-5759e988",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a99427279x",
            "Root=1-5759e988-bd862e3fe1be46a994272793;x=\r\ny: z",
        ] {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
    }

    #[tokio::test]
    async fn inner_work_belongs_to_its_own_trace_or_to_the_one_around_it() {
        let outer = Trace::parse(HEADER);
        let inner = Trace::parse(&HEADER.replace("5759e988", "00000001"));
        assert_eq!(current(), None);
        within(outer.clone(), async {
            within(None, async { assert_eq!(current(), outer) }).await;
            within(inner.clone(), async { assert_eq!(current(), inner) }).await;
            assert_eq!(current(), outer);
        })
        .await;
    }
}
