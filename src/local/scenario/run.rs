//! Runs a scenario: sends the request, then looks until everything holds or time is up.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use hyper::body::Bytes;
use serde_json::Value;

use super::evidence::{Evidence, Item};
use super::file::Scenario;
use crate::local::LocalError;
use crate::local::cloud::Names;
use crate::local::gateway;
use crate::model::names::SubscriptionName;
use crate::model::units::Seconds;
use crate::plan::Plan;

const WITHIN: Seconds = Seconds(60);
const LOOK: Duration = Duration::from_millis(250);

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What must hold.
    pub what: String,
    /// What is there instead.
    pub fault: Option<String>,
}

/// What came of a scenario.
#[derive(Debug, Clone)]
pub struct Report {
    /// Every check, in the order of the file.
    pub checks: Vec<Check>,
    /// How long it took.
    pub took: Duration,
    /// Messages that lie in dead-letter queues now, for the next scenario.
    pub dead_letters: BTreeMap<SubscriptionName, u32>,
}

impl Report {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.fault.is_none())
    }
}

/// Runs `scenario` against the app at `api`. `before` are the dead letters that earlier scenarios have left.
pub async fn run(
    scenario: &Scenario,
    plan: &Plan,
    config: &SdkConfig,
    names: &Names,
    api: &str,
    before: &BTreeMap<SubscriptionName, u32>,
) -> Result<Report, LocalError> {
    let started = Instant::now();
    let (mut checks, remembered) = request(scenario, api).await?;
    let mut after = before.clone();
    for dead in &scenario.dead_letter {
        *after.entry(dead.subscription.value.clone()).or_default() += 1;
    }
    // Without an accepted request nothing that follows can hold.
    if checks.iter().all(|check| check.fault.is_none()) {
        let look = Look {
            scenario,
            plan,
            evidence: Evidence::new(config, names),
            remembered,
            dead_letters: &after,
        };
        let deadline = started + Duration::from_secs(scenario.within.unwrap_or(WITHIN).0.into());
        let seen = loop {
            let seen = look.once().await?;
            if seen.iter().all(|check| check.fault.is_none()) || Instant::now() >= deadline {
                break seen;
            }
            tokio::time::sleep(LOOK).await;
        };
        checks.extend(seen);
    }
    Ok(Report {
        checks,
        took: started.elapsed(),
        dead_letters: after,
    })
}

type Remembered = BTreeMap<String, String>;

async fn request(scenario: &Scenario, api: &str) -> Result<(Vec<Check>, Remembered), LocalError> {
    let route = &scenario.request.route;
    let body = scenario
        .request
        .body
        .as_ref()
        .map(|body| body.0.clone())
        .unwrap_or_default();
    let mut headers: Vec<(String, String)> = scenario.request.headers.clone().into_iter().collect();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    let url = format!("{api}{}", route.path);
    let answer = gateway::send(&route.method, &url, &headers, Bytes::from(body)).await?;

    let wanted = &scenario.response;
    let text = String::from_utf8_lossy(&answer.body);
    let mut checks = vec![check(
        format!("{route} answers {}", wanted.status),
        (u32::from(answer.status) != wanted.status).then(|| format!("{}: {text}", answer.status)),
    )];
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    for (member, value) in &wanted.body {
        checks.push(check(
            format!("the answer has {member} {value}"),
            (body[member] != value.as_str()).then(|| body[member].to_string()),
        ));
    }
    let mut remembered = Remembered::new();
    for member in &wanted.remember {
        match body[member].as_str() {
            Some(value) => {
                remembered.insert(member.clone(), value.to_owned());
            }
            None => checks.push(check(
                format!("the answer has {member}"),
                Some("it is not there, or no string".to_owned()),
            )),
        }
    }
    Ok((checks, remembered))
}

struct Look<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    evidence: Evidence<'a>,
    remembered: Remembered,
    dead_letters: &'a BTreeMap<SubscriptionName, u32>,
}

