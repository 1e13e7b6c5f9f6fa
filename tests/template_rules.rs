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

use common::{GOLDENS, plan, plan_of, template};
use serde_json::{Value, json};

/// The resources of one type, of which there is one at least: id and properties.
fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let found = any_of_type(template, kind);
    assert!(!found.is_empty(), "no {kind} to look at");
    found
}

/// The resources of one type, if there are any: id and properties.
fn any_of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    template["Resources"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
        .collect()
}

/// Whether an alarm looks at the depth of a queue.
fn is_watched(template: &Value, queue: &str) -> bool {
    of_type(template, "AWS::CloudWatch::Alarm")
        .into_iter()
        .any(|(_, alarm)| {
            alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
                && alarm["Dimensions"][0]["Value"] == json!({ "Fn::GetAtt": [queue, "QueueName"] })
        })
}

/// Whether a queue's policy lets an AWS service send on behalf of one resource.
fn admits(template: &Value, queue: &str, service: &str, source: &Value) -> bool {
    of_type(template, "AWS::SQS::QueuePolicy")
        .into_iter()
        .filter(|(_, policy)| contains(&policy["Queues"], &reference(queue)))
        .flat_map(|(_, policy)| statements(&policy["PolicyDocument"]))
        .any(|s| {
            s["Effect"] == "Allow"
                && s["Principal"] == json!({ "Service": service })
                && contains(&s["Action"], &json!("sqs:SendMessage"))
                && contains(&s["Resource"], &arn(queue))
                && s["Condition"]["ArnEquals"]["aws:SourceArn"] == *source
        })
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
                let admitted = admits(
                    template,
                    queue,
                    "sns.amazonaws.com",
                    &subscription["TopicArn"],
                );
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
            let reads_stream = mapping["EventSourceArn"]["Fn::GetAtt"][1] == "StreamArn";
            let actions = if reads_stream {
                [
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                ]
            } else {
                [
                    "sqs:ReceiveMessage",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                ]
            };
            for action in actions {
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
            if reads_stream {
                loses_no_record(template, id, mapping);
                continue;
            }
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

/// Without bounds a record that fails blocks its shard until the stream forgets it; with them it must go somewhere.
fn loses_no_record(template: &Value, id: &str, mapping: &Value) {
    let table = &template["Resources"][target(&mapping["EventSourceArn"])]["Properties"];
    assert_eq!(table["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
    assert_eq!(mapping["StartingPosition"], "TRIM_HORIZON", "{id}");
    assert_eq!(mapping["BisectBatchOnFunctionError"], true, "{id}");
    for bound in ["MaximumRetryAttempts", "MaximumRecordAgeInSeconds"] {
        assert!(
            mapping[bound].as_u64().is_some_and(|n| n > 0),
            "{id}: {bound}"
        );
    }
    let queue = target(&mapping["DestinationConfig"]["OnFailure"]["Destination"]);
    let function = &mapping["FunctionName"];
    assert!(
        allows(template, function, "sqs:SendMessage", &arn(queue)),
        "{id}"
    );
    assert!(is_watched(template, queue), "{id}: nobody watches {queue}");
    // The relay marks records of the outbox, and can touch no other item.
    let role = target(&template["Resources"][target(function)]["Properties"]["Role"]);
    let policy = &template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"];
    let updates: Vec<&Value> = statements(policy)
        .iter()
        .filter(|s| contains(&s["Action"], &json!("dynamodb:UpdateItem")))
        .map(|s| &s["Condition"])
        .collect();
    let records = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": "outbox#*" } });
    assert_eq!(updates, [&records], "{id}");
    // Only what the outbox holds, by the table's own key, and never what TTL takes away.
    let pattern = mapping["FilterCriteria"]["Filters"][0]["Pattern"]
        .as_str()
        .unwrap();
    let pattern: Value = serde_json::from_str(pattern).unwrap();
    let key = table["KeySchema"][0]["AttributeName"].as_str().unwrap();
    assert_eq!(pattern["eventName"], json!(["INSERT"]), "{id}");
    assert_eq!(
        pattern["dynamodb"]["Keys"][key]["S"],
        json!([{ "prefix": "outbox#" }]),
        "{id}"
    );
    let ttl = &table["TimeToLiveSpecification"];
    assert!(
        ttl["Enabled"] == true && ttl["AttributeName"] != *key,
        "{id}"
    );
}

/// EventBridge and Lambda both give up in silence.
#[test]
fn a_schedule_may_start_its_function_and_no_start_is_lost() {
    let seen = std::cell::Cell::new(0);
    each_golden(|template| {
        for (id, rule) in any_of_type(template, "AWS::Events::Rule") {
            seen.set(seen.get() + 1);
            let [started] = rule["Targets"].as_array().unwrap().as_slice() else {
                panic!("{id} has several targets");
            };
            let function = target(&started["Arn"]);
            let permitted = of_type(template, "AWS::Lambda::Permission")
                .into_iter()
                .any(|(_, permission)| {
                    permission["FunctionName"] == arn(function)
                        && permission["Principal"] == "events.amazonaws.com"
                        && permission["SourceArn"] == arn(id)
                });
            assert!(permitted, "{id}");
            let queue = target(&started["DeadLetterConfig"]["Arn"]);
            assert!(
                admits(template, queue, "events.amazonaws.com", &arn(id)),
                "{id}"
            );
            assert!(is_watched(template, queue), "{id}: nobody watches {queue}");
            let (_, invoked) = any_of_type(template, "AWS::Lambda::EventInvokeConfig")
                .into_iter()
                .find(|(_, config)| config["FunctionName"] == reference(function))
                .unwrap();
            let failed = &invoked["DestinationConfig"]["OnFailure"]["Destination"];
            assert_eq!(target(failed), queue, "{id}");
            let may = allows(template, &reference(function), "sqs:SendMessage", failed);
            assert!(may, "{id}: the role may not send to {queue}");
        }
    });
    assert!(seen.get() >= 2, "only {} schedules were found", seen.get());
}

/// A secret is named and never held: the variable has its ARN, and the role may read exactly that one.
#[test]
fn secrets_are_named_and_may_be_read() {
    let seen = std::cell::Cell::new(0);
    each_golden(|template| {
        for (id, function) in of_type(template, "AWS::Lambda::Function") {
            let variables = function["Environment"]["Variables"].as_object().unwrap();
            for (name, value) in variables {
                let Some(secret) = value["Fn::Sub"].as_str().filter(|v| v.contains(":secret:"))
                else {
                    continue;
                };
                seen.set(seen.get() + 1);
                let resource = json!({ "Fn::Sub": format!("{secret}-??????") });
                let this = reference(id);
                let action = "secretsmanager:GetSecretValue";
                assert!(allows(template, &this, action, &resource), "{id}: {name}");
            }
        }
    });
    assert!(seen.get() >= 2, "only {} secrets were found", seen.get());
}

/// What belongs to a service has its tags, in the form that each type takes.
#[test]
fn resources_have_the_tags_of_their_service() {
    let template = template(&plan("examples/billing/topology.toml", "prod"));
    let wanted = json!([
        { "Key": "audit", "Value": "yes" },
        { "Key": "owner", "Value": "invoicing" },
    ]);
    let mut tagged = BTreeSet::new();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        match resource["Properties"].get("Tags") {
            Some(tags) => {
                assert_eq!(*tags, wanted, "{id}");
                tagged.insert(resource["Type"].as_str().unwrap());
            }
            None => assert!(
                !id.starts_with("InvoicingOutboxF") || id.ends_with("Policy"),
                "{id}"
            ),
        }
    }
    for kind in [
        "AWS::Lambda::Function",
        "AWS::IAM::Role",
        "AWS::SQS::Queue",
        "AWS::DynamoDB::Table",
        "AWS::Logs::LogGroup",
        "AWS::CloudWatch::Alarm",
        "AWS::Events::Rule",
    ] {
        assert!(tagged.contains(kind), "{kind}");
    }
}

/// Every route of the template: its id, `METHOD /path`, the function that answers, the id of the API, and who may call.
fn routes(template: &Value) -> Vec<(&str, String, &Value, &str, &Value)> {
    let mut found = Vec::new();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let properties = &resource["Properties"];
        if resource["Type"] == "AWS::ApiGatewayV2::Route" {
            let path = properties["Target"]["Fn::Sub"].as_str().unwrap();
            let integration = path.strip_prefix("integrations/${").unwrap();
            let integration = integration.strip_suffix('}').unwrap();
            found.push((
                id.as_str(),
                properties["RouteKey"].as_str().unwrap().to_owned(),
                &template["Resources"][integration]["Properties"]["IntegrationUri"],
                target(&properties["ApiId"]),
                properties,
            ));
        } else if resource["Type"] == "AWS::ApiGateway::Method"
            && properties["Integration"]["Type"] == "AWS_PROXY"
        {
            let uri = properties["Integration"]["Uri"]["Fn::Sub"]
                .as_str()
                .unwrap();
            let function = uri
                .split("${")
                .find_map(|part| part.split_once(".Arn}"))
                .unwrap()
                .0;
            found.push((
                id.as_str(),
                format!(
                    "{} {}",
                    properties["HttpMethod"].as_str().unwrap(),
                    path(template, &properties["ResourceId"])
                ),
                template["Resources"]
                    .as_object()
                    .unwrap()
                    .values()
                    .find_map(|other| {
                        let named = &other["Properties"]["FunctionName"];
                        (*named == arn(function)).then_some(named)
                    })
                    .unwrap(),
                target(&properties["RestApiId"]),
                properties,
            ));
        }
    }
    let apis = ["AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi"];
    let has_api = apis
        .iter()
        .any(|kind| !any_of_type(template, kind).is_empty());
    assert_eq!(has_api, !found.is_empty(), "an API without routes");
    found
}

/// The whole path of a REST API's resource.
fn path(template: &Value, resource: &Value) -> String {
    let Some(id) = resource["Ref"].as_str() else {
        return "/".to_owned();
    };
    let properties = &template["Resources"][id]["Properties"];
    let above = path(template, &properties["ParentId"]);
    let part = properties["PathPart"].as_str().unwrap();
    format!("{}/{part}", above.trim_end_matches('/'))
}

/// The local cloud invokes without a permission; AWS answers 500. With more than it needs, any path of the API would do.
#[test]
fn the_api_may_invoke_every_function_for_its_routes_alone() {
    each_golden(|template| {
        let mut wanted: Vec<(String, String)> = Vec::new();
        for (_, route, function, api, _) in routes(template) {
            let (method, path) = route.split_once(' ').unwrap();
            let parts = path
                .split('/')
                .map(|part| if part.starts_with('{') { "*" } else { part });
            let pattern = parts.collect::<Vec<_>>().join("/");
            let method = method.replace("ANY", "*");
            wanted.push((
                function.to_string(),
                format!(
                    "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/*/{method}{pattern}"
                ),
            ));
        }
        let mut given: Vec<(String, String)> = of_type(template, "AWS::Lambda::Permission")
            .into_iter()
            .filter(|(_, permission)| permission["Principal"] == "apigateway.amazonaws.com")
            .map(|(_, permission)| {
                (
                    permission["FunctionName"].to_string(),
                    permission["SourceArn"]["Fn::Sub"]
                        .as_str()
                        .unwrap()
                        .to_owned(),
                )
            })
            .collect();
        wanted.sort();
        given.sort();
        assert_eq!(given, wanted);
    });
}

/// The routes that need no token are those that the file calls public.
#[test]
fn only_public_routes_are_open() {
    for (name, file, environment) in GOLDENS {
        println!("{name}");
        let text = std::fs::read_to_string(file).unwrap();
        let written: toml::Table = toml::from_str(&text).unwrap();
        let settings = written
            .get("api")
            .and_then(|api| api.get("routes")?.as_table());
        let template = template(&plan(file, environment));
        for (id, route, _, _, properties) in routes(&template) {
            let public = settings
                .and_then(|routes| routes.get(&route)?.get("public")?.as_bool())
                .unwrap_or(false);
            let authorizer = &properties["AuthorizerId"];
            if public {
                assert_eq!(properties["AuthorizationType"], "NONE", "{id}");
                assert!(authorizer.is_null(), "{id}");
                continue;
            }
            let kind = &template["Resources"][target(authorizer)];
            let wanted = match properties["AuthorizationType"].as_str().unwrap() {
                "JWT" => {
                    let tokens = &kind["Properties"]["JwtConfiguration"];
                    assert!(!tokens["Audience"].as_array().unwrap().is_empty(), "{id}");
                    assert!(
                        tokens["Issuer"].as_str().unwrap().starts_with("https://"),
                        "{id}"
                    );
                    "AWS::ApiGatewayV2::Authorizer"
                }
                "COGNITO_USER_POOLS" => "AWS::ApiGateway::Authorizer",
                other => panic!("{id}: {other}"),
            };
            assert_eq!(kind["Type"], wanted, "{id}");
        }
    }
}

/// A stage that knows of a route before it is there is refused; a limit for a route that is not there holds nothing.
#[test]
fn limits_of_routes_are_for_routes_that_are_there() {
    let mut limits = 0;
    each_golden(|template| {
        for (id, stage) in template["Resources"].as_object().unwrap() {
            if stage["Type"] != "AWS::ApiGatewayV2::Stage" {
                continue;
            }
            for key in stage["Properties"]["RouteSettings"]
                .as_object()
                .into_iter()
                .flat_map(|map| map.keys())
            {
                let all = routes(template);
                let (route, ..) = all.iter().find(|(_, route, ..)| route == key).unwrap();
                assert!(contains(&stage["DependsOn"], &json!(route)), "{id}: {key}");
            }
        }
    });
    for (_, file, environment) in GOLDENS {
        let template = template(&plan(file, environment));
        limits += template.to_string().matches("RouteSettings").count();
    }
    assert!(limits > 0);
}

const PORTAL: &str = "examples/portal/topology.toml";

/// What is not in the deployment is not live, and a stage without the firewall is open.
#[test]
fn a_rest_api_is_deployed_whole_and_behind_its_firewall() {
    let template = template(&plan(PORTAL, "prod"));
    let [(deployment, _)] = of_type(&template, "AWS::ApiGateway::Deployment")[..] else {
        panic!("not one deployment");
    };
    let waits = &template["Resources"][deployment]["DependsOn"];
    for kind in ["Method", "Resource", "Authorizer", "GatewayResponse"] {
        for (id, _) in of_type(&template, &format!("AWS::ApiGateway::{kind}")) {
            assert!(contains(waits, &json!(id)), "{id} is not deployed");
        }
    }
    let [(stage, properties)] = of_type(&template, "AWS::ApiGateway::Stage")[..] else {
        panic!("not one stage");
    };
    assert_eq!(properties["DeploymentId"], reference(deployment));
    assert_eq!(properties["TracingEnabled"], true);
    let (_, association) = of_type(&template, "AWS::WAFv2::WebACLAssociation")[0];
    let protected = association["ResourceArn"]["Fn::Sub"].as_str().unwrap();
    assert!(protected.ends_with(&format!("::/restapis/${{RestApi}}/stages/${{{stage}}}")));
    let (firewall, rules) = of_type(&template, "AWS::WAFv2::WebACL")[0];
    assert_eq!(association["WebACLArn"], arn(firewall));
    let mut priorities = BTreeSet::new();
    for rule in rules["Rules"].as_array().unwrap() {
        assert!(
            priorities.insert(rule["Priority"].as_u64().unwrap()),
            "{rule}"
        );
        assert!(
            rule["Action"].is_object() != rule["OverrideAction"].is_object(),
            "{rule}"
        );
        assert_eq!(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"], true);
    }
    assert_eq!(priorities.len(), 3);
}

/// A deployment never changes: what is not in a new one never goes live, and one that is new for nothing ends connections.
#[test]
fn a_new_deployment_is_made_when_the_api_changes_and_only_then() {
    let text = std::fs::read_to_string(PORTAL).unwrap();
    let deployment = |text: &str| {
        let template = template(&plan_of(text, "prod"));
        of_type(&template, "AWS::ApiGateway::Deployment")[0]
            .0
            .to_owned()
    };
    let before = deployment(&text);
    for (from, to) in [
        ("# A town's portal", "# Another line.\n# A town's portal"),
        (
            "[services.register]\n",
            "[services.register]\nfunction = { memory = 512 }\n",
        ),
        ("throttling = { rate = 200,", "throttling = { rate = 300,"),
        ("\"365d\"", "\"180d\""),
        (
            "[environments.prod]",
            "[resources.Receipts]\nType = \"AWS::S3::Bucket\"\n[environments.prod]",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(deployment(&text.replacen(from, to, 1)), before, "{to}");
    }
    let mut seen = BTreeSet::from([before]);
    for (from, to) in [
        ("\"GET /forms\", ", "\"GET /forms\", \"HEAD /forms\", "),
        ("scopes = [\"portal/clerk\"]", "public = true"),
        ("eu-central-1_p0rTaL123", "eu-central-1_other"),
        ("max_age = \"1h\"", "max_age = \"2h\""),
        (", \"https://clerks.example.org\"", ""),
        (
            "[environments.prod]",
            "[overrides.PostApplicationsMethod.Properties]\nApiKeyRequired = true\n[environments.prod]",
        ),
        (
            "[environments.prod]",
            "[overrides.PostApplicationsMethod]\ndelete = [\"Properties.Integration.Uri\"]\n[environments.prod]",
        ),
        (
            "[environments.prod]",
            "[resources.Health]\nType = \"AWS::ApiGateway::Method\"\nProperties.AuthorizationType = \"AWS_IAM\"\n[environments.prod]",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(seen.insert(deployment(&text.replacen(from, to, 1))), "{to}");
    }
}

/// A browser asks before it calls, never with a token; and it shows its script no answer without the header.
#[test]
fn browsers_are_answered_on_every_path_of_a_rest_api() {
    let template = template(&plan(PORTAL, "prod"));
    let methods = of_type(&template, "AWS::ApiGateway::Method");
    let mut asked = 0;
    for (id, method) in &methods {
        let options = methods
            .iter()
            .find(|(_, other)| {
                other["ResourceId"] == method["ResourceId"] && other["HttpMethod"] == "OPTIONS"
            })
            .unwrap_or_else(|| panic!("{id}: no OPTIONS beside it"))
            .1;
        assert_eq!(options["AuthorizationType"], "NONE", "{id}");
        let answer = &options["Integration"]["IntegrationResponses"][0];
        let declared = options["MethodResponses"][0]["ResponseParameters"]
            .as_object()
            .unwrap();
        for (name, value) in answer["ResponseParameters"].as_object().unwrap() {
            assert!(declared.contains_key(name), "{id}: {name}");
            let value = value.as_str().unwrap();
            assert!(
                value.len() > 2 && value.starts_with('\'') && value.ends_with('\''),
                "{name}"
            );
        }
        let template = answer["ResponseTemplates"]["application/json"]
            .as_str()
            .unwrap();
        for origin in ["https://portal.example.org", "https://clerks.example.org"] {
            assert!(
                template.contains(&format!("$origin == \"{origin}\"")),
                "{id}"
            );
        }
        asked += 1;
    }
    assert!(asked > 5);
    for (id, function) in of_type(&template, "AWS::Lambda::Function") {
        let answers = routes(&template)
            .iter()
            .any(|(_, _, answering, ..)| **answering == arn(id));
        let told = &function["Environment"]["Variables"]["CORS"];
        assert_eq!(told.is_string(), answers, "{id}");
    }
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
                // A relay marks what is in the outbox, and sees no other item.
                let relay = id.ends_with("OutboxFunction");
                for action in ["dynamodb:GetItem", "dynamodb:PutItem"] {
                    let granted = granted(action, &arn(target(table)));
                    assert_eq!(granted, !relay, "{id}: {action}");
                }
                let updates = granted("dynamodb:UpdateItem", &arn(target(table)));
                assert!(updates, "{id}");
            }
            let told = variables["PUBLISHES"]["Fn::Sub"]
                .as_str()
                .unwrap_or_default();
            for (topic, _) in of_type(template, "AWS::SNS::Topic") {
                // With an outbox the relay alone publishes.
                let publishes = variables.get("OUTBOX").is_none();
                assert_eq!(
                    publishes && told.contains(&format!("${{{topic}}}")),
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
/// Lambda: monitoring-metrics-types; SNS: sns-monitoring-using-cloudwatch; APIs: http-api-metrics,
/// api-gateway-metrics-and-dimensions.)
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
    ("AWS/Lambda", "IteratorAge", "FunctionName"),
    (
        "AWS/SNS",
        "NumberOfNotificationsFailedToRedriveToDlq",
        "TopicName",
    ),
    ("AWS/ApiGateway", "5xx", "ApiId"),
    ("AWS/ApiGateway", "Latency", "ApiId"),
    ("AWS/ApiGateway", "5XXError", "ApiName"),
    ("AWS/ApiGateway", "Latency", "ApiName"),
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
            assert!(is_watched(template, dead), "{id}: nobody watches {dead}");
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

/// AWS refuses a policy in which two statements have one id, also where one queue hears of two topics, or one function uses
/// keys that are told to IAM in different ways.
#[test]
fn no_policy_has_an_id_twice() {
    let several = r#"
        [app]
        name = "shop"
        [alarms]
        notify = ["email:ops@example.com"]
        [topics.orders]
        encryption = "kms"
        [topics.returns]
        encryption = "alias/returns"
        [events.OrderPlaced]
        topic = "orders"
        [events.OrderReturned]
        topic = "returns"
        [services.desk]
        schedule = "rate(1 day)"
        publishes = ["OrderPlaced", "OrderReturned"]
        [services.books]
        [services.archive]
        [subscriptions.books]
        events = ["OrderPlaced", "OrderReturned"]
        [subscriptions.archive]
        events = ["OrderPlaced"]
        encryption = "kms"
        [subscriptions.archive-returns]
        service = "archive"
        events = ["OrderReturned"]
        encryption = "alias/returns"
        [lints]
        key-policy-unseen = { reason = "the returns team has seen to it" }
    "#;
    let repeated = |template: &Value| {
        let mut ids = Vec::new();
        each_document(template, &mut |statements| {
            let mut sids: Vec<&str> = statements
                .iter()
                .filter_map(|s| s["Sid"].as_str())
                .collect();
            let all = sids.len();
            sids.sort_unstable();
            sids.dedup();
            ids.push(all > sids.len());
        });
        assert!(ids.len() > 3, "{} policies to look at", ids.len());
        ids.contains(&true)
    };
    each_golden(|template| assert!(!repeated(template)));
    let template = template(&plan_of(several, "dev"));
    assert!(!repeated(&template));
    for topic in ["OrdersTopic", "ReturnsTopic"] {
        for queue in ["BooksQueue", "BooksUndeliveredQueue"] {
            let source = reference(topic);
            assert!(admits(&template, queue, "sns.amazonaws.com", &source));
        }
    }
}

/// Visits the statements of every policy, wherever it stands.
fn each_document(value: &Value, visit: &mut dyn FnMut(&Vec<Value>)) {
    if let Some(statements) = value.get("Statement").and_then(Value::as_array) {
        visit(statements);
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_document(item, visit)),
        Value::Object(map) => map.values().for_each(|item| each_document(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
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
