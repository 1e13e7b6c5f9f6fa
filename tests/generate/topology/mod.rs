//! Apps as they might be written: small, with every word of the language in one or another, and no error in any.

mod grants;
pub mod mistakes;
pub mod strategies;

use std::collections::BTreeSet;
use std::fmt;

/// Names of services, in the order they are given away; the first is always there and publishes every event.
const SERVICES: [&str; 6] = ["source", "payment", "fraud-check", "mail", "stock", "x1"];
const EVENTS: [&str; 4] = [
    "OrderCreated",
    "PaymentFailed",
    "StockReserved",
    "ParcelLost",
];
const TOPICS: [&str; 3] = ["orders", "audit", "stock"];
/// A key that exists already.
pub const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/// Environments that every app has.
pub const ENVIRONMENTS: [&str; 3] = ["dev", "local", "prod"];

/// An app, and all that is known of it without compiling it.
#[derive(Clone)]
pub struct App {
    pub per_service: bool,
    pub encryption: &'static str,
    /// Whether each is FIFO; none is declared when there is none.
    topics: Vec<Topic>,
    events: Vec<Event>,
    pub services: Vec<Service>,
    api: Api,
    told: bool,
    defaults: bool,
    /// Whether tables within a section have headers of their own.
    headers: bool,
}

#[derive(Debug, Clone)]
struct Topic {
    fifo: bool,
    encryption: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Event {
    topic: usize,
    attribute: bool,
    version: bool,
    group: bool,
}

#[derive(Debug, Clone)]
struct Api {
    authorizer: bool,
    cors: bool,
    throttling: bool,
    firewall: bool,
}

#[derive(Debug, Clone)]
pub struct Service {
    pub name: &'static str,
    routes: Vec<(Shape, Settings)>,
    publishes: BTreeSet<usize>,
    /// Its sort key and TTL attribute.
    table: Option<(bool, bool)>,
    outbox: bool,
    pub schedule: bool,
    pub secret: bool,
    variable: bool,
    pub permission: bool,
    reserved: Option<u32>,
    owner: bool,
    function: Option<(u32, u32)>,
    /// Changed by an override, and by an environment.
    patched: (bool, bool),
    /// A resource of the file's own, in its stack.
    extra: bool,
    pub subscriptions: Vec<Subscription>,
}

/// Routes of a service are told apart by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Plain,
    Parameter,
    Any,
    Shared,
}

/// What `[api.routes.*]` says of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settings {
    Nothing,
    Public,
    Scopes,
    Throttling,
}

#[derive(Debug, Clone)]
pub struct Subscription {
    events: Vec<usize>,
    filter: Option<&'static str>,
    batch: Option<(u32, u32)>,
    receives: Option<u32>,
    raw: bool,
    limit: Limit,
    encryption: Option<&'static str>,
    alarm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    None,
    Concurrency,
    Pollers,
}

/// A section as it is written.
#[derive(Clone, Hash)]
pub struct Section {
    pub header: String,
    pub lines: Vec<String>,
}

/// Failures show sections as they are written, too.
impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", text(std::slice::from_ref(self)))
    }
}

/// The text that sections make.
pub fn text(sections: &[Section]) -> String {
    let one = |section: &Section| {
        let lines: String = section
            .lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect();
        format!("[{}]\n{lines}\n", section.header)
    };
    sections.iter().map(one).collect()
}

/// Failures show the file that made them.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", text(&self.sections()))
    }
}

impl App {
    /// The app without one of its services.
    pub fn without(&self, name: &str) -> Self {
        let mut app = self.clone();
        app.services.retain(|service| service.name != name);
        app
    }

    fn topic_of(&self, event: usize) -> Option<usize> {
        let topic = self.events[event].topic;
        (!self.topics.is_empty()).then(|| topic % self.topics.len())
    }

    fn is_fifo(&self, event: usize) -> bool {
        self.topic_of(event)
            .is_some_and(|topic| self.topics[topic].fifo)
    }