impl Look<'_> {
    /// Everything that must hold after the answer.
    async fn once(&self) -> Result<Vec<Check>, LocalError> {
        let mut checks = Vec::new();
        self.items(&mut checks).await?;
        self.dead_letters(&mut checks).await?;
        self.quiet_queues(&mut checks).await?;
        Ok(checks)
    }

    async fn items(&self, checks: &mut Vec<Check>) -> Result<(), LocalError> {
        // The names were checked against the plan when the file was read.
        let table = |service| {
            self.plan
                .tables
                .get(service)
                .ok_or_else(|| unknown(service))
        };
        for wanted in &self.scenario.item {
            let service = &wanted.service.value;
            let key = self.fill(&wanted.key);
            let found = self.evidence.item(table(service)?, &key).await?;
            let attributes: Vec<(String, String)> = wanted
                .has
                .iter()
                .map(|(name, value)| (name.to_string(), self.fill(value)))
                .collect();
            let listed: Vec<String> = attributes
                .iter()
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            checks.push(check(
                format!("{service} has stored {}", listed.join(", ")),
                match found {
                    None => Some(format!("no item {key}")),
                    Some(item) => difference(&item, &attributes),
                },
            ));
        }
        for unwanted in &self.scenario.no_item {
            let service = &unwanted.service.value;
            let key = self.fill(&unwanted.key);
            let found = self.evidence.item(table(service)?, &key).await?;
            checks.push(check(
                format!("{service} has stored nothing for it"),
                found.map(|item| format!("{item:?}")),
            ));
        }
        for count in &self.scenario.count {
            let service = &count.service.value;
            let attributes: Vec<(String, String)> = count
                .having
                .iter()
                .map(|(name, value)| (name.to_string(), self.fill(value)))
                .collect();
            let items = self.evidence.items(table(service)?).await?;
            let found = items
                .iter()
                .filter(|item| difference(item, &attributes).is_none())
                .count();
            checks.push(check(
                format!("{service} has stored {} in all", count.is),
                (u32::try_from(found) != Ok(count.is)).then(|| format!("{found}")),
            ));
        }
        Ok(())
    }

    async fn dead_letters(&self, checks: &mut Vec<Check>) -> Result<(), LocalError> {
        for dead in &self.scenario.dead_letter {
            let name = &dead.subscription.value;
            let consumer = self.plan.consumers.get(name).ok_or_else(|| unknown(name))?;
            let handler = self
                .plan
                .handlers
                .get(&consumer.service)
                .ok_or_else(|| unknown(&consumer.service))?;
            let event = self.fill(&dead.event);

            let receives = self.evidence.failed_receives(handler, &event).await?;
            let wanted: Vec<u64> = (1..=dead.receives.into()).collect();
            checks.push(check(
                format!(
                    "{} has failed on receives 1 to {}, and no other",
                    consumer.service, dead.receives
                ),
                (receives != wanted).then(|| format!("{receives:?}")),
            ));
            let holds = self.evidence.dead_letter_holds(consumer, &event).await?;
            checks.push(check(
                format!("the dead-letter queue of {name} holds the event"),
                (!holds).then(|| "it does not".to_owned()),
            ));
            let state = self.evidence.alarm_state(consumer).await?;
            checks.push(check(
                format!("the alarm on the dead-letter queue of {name} is in ALARM"),
                (state != "ALARM").then_some(state),
            ));
        }
        Ok(())
    }

    /// Dead letters are those that the scenarios have asked for, and no more.
    async fn quiet_queues(&self, checks: &mut Vec<Check>) -> Result<(), LocalError> {
        for (name, consumer) in &self.plan.consumers {
            let wanted = self.dead_letters.get(name).copied().unwrap_or_default();
            let found = self.evidence.dead_letters(consumer).await?;
            checks.push(check(
                match wanted {
                    0 => format!("the dead-letter queue of {name} is empty"),
                    n => format!("the dead-letter queue of {name} holds {n} in all"),
                },
                (found != wanted).then(|| format!("it holds {found}")),
            ));
            let undelivered = self.evidence.undelivered(consumer).await?;
            checks.push(check(
                format!("SNS has delivered everything to {name}"),
                (undelivered != 0).then(|| format!("{undelivered} undelivered")),
            ));
        }
        Ok(())
    }

    /// Puts what was remembered of the answer in place of `${name}`.
    fn fill(&self, text: &str) -> String {
        self.remembered
            .iter()
            .fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("${{{name}}}"), value)
            })
    }
}

fn check(what: String, fault: Option<String>) -> Check {
    Check { what, fault }
}

fn unknown(name: &impl std::fmt::Display) -> LocalError {
    LocalError::Call(format!("the plan does not know `{name}`"))
}

/// The first attribute that is not as wanted.
fn difference(item: &Item, wanted: &[(String, String)]) -> Option<String> {
    wanted
        .iter()
        .find_map(|(name, value)| match item.get(name) {
            Some(found) if found == value => None,
            Some(found) => Some(format!("{name} is {found}")),
            None => Some(format!("{name} is not there")),
        })
}
