//! The steps of a deployment, against a recorded cloud: what is asked, in which order, and how each end is told.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use topogen::deploy::{
    self, Action, Bucket, Change, ChangeSet, Cloud, CloudError, DeployError, Deployment, Event,
    Progress, Request, RunningStack, Template,
};

/// A cloud that answers from a record and remembers what it was asked.
#[derive(Default)]
struct Recorded {
    /// Answers to `stack`, the last one again and again.
    stacks: RefCell<Vec<Option<&'static str>>>,
    change_sets: RefCell<Vec<(&'static str, &'static str)>>,
    /// Answers to `events`.
    events: RefCell<Vec<Vec<Event>>>,
    objects: RefCell<BTreeSet<String>>,
    refuse: Option<&'static str>,
    asked: RefCell<Vec<String>>,
}

impl Recorded {
    fn new(stacks: &[Option<&'static str>]) -> Self {
        Self {
            stacks: RefCell::new(stacks.to_vec()),
            change_sets: RefCell::new(vec![("CREATE_COMPLETE", "")]),
            events: RefCell::new(vec![
                vec![],
                vec![event("1", "orders-dev", "UPDATE_IN_PROGRESS", "")],
            ]),
            ..Self::default()
        }
    }

    fn ask(&self, call: &'static str, detail: &str) -> Result<(), CloudError> {
        self.asked
            .borrow_mut()
            .push(format!("{call} {detail}").trim().to_owned());
        match self.refuse {
            Some(refused) if refused == call => Err(CloudError {
                call,
                message: "AccessDenied: not you".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn asked(&self, call: &str) -> usize {
        self.asked
            .borrow()
            .iter()
            .filter(|asked| asked.starts_with(call))
            .count()
    }
}

/// The next answer of a record; the last one stays.
fn next<T: Clone>(record: &RefCell<Vec<T>>) -> Option<T> {
    let mut record = record.borrow_mut();
    if record.len() > 1 {
        Some(record.remove(0))
    } else {
        record.first().cloned()
    }
}

impl Cloud for Recorded {
    async fn ensure_bucket(&self, bucket: &Bucket) -> Result<(), CloudError> {
        self.ask("EnsureBucket", &bucket.name)
    }
    async fn has_object(&self, _: &Bucket, key: &str) -> Result<bool, CloudError> {
        Ok(self.objects.borrow().contains(key))
    }
    async fn put_file(&self, _: &Bucket, key: &str, _: &Path) -> Result<(), CloudError> {
        self.ask("PutFile", key)
    }
    async fn put_text(&self, _: &Bucket, key: &str, _: &str) -> Result<(), CloudError> {
        self.ask("PutText", key)
    }
    async fn stack(&self, _: &str) -> Result<Option<RunningStack>, CloudError> {
        Ok(next(&self.stacks).flatten().map(|status| RunningStack {
            status: status.to_owned(),
            outputs: BTreeMap::from([("ApiUrl".to_owned(), "https://example".to_owned())]),
        }))
    }
    async fn create_change_set(&self, request: &Request<'_>) -> Result<(), CloudError> {
        let template = match request.template {
            Template::Inline(_) => "inline",
            Template::Stored { .. } => "stored",
        };
        let kind = if request.create { "create" } else { "update" };
        let parameters: Vec<&str> = request.parameters.keys().map(String::as_str).collect();
        self.ask(
            "CreateChangeSet",
            &format!("{kind} {template} {}", parameters.join(",")),
        )
    }
    async fn change_set(&self, _: &str, _: &str) -> Result<ChangeSet, CloudError> {
        let (status, reason) = next(&self.change_sets).unwrap();
        Ok(ChangeSet {
            status: status.to_owned(),
            reason: reason.to_owned(),
            changes: vec![Change {
                action: Action::Add,
                logical_id: "PaymentQueue".to_owned(),
                resource_type: "AWS::SQS::Queue".to_owned(),
            }],
        })
    }
    async fn execute_change_set(&self, _: &str, _: &str) -> Result<(), CloudError> {
        self.ask("ExecuteChangeSet", "")
    }
    async fn delete_change_set(&self, _: &str, _: &str) -> Result<(), CloudError> {
        self.ask("DeleteChangeSet", "")
    }
    async fn events(&self, _: &str, _: &BTreeSet<String>) -> Result<Vec<Event>, CloudError> {
        Ok(next(&self.events).unwrap_or_default())
    }
    async fn delete_stack(&self, _: &str) -> Result<(), CloudError> {
        self.ask("DeleteStack", "")
    }
    async fn pause(&self) {
        self.asked.borrow_mut().push("pause".to_owned());
    }
}

fn deployment(template: &str) -> Deployment {
    Deployment {
        stack: "orders-dev".to_owned(),
        template: template.to_owned(),
        tags: BTreeMap::new(),
        takes_zips: true,
        parameters: BTreeMap::from([(
            "PaymentArtefactKey".to_owned(),
            "functions/payment/ab.zip".to_owned(),
        )]),
        files: BTreeMap::from([("functions/payment/ab.zip".to_owned(), "payment.zip".into())]),
        origins: BTreeMap::new(),
    }
}

fn run(cloud: &Recorded, template: &str) -> (Result<deploy::Outcome, DeployError>, Vec<String>) {
    let mut told = Vec::new();
    let bucket = Bucket {
        name: "bucket".to_owned(),
        owner: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let result = runtime.block_on(deploy::deploy(
        cloud,
        &deployment(template),
        &bucket,
        &mut |progress| {
            told.push(match progress {
                Progress::Uploaded(key) => format!("uploaded {key}"),
                Progress::Changes(changes) => format!("{} changes", changes.len()),
                Progress::Event(event) => format!("{} {}", event.status, event.logical_id),
            });
        },
    ));
    (result, told)
}

fn event(id: &str, logical_id: &str, status: &str, reason: &str) -> Event {
    Event {
        id: id.to_owned(),
        logical_id: logical_id.to_owned(),
        resource_type: String::new(),
        status: status.to_owned(),
        reason: reason.to_owned(),
    }
}

#[test]
fn a_new_stack_is_created_and_followed_to_its_end() {
    let cloud = Recorded {
        events: RefCell::new(vec![
            vec![],
            vec![event("1", "PaymentQueue", "CREATE_IN_PROGRESS", "")],
            // Newest first, and the first one again.
            vec![
                event("2", "PaymentQueue", "CREATE_COMPLETE", ""),
                event("1", "PaymentQueue", "CREATE_IN_PROGRESS", ""),
            ],
        ]),
        ..Recorded::new(&[None, Some("CREATE_IN_PROGRESS"), Some("CREATE_COMPLETE")])
    };
    let (result, told) = run(&cloud, "{}");
    let outcome = result.unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.outputs["ApiUrl"], "https://example");
    assert_eq!(
        told,
        [
            "uploaded functions/payment/ab.zip",
            "1 changes",
            "CREATE_IN_PROGRESS PaymentQueue",
            "CREATE_COMPLETE PaymentQueue"
        ]
    );
    let asked = cloud.asked.borrow();
    assert_eq!(
        *asked,
        [
            "EnsureBucket bucket",
            "PutFile functions/payment/ab.zip",
            "DeleteChangeSet",
            "CreateChangeSet create inline ArtefactBucket,PaymentArtefactKey",
            "ExecuteChangeSet",
            "pause"
        ]
    );
}

/// Right after the start AWS may still show the state of before, and then nothing has happened yet.
#[test]
fn a_state_from_before_the_start_is_not_taken_for_the_end() {
    let cloud = Recorded {
        events: RefCell::new(vec![
            vec![],
            vec![],
            vec![event("1", "PaymentQueue", "UPDATE_FAILED", "no")],
        ]),
        ..Recorded::new(&[
            Some("UPDATE_COMPLETE"),
            Some("UPDATE_COMPLETE"),
            Some("UPDATE_IN_PROGRESS"),
            Some("UPDATE_ROLLBACK_COMPLETE"),
        ])
    };
    let causes = vec![("PaymentQueue".to_owned(), "no".to_owned())];
    let status = "UPDATE_ROLLBACK_COMPLETE".to_owned();
    assert_eq!(
        run(&cloud, "{}").0,
        Err(DeployError::Failed { status, causes })
    );
}

#[test]
fn an_object_that_is_there_is_not_uploaded_again() {
    let cloud = Recorded::new(&[Some("UPDATE_COMPLETE")]);
    cloud
        .objects
        .borrow_mut()
        .insert("functions/payment/ab.zip".to_owned());
    assert!(run(&cloud, "{}").0.is_ok());
    assert_eq!(cloud.asked("PutFile"), 0);
    assert_eq!(cloud.asked("CreateChangeSet update"), 1);
}

#[test]
fn nothing_to_change_is_a_success_that_changes_nothing() {
    for reason in [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ] {
        let cloud = Recorded {
            change_sets: RefCell::new(vec![("CREATE_IN_PROGRESS", ""), ("FAILED", reason)]),
            ..Recorded::new(&[Some("CREATE_COMPLETE")])
        };
        let outcome = run(&cloud, "{}").0.unwrap();
        assert!(!outcome.changed);
        assert_eq!(outcome.outputs["ApiUrl"], "https://example");
        assert_eq!(cloud.asked("ExecuteChangeSet"), 0);
        assert_eq!(
            cloud.asked("DeleteChangeSet"),
            2,
            "the empty change set is cleared away"
        );
    }
}

#[test]
fn a_change_set_that_fails_for_another_reason_is_an_error() {
    let cloud = Recorded {
        change_sets: RefCell::new(vec![(
            "FAILED",
            "Requires capabilities : [CAPABILITY_NAMED_IAM]",
        )]),
        ..Recorded::new(&[Some("CREATE_COMPLETE")])
    };
    let error = run(&cloud, "{}").0.unwrap_err();
    assert_eq!(
        error,
        DeployError::ChangeSet("Requires capabilities : [CAPABILITY_NAMED_IAM]".to_owned())
    );
    assert_eq!(cloud.asked("ExecuteChangeSet"), 0);
}

#[test]
fn a_failure_names_its_causes_and_not_what_it_took_along() {
    let cloud = Recorded {
        events: RefCell::new(vec![
            vec![],
            vec![
                event(
                    "4",
                    "orders-dev",
                    "ROLLBACK_IN_PROGRESS",
                    "The following resource(s) failed to create: [PaymentQueue].",
                ),
                event(
                    "3",
                    "OrderQueue",
                    "CREATE_FAILED",
                    "Resource creation cancelled",
                ),
                event(
                    "2",
                    "PaymentQueue",
                    "CREATE_FAILED",
                    "Value 999999 is invalid",
                ),
            ],
        ]),
        ..Recorded::new(&[
            None,
            Some("ROLLBACK_IN_PROGRESS"),
            Some("ROLLBACK_COMPLETE"),
        ])
    };
    let error = run(&cloud, "{}").0.unwrap_err();
    let DeployError::Failed { status, causes } = error else {
        panic!("{error}")
    };
    assert_eq!(status, "ROLLBACK_COMPLETE");
    assert_eq!(
        causes,
        [(
            "PaymentQueue".to_owned(),
            "Value 999999 is invalid".to_owned()
        )]
    );
}

/// Nothing has failed then: the stack alone says why all is taken back.
#[test]
fn an_export_that_is_in_use_is_named() {
    const REASON: &str =
        "Export orders-dev-core-ApiId cannot be deleted as it is in use by orders-dev-order";
    let cloud = Recorded {
        events: RefCell::new(vec![
            vec![],
            vec![event(
                "2",
                "orders-dev",
                "UPDATE_ROLLBACK_IN_PROGRESS",
                REASON,
            )],
        ]),
        ..Recorded::new(&[
            Some("UPDATE_COMPLETE"),
            Some("UPDATE_ROLLBACK_IN_PROGRESS"),
            Some("UPDATE_ROLLBACK_COMPLETE"),
        ])
    };
    let error = run(&cloud, "{}").0.unwrap_err();
    let DeployError::Failed { causes, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(causes, [("orders-dev".to_owned(), REASON.to_owned())]);
}

#[test]
fn a_stack_that_cannot_be_deployed_is_left_alone() {
    for (status, expected) in [
        (
            "ROLLBACK_COMPLETE",
            DeployError::OnlyDeletable("ROLLBACK_COMPLETE".to_owned()),
        ),
        (
            "UPDATE_IN_PROGRESS",
            DeployError::Busy("UPDATE_IN_PROGRESS".to_owned()),
        ),
    ] {
        let cloud = Recorded::new(&[Some(status)]);
        assert_eq!(run(&cloud, "{}").0.unwrap_err(), expected);
        assert!(cloud.asked.borrow().is_empty(), "nothing was asked of it");
    }
}

/// A first change set that was never executed leaves the stack like this.
#[test]
fn a_stack_in_review_is_still_to_be_created() {
    let cloud = Recorded::new(&[Some("REVIEW_IN_PROGRESS"), Some("CREATE_COMPLETE")]);
    assert!(run(&cloud, "{}").0.is_ok());
    assert_eq!(cloud.asked("CreateChangeSet create"), 1);
}

#[test]
fn a_template_too_large_for_the_request_goes_through_the_bucket() {
    let exactly = "x".repeat(51_200);
    let cloud = Recorded::new(&[Some("CREATE_COMPLETE")]);
    assert!(run(&cloud, &exactly).0.is_ok());
    assert_eq!(
        (
            cloud.asked("PutText"),
            cloud.asked("CreateChangeSet update inline")
        ),
        (0, 1)
    );

    let cloud = Recorded::new(&[Some("CREATE_COMPLETE")]);
    assert!(run(&cloud, &format!("{exactly}x")).0.is_ok());
    assert_eq!(
        (
            cloud.asked("PutText templates/orders-dev/"),
            cloud.asked("CreateChangeSet update stored")
        ),
        (1, 1)
    );
}

#[test]
fn a_refusal_is_told_in_aws_own_words() {
    let cloud = Recorded {
        refuse: Some("CreateChangeSet"),
        ..Recorded::new(&[None])
    };
    assert_eq!(
        run(&cloud, "{}").0.unwrap_err().to_string(),
        "CreateChangeSet: AccessDenied: not you"
    );
}

#[test]
fn a_deletion_is_followed_and_a_missing_stack_is_fine() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let destroy =
        |cloud: &Recorded| runtime.block_on(deploy::destroy(cloud, "orders-dev", &mut |_| {}));

    let cloud = Recorded::new(&[Some("CREATE_COMPLETE"), Some("DELETE_IN_PROGRESS"), None]);
    assert_eq!(destroy(&cloud), Ok(true));
    assert_eq!(cloud.asked("DeleteStack"), 1);

    let cloud = Recorded::new(&[None]);
    assert_eq!(destroy(&cloud), Ok(false));
    assert_eq!(cloud.asked("DeleteStack"), 0);

    let cloud = Recorded {
        events: RefCell::new(vec![
            vec![],
            vec![event(
                "1",
                "OrdersTable",
                "DELETE_FAILED",
                "it is protected",
            )],
        ]),
        ..Recorded::new(&[Some("CREATE_COMPLETE"), Some("DELETE_FAILED")])
    };
    let causes = vec![("OrdersTable".to_owned(), "it is protected".to_owned())];
    assert_eq!(
        destroy(&cloud),
        Err(DeployError::Failed {
            status: "DELETE_FAILED".to_owned(),
            causes
        })
    );
}

/// All of AWS shares the names of buckets: whoever took the name first must not get the zips.
#[test]
fn the_bucket_of_an_app_is_bound_to_its_account() {
    let bucket = deploy::own_bucket("111122223333", "eu-west-1", "orders");
    assert_eq!(bucket.owner.as_deref(), Some("111122223333"));
    assert!(
        !bucket.name.contains("111122223333") && bucket.name.len() <= 63,
        "{}",
        bucket.name
    );
    assert_eq!(
        bucket,
        deploy::own_bucket("111122223333", "eu-west-1", "orders")
    );
    assert_ne!(
        bucket.name,
        deploy::own_bucket("111122223333", "eu-west-2", "orders").name
    );
}
