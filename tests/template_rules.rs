//! An independent reader of the emitted templates: what neither cfn-lint nor the local cloud sees.
//!
//! It knows CloudFormation's JSON and nothing of topogen's types. Each rule is one way in which messages are lost, or a
//! caller gets in, although the stack deploys.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;

use common::{GOLDENS, plan, template};
use serde_json::{Value, json};

/// The resources of one type: id and properties.
fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let found: Vec<_> = template["Resources"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
        .collect();
    assert!(!found.is_empty(), "no {kind} to look at");
    found
}

fn arn(id: &str) -> Value {
    json!({ "Fn::GetAtt": [id, "Arn"] })
}

fn reference(id: &str) -> Value {
    json!({ "Ref": id })
}

/// The id that `Ref` or `GetAtt` names.
fn target(value: &Value) -> &str {
    value["Ref"]
        .as_str()
        .or_else(|| value["Fn::GetAtt"][0].as_str())
        .unwrap()
}

fn statements(document: &Value) -> &Vec<Value> {
    document["Statement"].as_array().unwrap()
}

fn contains(list: &Value, wanted: &Value) -> bool {
    list.as_array().unwrap().contains(wanted)
}

fn each_golden(check: impl Fn(&Value)) {
    for (name, file, environment) in GOLDENS {
        println!("{name}");
        check(&template(&plan(file, environment)));
    }
}

/// Role of a function: the actions that it allows on a resource.
fn allows(template: &Value, function: &Value, action: &str, resource: &Value) -> bool {
    let role = target(&template["Resources"][target(function)]["Properties"]["Role"]);
    template["Resources"][role]["Properties"]["Policies"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|policy| statements(&policy["PolicyDocument"]))
        .any(|s| {
            s["Effect"] == "Allow"
                && contains(&s["Action"], &json!(action))
                && contains(&s["Resource"], resource)
        })
}

#[test]
fn every_reference_resolves() {
    each_golden(|template| {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for part in ["Resources", "Parameters"] {
            known.extend(
                template[part]
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(String::as_str),
            );
        }
        let mut seen = 0;
        references(template, &mut |id| {
            seen += 1;
            assert!(
                id.starts_with("AWS::") || known.contains(id),
                "{id} is not there"
            );
        });
        assert!(seen > 50, "only {seen} references were found");
    });
}

fn references(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, visit)),
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("Ref", Value::String(id)) => visit(id),
                    ("DependsOn", Value::Array(ids)) => {
                        ids.iter().for_each(|id| visit(id.as_str().unwrap()))
                    }
                    ("Fn::GetAtt", Value::Array(parts)) => visit(parts[0].as_str().unwrap()),
                    ("Fn::Sub", Value::String(pattern)) => {
                        for rest in pattern.split("${").skip(1) {
                            let name = rest.split('}').next().unwrap();
                            if !name.starts_with('!') {
                                visit(name.split('.').next().unwrap());
                            }
                        }
                    }
                    _ => references(value, visit),
                }
            }
        }
        _ => {}
    }
}

/// Without it SNS drops every message, and nothing says so.
#[test]
fn the_topic_may_send_to_every_queue_that_it_feeds() {
    each_golden(|template| {
        for (id, subscription) in of_type(template, "AWS::SNS::Subscription") {
            if subscription["Protocol"] != "sqs" {
                continue;
            }
            let fed = [
                &subscription["Endpoint"],
                &subscription["RedrivePolicy"]["deadLetterTargetArn"],
            ];
            for queue in fed.map(target) {
                let admitted =
                    of_type(template, "AWS::SQS::QueuePolicy")
                        .into_iter()
                        .any(|(_, policy)| {
                            contains(&policy["Queues"], &reference(queue))
                                && statements(&policy["PolicyDocument"]).iter().any(|s| {
                                    s["Effect"] == "Allow"
                                        && s["Principal"]
                                            == json!({ "Service": "sns.amazonaws.com" })
                                        && contains(&s["Action"], &json!("sqs:SendMessage"))
                                        && contains(&s["Resource"], &arn(queue))
                                        && s["Condition"]["ArnEquals"]["aws:SourceArn"]
                                            == subscription["TopicArn"]
                                })
                        });
                assert!(admitted, "{id}: the topic may not send to {queue}");
            }
        }
    });
}