    fn event(&self, index: usize) -> usize {
        index % self.events.len()
    }

    /// The logical id of an event's topic.
    fn topic_id(&self, event: usize) -> String {
        match self.topic_of(event) {
            None => "EventTopic".to_owned(),
            Some(topic) => format!("{}Topic", pascal(TOPICS[topic])),
        }
    }

    /// Encryption of an event's topic.
    fn topic_encryption(&self, event: usize) -> &'static str {
        let own = self
            .topic_of(event)
            .and_then(|topic| self.topics[topic].encryption);
        own.unwrap_or(self.encryption)
    }

    pub fn sections(&self) -> Vec<Section> {
        let mut all = Written(Vec::new());
        let app = all.section("app");
        app.push("name = \"shop\"".into());
        if self.per_service {
            app.push("stacks = \"per-service\"".into());
        }
        if self.encryption != "sqs" {
            app.push(format!("encryption = \"{}\"", self.encryption));
        }
        if self.told {
            all.section("alarms").extend([
                "notify = [\"email:ops@example.com\", \"arn:aws:sns:eu-west-1:123456789012:ops\"]"
                    .into(),
            ]);
        }
        if self.defaults {
            all.section("defaults.function").push("memory = 512".into());
            all.section("defaults.subscription")
                .push("max_receive_count = 5".into());
            all.section("defaults.alarm")
                .push("backlog_age = \"10m\"".into());
        }
        for (at, topic) in self.topics.iter().enumerate() {
            let lines = all.section(&format!("topics.{}", TOPICS[at]));
            lines.push(format!("fifo = {}", topic.fifo));
            lines.extend(
                topic
                    .encryption
                    .map(|key| format!("encryption = \"{key}\"")),
            );
        }
        for (at, event) in self.events.iter().enumerate() {
            let fifo = self.is_fifo(at);
            let lines = all.section(&format!("events.{}", EVENTS[at]));
            lines.extend(
                self.topic_of(at)
                    .map(|topic| format!("topic = \"{}\"", TOPICS[topic])),
            );
            lines.extend(
                event
                    .attribute
                    .then(|| "attributes = [\"currency\", \"total\"]".into()),
            );
            lines.extend(event.version.then(|| "version = \"2.1\"".into()));
            lines.extend((fifo || event.group).then(|| "message_group = \"orderId\"".into()));
        }
        self.api(&mut all);
        all.section("environments.prod")
            .extend(["region = \"eu-west-1\"".into(), "ephemeral = false".into()]);
        for service in &self.services {
            self.service(service, &mut all);
        }
        all.0
    }

    fn api(&self, all: &mut Written) {
        let lines = all.section("api");
        if self.firewall() {
            lines.push("firewall = true".into());
        }
        if self.api.throttling {
            lines.push("throttling = { rate = 400, burst = 200 }".into());
        }
        if self.api.authorizer {
            // With a firewall only these are looked at.
            all.section("api.authorizer").extend([
                "issuer = \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE\"".into(),
                "audience = [\"shop\"]".into(),
                "scopes = [\"shop/read\"]".into(),
            ]);
        }
        if self.api.cors {
            all.section("api.cors").extend([
                "origins = [\"https://shop.example.com\"]".into(),
                "max_age = \"1h\"".into(),
            ]);
        }
    }

    fn firewall(&self) -> bool {
        self.api.firewall && !self.per_service
    }

    fn service(&self, service: &Service, all: &mut Written) {
        let name = service.name;
        let stem = pascal(name);
        let mut lines = Vec::new();
        let routes = self.routes(service);
        if !routes.is_empty() {
            let routes: Vec<String> = routes
                .iter()
                .map(|(route, _)| format!("{route:?}"))
                .collect();
            lines.push(format!("http = [{}]", routes.join(", ")));
        }
        let publishes = self.publishes(service);
        if !publishes.is_empty() {
            let names: Vec<String> = publishes
                .iter()
                .map(|at| format!("{:?}", EVENTS[*at]))
                .collect();
            lines.push(format!("publishes = [{}]", names.join(", ")));
        }
        if let Some((sort, ttl)) = service.table {
            let table = [
                Some(format!("name = \"{}\"", table_name(name))),
                Some("key = \"id\"".to_owned()),
                sort.then(|| "sort_key = \"line\"".to_owned()),
                ttl.then(|| "ttl = \"goneAt\"".to_owned()),
            ];
            self.inner(
                name,
                "table",
                table.into_iter().flatten().collect(),
                all,
                &mut lines,
            );
        }
        if let Some((memory, timeout)) = service.function {
            let function = [
                format!("memory = {memory}"),
                format!("timeout = \"{timeout}s\""),
            ];
            self.inner(name, "function", function.to_vec(), all, &mut lines);
        }
        if self.outbox(service) {
            lines.push("outbox = true".into());
        }
        if service.schedule {
            lines.push("schedule = \"rate(5 minutes)\"".into());
        }
        if service.secret {
            lines.push("secrets = { API_KEY = \"shop/api\" }".into());
        }
        if service.variable {
            lines.push("environment = { CURRENCY = \"EUR\" }".into());
        }
        if service.permission {
            lines.push("permissions = [{ actions = [\"s3:GetObject\"], resources = [\"arn:aws:s3:::prices/*\"] }]".into());
        }
        lines.extend(
            service
                .reserved
                .map(|n| format!("reserved_concurrency = {n}")),
        );
        if service.owner {
            lines.push(format!("owner = \"team {name}\""));
            lines.push("tags = { cost = \"4711\" }".into());
        }
        all.section(&format!("services.{name}")).extend(lines);
        for (route, settings) in self.routes(service) {
            let line = match settings {
                Settings::Public => "public = true",
                Settings::Scopes if self.api.authorizer => "scopes = [\"shop/write\"]",
                // The core's stack would have to know the services' routes.
                Settings::Throttling if !self.per_service => {
                    "throttling = { rate = 10, burst = 5 }"
                }
                Settings::Scopes | Settings::Throttling | Settings::Nothing => continue,
            };
            all.section(&format!("api.routes.\"{route}\""))
                .push(line.into());
        }
        if service.patched.0 {
            all.section(&format!("overrides.{stem}Function.Properties"))
                .push("EphemeralStorage = { Size = 1024 }".into());
        }
        if service.patched.1 {
            all.section(&format!("environments.prod.services.{name}"))
                .push("function.memory = 2048".into());
        }
        if service.extra {
            all.section(&format!("resources.{stem}Parameter")).extend([
                "Type = \"AWS::SSM::Parameter\"".into(),
                format!("stack = \"{name}\""),
                format!("Properties = {{ Type = \"String\", Value = {{ \"Fn::Sub\" = \"${{{stem}Function.Arn}} of ${{AWS::StackName}}\" }} }}"),
            ]);
        }
        for (at, subscription) in service.subscriptions.iter().enumerate() {
            self.subscription(service, at, subscription, all);
        }
    }

    /// A table within the section of a service: in its line, or under a header of its own.
    fn inner(
        &self,
        service: &'static str,
        key: &str,
        lines: Vec<String>,
        all: &mut Written,
        line: &mut Vec<String>,
    ) {
        if self.headers {
            all.section(&format!("services.{service}.{key}"))
                .extend(lines);
        } else {
            line.push(format!("{key} = {{ {} }}", lines.join(", ")));
        }
    }

    fn subscription(
        &self,
        service: &Service,
        at: usize,
        subscription: &Subscription,
        all: &mut Written,
    ) {
        let events = self.received(subscription);
        let fifo = self.is_fifo(self.event(subscription.events[0]));
        let names: Vec<String> = events
            .iter()
            .map(|event| format!("{:?}", EVENTS[*event]))
            .collect();
        let mut lines = vec![format!("events = [{}]", names.join(", "))];
        if at > 0 {
            lines.push(format!("service = \"{}\"", service.name));
        }
        lines.extend(
            subscription
                .filter
                .map(|filter| format!("filter = {filter}")),
        );
        if let Some((size, window)) = subscription.batch {
            // A FIFO queue gives ten, and none later than it can.
            lines.push(format!(
                "batch_size = {}",
                if fifo { size.min(10) } else { size }
            ));
            if !fifo {
                lines.push(format!("batching_window = \"{window}s\""));
            }
        }
        lines.extend(
            subscription
                .receives
                .map(|n| format!("max_receive_count = {n}")),
        );
        if subscription.raw {
            lines.push("raw_message_delivery = true".into());
        }
        match subscription.limit {
            Limit::None => {}
            Limit::Concurrency => lines.push("maximum_concurrency = 7".into()),
            Limit::Pollers => {
                lines.push("provisioned_pollers = { minimum = 2, maximum = 9 }".into())
            }
        }
        lines.extend(
            subscription
                .encryption
                .map(|key| format!("encryption = \"{key}\"")),
        );
        if subscription.alarm {
            lines.push("alarm = { dead_letters = false, backlog_age = \"1h\" }".into());
        }
        let name = subscription_name(service, at);
        all.section(&format!("subscriptions.{name}")).extend(lines);
    }

    /// Every service is started by something.
    fn routes(&self, service: &Service) -> Vec<(String, Settings)> {
        let name = service.name;
        let mut routes = service.routes.clone();
        if routes.is_empty() && service.subscriptions.is_empty() && !service.schedule {
            routes.push((Shape::Plain, Settings::Nothing));
        }
        let mut seen = Vec::new();
        routes.retain(|(shape, _)| {
            !seen.contains(shape) && {
                seen.push(*shape);
                true
            }
        });
        let written = |shape| match shape {
            Shape::Plain => format!("POST /{name}"),
            Shape::Parameter => format!("GET /{name}/{{item_id}}/lines"),
            Shape::Any => format!("ANY /{name}/all"),
            Shape::Shared => format!("GET /shared/{name}"),
        };
        routes
            .into_iter()
            .map(|(shape, settings)| (written(shape), settings))
            .collect()
    }

    /// The first service publishes everything, so that no event is without a publisher.
    fn publishes(&self, service: &Service) -> BTreeSet<usize> {
        if service.name == SERVICES[0] {
            return (0..self.events.len()).collect();
        }
        service.publishes.iter().map(|at| self.event(*at)).collect()
    }

    fn outbox(&self, service: &Service) -> bool {
        service.outbox && service.table.is_some() && !self.publishes(service).is_empty()
    }

    /// A subscription's topics are all FIFO, or none is.
    fn received(&self, subscription: &Subscription) -> BTreeSet<usize> {
        let events: Vec<usize> = subscription
            .events
            .iter()
            .map(|at| self.event(*at))
            .collect();
        let fifo = self.is_fifo(events[0]);
        events
            .into_iter()
            .filter(|event| self.is_fifo(*event) == fifo)
            .collect()
    }
}

/// Sections as they are added.
struct Written(Vec<Section>);

impl Written {
    fn section(&mut self, header: &str) -> &mut Vec<String> {
        self.0.push(Section {
            header: header.to_owned(),
            lines: Vec::new(),
        });
        let last = self.0.len() - 1;
        &mut self.0[last].lines
    }
}

/// The first is called as its service.
fn subscription_name(service: &Service, at: usize) -> String {
    match at {
        0 => service.name.to_owned(),
        at => format!("{}-more{at}", service.name),
    }
}

fn table_name(service: &str) -> String {
    format!("{}Items", pascal(service))
}

/// `fraud-check` as `FraudCheck`.
pub fn pascal(kebab: &str) -> String {
    let capitalised = |word: &str| word[..1].to_uppercase() + &word[1..];
    kebab.split('-').map(capitalised).collect()
}