/// An open statement in a queue's or topic's policy lets the whole world in.
#[test]
fn nobody_is_allowed_in_without_a_condition_and_nobody_without_tls() {
    each_golden(|template| {
        let mut guarded = BTreeSet::new();
        for kind in ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"] {
            for (id, policy) in of_type(template, kind) {
                for statement in statements(&policy["PolicyDocument"]) {
                    if statement["Effect"] == "Allow" {
                        assert_ne!(statement["Principal"], json!("*"), "{id}");
                        assert!(statement["Condition"].is_object(), "{id}: {statement}");
                    } else if statement["Condition"]["Bool"]["aws:SecureTransport"] == "false" {
                        assert_eq!(statement["Principal"], "*", "{id}");
                        let listed = policy.get("Queues").or(policy.get("Topics")).unwrap();
                        guarded.extend(
                            listed
                                .as_array()
                                .unwrap()
                                .iter()
                                .map(|r| target(r).to_owned()),
                        );
                    }
                }
            }
        }
        for kind in ["AWS::SQS::Queue", "AWS::SNS::Topic"] {
            for (id, _) in of_type(template, kind) {
                assert!(guarded.contains(id), "{id} takes callers without TLS");
            }
        }
    });
}

/// The local cloud polls for any mapping, whatever its role may do; AWS does not.
#[test]
fn every_mapping_may_consume_its_queue_and_reports_single_failures() {
    each_golden(|template| {
        for (id, mapping) in of_type(template, "AWS::Lambda::EventSourceMapping") {
            for action in [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
            ] {
                let allowed = allows(
                    template,
                    &mapping["FunctionName"],
                    action,
                    &mapping["EventSourceArn"],
                );
                assert!(allowed, "{id}: no {action}");
            }
            assert_eq!(
                mapping["FunctionResponseTypes"],
                json!(["ReportBatchItemFailures"]),
                "{id}"
            );
            let queue = &template["Resources"][target(&mapping["EventSourceArn"])]["Properties"];
            let function = &template["Resources"][target(&mapping["FunctionName"])]["Properties"];
            let seconds = |value: &Value| value.as_u64().unwrap();
            assert!(
                seconds(&queue["VisibilityTimeout"]) >= seconds(&function["Timeout"]),
                "{id}"
            );
        }
    });
}

/// The local cloud invokes without a permission; AWS answers 500.
#[test]
fn the_api_may_invoke_every_function_that_it_routes_to() {
    each_golden(|template| {
        for (id, route) in of_type(template, "AWS::ApiGatewayV2::Route") {
            let path = route["Target"]["Fn::Sub"].as_str().unwrap();
            let integration = path
                .strip_prefix("integrations/${")
                .unwrap()
                .strip_suffix('}')
                .unwrap();
            let function = &template["Resources"][integration]["Properties"]["IntegrationUri"];
            let permitted = of_type(template, "AWS::Lambda::Permission")
                .into_iter()
                .any(|(_, permission)| {
                    permission["FunctionName"] == *function
                        && permission["Principal"] == "apigateway.amazonaws.com"
                        && permission["SourceArn"]["Fn::Sub"]
                            .as_str()
                            .unwrap()
                            .ends_with(":${HttpApi}/*")
                });
            assert!(permitted, "{id}");
        }
    });
}

/// What a function is told of, it may use; what it may use, it is told of.
#[test]
fn grants_follow_the_environment_of_each_function() {
    each_golden(|template| {
        for (id, function) in of_type(template, "AWS::Lambda::Function") {
            let this = reference(id);
            let variables = &function["Environment"]["Variables"];
            let granted =
                |action: &str, resource: &Value| allows(template, &this, action, resource);
            if let Some(table) = variables.get("TABLE_NAME") {
                for action in [
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ] {
                    assert!(granted(action, &arn(target(table))), "{id}: {action}");
                }
            }
            let told = variables["PUBLISHES"]["Fn::Sub"]
                .as_str()
                .unwrap_or_default();
            for (topic, _) in of_type(template, "AWS::SNS::Topic") {
                assert_eq!(
                    told.contains(&format!("${{{topic}}}")),
                    granted("sns:Publish", &reference(topic)),
                    "{id}: {topic}"
                );
            }
            let group = target(&function["LoggingConfig"]["LogGroup"]);
            assert!(granted("logs:PutLogEvents", &arn(group)), "{id}");
        }
    });
}

#[test]
fn no_role_allows_a_wildcard_but_for_traces() {
    each_golden(|template| {
        for (id, role) in of_type(template, "AWS::IAM::Role") {
            for policy in role["Policies"].as_array().unwrap() {
                for statement in statements(&policy["PolicyDocument"]) {
                    // KMS has these actions for several formats, and its documentation grants them so.
                    let actions = statement["Action"]
                        .to_string()
                        .replace("kms:GenerateDataKey*", "")
                        .replace("kms:ReEncrypt*", "");
                    assert!(!actions.contains('*'), "{id}: {actions}");
                    if contains(&statement["Resource"], &json!("*")) {
                        assert_eq!(
                            statement["Action"],
                            json!(["xray:PutTelemetryRecords", "xray:PutTraceSegments"]),
                            "{id}"
                        );
                    }
                }
            }
        }
    });
}

/// Which metric of which resource, by hand from aws-facts: a misspelt one never alarms. (SQS: sqs-available-cloudwatch-metrics;
/// Lambda: monitoring-metrics-types; SNS: sns-monitoring-using-cloudwatch; HTTP API: http-api-metrics.)
const METRICS: &[(&str, &str, &str)] = &[
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"),
    (
        "AWS/SQS",
        "ApproximateNumberOfMessagesNotVisible",
        "QueueName",
    ),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName"),
    ("AWS/SQS", "NumberOfMessagesReceived", "QueueName"),
    ("AWS/SQS", "NumberOfMessagesDeleted", "QueueName"),
    ("AWS/Lambda", "Errors", "FunctionName"),
    ("AWS/Lambda", "Throttles", "FunctionName"),
    ("AWS/Lambda", "Duration", "FunctionName"),
    ("AWS/Lambda", "Invocations", "FunctionName"),
    (
        "AWS/SNS",
        "NumberOfNotificationsFailedToRedriveToDlq",
        "TopicName",
    ),
    ("AWS/ApiGateway", "5xx", "ApiId"),
    ("AWS/ApiGateway", "Latency", "ApiId"),
];

#[test]
fn alarms_watch_metrics_that_exist_and_tell_somebody() {
    each_golden(|template| {
        for (id, alarm) in of_type(template, "AWS::CloudWatch::Alarm") {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let watched = (
                text(&alarm["Namespace"]),
                text(&alarm["MetricName"]),
                text(&alarm["Dimensions"][0]["Name"]),
            );
            let known = METRICS
                .iter()
                .any(|(n, m, d)| watched == ((*n).into(), (*m).into(), (*d).into()));
            assert!(known, "{id}: {watched:?}");
            assert!(
                contains(&alarm["AlarmActions"], &reference("AlarmTopic")),
                "{id}"
            );
            assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}");
        }
    });
}

/// Each dead-letter queue has an alarm on its own depth.
#[test]
fn no_dead_letter_queue_fills_unseen() {
    each_golden(|template| {
        for (id, queue) in of_type(template, "AWS::SQS::Queue") {
            let Some(policy) = queue.get("RedrivePolicy") else {
                continue;
            };
            let dead = target(&policy["deadLetterTargetArn"]);
            let watched =
                of_type(template, "AWS::CloudWatch::Alarm")
                    .into_iter()
                    .any(|(_, alarm)| {
                        alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
                            && alarm["Dimensions"][0]["Value"]
                                == json!({ "Fn::GetAtt": [dead, "QueueName"] })
                    });
            assert!(watched, "{id}: nobody watches {dead}");
            let dead = &template["Resources"][dead]["Properties"];
            assert!(
                dead["MessageRetentionPeriod"].as_u64() > queue["MessageRetentionPeriod"].as_u64(),
                "{id}"
            );
            // The dead-letter queue must know the queue by the very name that it is given.
            let source = dead["RedriveAllowPolicy"]["sourceQueueArns"][0]["Fn::Sub"]
                .as_str()
                .unwrap();
            let name = &queue["QueueName"];
            let name = name.as_str().or_else(|| name["Fn::Sub"].as_str()).unwrap();
            assert!(source.ends_with(&format!(":{name}")), "{id}");
        }
    });
}

#[test]
fn the_dashboard_is_json_of_metrics_that_exist() {
    each_golden(|template| {
        let (_, dashboard) = of_type(template, "AWS::CloudWatch::Dashboard")[0];
        let body: Value =
            serde_json::from_str(dashboard["DashboardBody"]["Fn::Sub"].as_str().unwrap()).unwrap();
        let mut rows = 0;
        for widget in body["widgets"].as_array().unwrap() {
            assert!(widget["x"].as_u64().unwrap() + widget["width"].as_u64().unwrap() <= 24);
            for metric in widget["properties"]["metrics"].as_array().unwrap() {
                let known =
                    METRICS
                        .iter()
                        .any(|(n, m, d)| match metric[0]["expression"].as_str() {
                            None => metric[0] == *n && metric[1] == *m && metric[2] == *d,
                            Some(search) => search
                                .starts_with(&format!("SEARCH('{{{n},{d}}} MetricName=\"{m}\" ")),
                        });
                assert!(known, "{metric}");
                rows += 1;
            }
        }
        assert!(rows >= 5);
    });
}

/// SNS delivers from FIFO topics to FIFO queues alone, and a dead-letter queue is of the type of its queue.
#[test]
fn topics_queues_and_their_dead_letter_queues_are_of_one_type() {
    let mut ordered = 0;
    each_golden(|template| {
        let resource = |reference: &Value| &template["Resources"][target(reference)]["Properties"];
        let is_fifo = |properties: &Value, kind: &str| properties[kind] == json!(true);
        for (id, subscription) in of_type(template, "AWS::SNS::Subscription") {
            if subscription["Protocol"] != "sqs" {
                continue;
            }
            let topic = is_fifo(resource(&subscription["TopicArn"]), "FifoTopic");
            let queue = resource(&subscription["Endpoint"]);
            let dead = resource(&queue["RedrivePolicy"]["deadLetterTargetArn"]);
            let undelivered = resource(&subscription["RedrivePolicy"]["deadLetterTargetArn"]);
            for queue in [queue, dead, undelivered] {
                assert_eq!(is_fifo(queue, "FifoQueue"), topic, "{id}");
                if topic {
                    assert!(queue["QueueName"].to_string().contains(".fifo\""), "{id}");
                }
            }
        }
    });
    for (_, file, environment) in GOLDENS {
        let template = template(&plan(file, environment));
        ordered += of_type(&template, "AWS::SNS::Topic")
            .iter()
            .filter(|(_, topic)| topic["FifoTopic"] == true)
            .count();
    }
    assert!(ordered > 0, "no golden has a FIFO topic");
}

/// SNS drops what it cannot encrypt for a queue, CloudWatch what it cannot encrypt for a topic; nothing says so.
#[test]
fn keys_let_in_everybody_who_has_to_use_them() {
    let mut keys = 0;
    for (name, file, environment) in GOLDENS {
        println!("{name}");
        let template = template(&plan(file, environment));
        let key_of = |properties: &Value| match &properties["KmsMasterKeyId"] {
            Value::Null => None,
            key => Some(key.clone()),
        };
        let lets_in = |key: &Value, service: &str| {
            let policy = &template["Resources"][target(key)]["Properties"]["KeyPolicy"];
            ["kms:Decrypt", "kms:GenerateDataKey*"]
                .iter()
                .all(|action| {
                    statements(policy).iter().any(|s| {
                        s["Effect"] == "Allow"
                            && s["Principal"] == json!({ "Service": service })
                            && contains(&s["Action"], &json!(action))
                    })
                })
        };
        for (id, subscription) in of_type(&template, "AWS::SNS::Subscription") {
            if subscription["Protocol"] != "sqs" {
                continue;
            }
            let queue = &template["Resources"][target(&subscription["Endpoint"])]["Properties"];
            assert_eq!(
                queue["SqsManagedSseEnabled"] == true,
                key_of(queue).is_none(),
                "{id}"
            );
            if let Some(key) = key_of(queue) {
                keys += 1;
                assert!(lets_in(&key, "sns.amazonaws.com"), "{id}");
            }
        }
        for (id, mapping) in of_type(&template, "AWS::Lambda::EventSourceMapping") {
            let queue = &template["Resources"][target(&mapping["EventSourceArn"])]["Properties"];
            if let Some(key) = key_of(queue) {
                assert!(
                    allows(&template, &mapping["FunctionName"], "kms:Decrypt", &key),
                    "{id}"
                );
            }
        }
        for (id, topic) in of_type(&template, "AWS::SNS::Topic") {
            let Some(key) = key_of(topic) else { continue };
            if id == "AlarmTopic" {
                assert!(lets_in(&key, "cloudwatch.amazonaws.com"));
            }
            for (function, properties) in of_type(&template, "AWS::Lambda::Function") {
                let told = properties["Environment"]["Variables"]["PUBLISHES"]["Fn::Sub"]
                    .as_str()
                    .unwrap_or_default();
                if told.contains(&format!("${{{id}}}")) {
                    for action in ["kms:Decrypt", "kms:GenerateDataKey*"] {
                        assert!(
                            allows(&template, &reference(function), action, &key),
                            "{function}: {action}"
                        );
                    }
                }
            }
        }
    }
    assert!(keys > 0, "no golden has a customer key");
}

#[test]
fn data_outlives_the_stack_unless_the_environment_is_ephemeral() {
    for (file, environment, kept) in [
        ("topology.toml", "prod", true),
        ("topology.toml", "dev", false),
        ("examples/settings/topology.toml", "prod", true),
    ] {
        let template = template(&plan(file, environment));
        for (id, table) in of_type(&template, "AWS::DynamoDB::Table") {
            let resource = &template["Resources"][id];
            assert_eq!(table["DeletionProtectionEnabled"], kept, "{id}");
            assert_eq!(resource["UpdateReplacePolicy"] == "Retain", kept, "{id}");
            assert_eq!(resource["DeletionPolicy"] == "Retain", kept, "{id}");
        }
    }
}

#[test]
fn an_account_that_the_file_names_is_not_in_the_template() {
    let template = template(&plan("examples/settings/topology.toml", "prod")).to_string();
    // The ARN of the company's topic holds it, as the user wrote it there.
    assert_eq!(
        template
            .replace("arn:aws:sns:eu-central-1:111122223333:company-alarms", "")
            .find("111122223333"),
        None
    );
}
