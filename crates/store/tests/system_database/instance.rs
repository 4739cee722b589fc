//! The instance: its rows, generation, secrets and what belongs together.

use super::*;

#[tokio::test]
async fn a_fresh_instance_has_its_seven_services_and_three_apps() {
    let instance = Instance::new().await;
    let policy = instance.store.policy().await.unwrap();
    let services: Vec<_> = policy
        .services
        .iter()
        .map(|s| (s.id, s.name.as_str(), s.kind.as_str()))
        .collect();
    assert_eq!(
        services,
        [
            (1, "system", "system"),
            (2, "api_docs", "swagger"),
            (3, "files", "local_file"),
            (4, "logs", "local_file"),
            (5, "db", "sqlite"),
            (6, "email", "local_email"),
            (7, "user", "user")
        ]
    );
    let apps: Vec<_> = policy
        .apps
        .iter()
        .map(|a| (a.id, a.name.as_str(), a.api_key.len(), a.is_active))
        .collect();
    assert_eq!(
        apps,
        [
            (1, "admin", 64, true),
            (2, "api_docs", 64, true),
            (3, "file_manager", 64, true)
        ]
    );
    assert_eq!(policy.services[3].config["container"], "logs");
    assert!(policy.services.iter().all(|s| s.is_active));
    let counts = instance.store.counts().await.unwrap();
    assert_eq!(
        (counts.app, counts.admin, counts.user, counts.service, counts.role),
        (3, 0, 0, 7, 0)
    );
}

#[tokio::test]
async fn opening_again_keeps_everything_and_asks_for_the_same_key() {
    let instance = Instance::new().await;
    let id = instance
        .create(Entity::Role, json!({"name": "reader"}))
        .await
        .unwrap();
    let generation = instance.store.generation();
    let path = file(instance.folder.path());
    let again = open(&path, [1; 32]).await.unwrap();
    assert_eq!(again.generation(), generation);
    assert_eq!(again.instance_id(), instance.store.instance_id());
    let policy = again.policy().await.unwrap();
    assert_eq!((policy.services.len(), policy.roles[0].id), (7, id));
    let refused = open(&path, [2; 32]).await.err().unwrap();
    assert_eq!(
        refused.message,
        "APP_KEY is not the key that this system database was made with."
    );
}

#[tokio::test]
async fn every_committed_write_raises_the_generation_and_a_dropped_one_does_not() {
    let instance = Instance::new().await;
    let before = instance.store.generation();
    instance
        .create(Entity::Role, json!({"name": "one"}))
        .await
        .unwrap();
    assert_eq!(instance.store.generation(), before + 1);
    let tx = instance.store.begin(None).await.unwrap();
    tx.create(Entity::Role, &object(json!({"name": "two"})))
        .await
        .unwrap();
    drop(tx);
    assert_eq!(instance.store.poll_generation().await.unwrap(), before + 1);
    let policy = instance.store.policy().await.unwrap();
    assert_eq!((policy.generation, policy.roles.len()), (before + 1, 1));
    // Another node sees the write when it asks.
    let other = open(&file(instance.folder.path()), [1; 32]).await.unwrap();
    instance
        .create(Entity::Role, json!({"name": "three"}))
        .await
        .unwrap();
    assert_eq!(other.generation(), before + 1);
    assert_eq!(other.poll_generation().await.unwrap(), before + 2);
}

#[tokio::test]
async fn writers_that_race_follow_each_other() {
    let instance = Arc::new(Instance::new().await);
    let before = instance.store.generation();
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let instance = instance.clone();
            tokio::spawn(async move {
                instance
                    .create(Entity::Role, json!({"name": format!("role {}", i / 2)}))
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        stored += i64::from(task.await.unwrap());
    }
    assert_eq!(stored, 4, "of two with the same name one is stored");
    assert_eq!(instance.store.generation(), before + 4);
}

#[tokio::test]
async fn secrets_cannot_be_read_from_the_file() {
    let (instance, admin) = Instance::with_admin().await;
    let config = json!({"host": "visible-host", "password": "hidden-word-1"});
    let vault = json!({"name": "vault", "type": "vault", "is_active": true, "config": config});
    let id = instance.create(Entity::Service, vault).await.unwrap();
    let unknown = json!({"name": "odd", "type": "of-no-build", "config": {"token": "hidden-word-2"}});
    let odd = instance.create(Entity::Service, unknown).await.unwrap();
    let lookup = json!({"name": "word", "value": "hidden-word-3", "private": true});
    instance.create(Entity::Lookup, lookup).await.unwrap();
    let answer = json!({"security_question": "pet?", "security_answer": "hidden-word-4"});
    instance.update(Entity::Admin, admin, answer).await.unwrap();

    let bytes = instance.bytes();
    assert!(contains(&bytes, "visible-host"));
    for n in 1..=4 {
        assert!(
            !contains(&bytes, &format!("hidden-word-{n}")),
            "hidden-word-{n} lies open"
        );
    }
    assert!(!contains(&bytes, "a-long-enough-password"));

    let policy = instance.store.policy().await.unwrap();
    let service = policy.services.iter().find(|s| s.id == id).unwrap();
    assert_eq!(service.config["password"], "hidden-word-1");
    assert_eq!(service.config["max"], 7);
    assert_eq!(
        instance.store.service(odd).await.unwrap().unwrap().config["token"],
        "hidden-word-2"
    );
    assert_eq!(policy.lookups[0].value.as_deref(), Some("hidden-word-3"));
}

#[tokio::test]
async fn a_mask_sent_back_leaves_the_secret_and_absent_keys_keep_their_value() {
    let instance = Instance::new().await;
    let config = json!({"host": "h", "password": "secret", "max": 3});
    let id = instance
        .create(
            Entity::Service,
            json!({"name": "vault", "type": "vault", "config": config}),
        )
        .await
        .unwrap();
    let change = json!({"config": {"password": contract::MASK, "host": "other"}});
    instance.update(Entity::Service, id, change).await.unwrap();
    let config = instance.store.service(id).await.unwrap().unwrap().config;
    assert_eq!(
        Value::Object(config),
        json!({"host": "other", "password": "secret", "max": 3})
    );
    let refused = instance
        .update(Entity::Service, id, json!({"config": {"host": ""}}))
        .await;
    assert_eq!(refusal(refused).0, 400);

    let lookup = instance
        .create(
            Entity::Lookup,
            json!({"name": "k", "value": "v", "private": true}),
        )
        .await
        .unwrap();
    let change = json!({"value": contract::MASK, "description": "d"});
    instance.update(Entity::Lookup, lookup, change).await.unwrap();
    assert_eq!(
        instance.store.policy().await.unwrap().lookups[0].value.as_deref(),
        Some("v")
    );
}

#[tokio::test]
async fn names_are_needed_well_formed_and_unique_without_case() {
    let instance = Instance::new().await;
    let (status, message, context) =
        refusal(instance.create(Entity::Role, json!({"description": "x"})).await);
    assert_eq!(
        (status, message.as_str()),
        (400, "Invalid data supplied. The name field is required.")
    );
    assert_eq!(context, json!({"name": ["The name field is required."]}));
    let bad = json!({"name": "a b/c", "type": "vault"});
    let (_, message, _) = refusal(instance.create(Entity::Service, bad).await);
    let wanted = "Service name should only contain letters, numbers, underscores and dashes.";
    assert_eq!(message, format!("Invalid data supplied. {wanted}"));
    let (_, message, _) = refusal(
        instance
            .create(Entity::Service, json!({"name": "SYSTEM", "type": "x"}))
            .await,
    );
    assert_eq!(message, "Invalid data supplied. The name has already been taken.");
    let (_, _, context) = refusal(instance.create(Entity::Service, json!({"label": "x"})).await);
    assert_eq!(
        context.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["name", "type"]
    );
    let role = instance
        .create(Entity::Role, json!({"name": "Ärzte"}))
        .await
        .unwrap();
    assert!(
        instance
            .create(Entity::Role, json!({"name": "äRZTE"}))
            .await
            .is_err()
    );
    instance
        .update(Entity::Role, role, json!({"name": "ÄRZTE"}))
        .await
        .unwrap();
    let (status, message, _) = refusal(instance.create(Entity::Role, json!({})).await);
    assert_eq!(
        (status, message.as_str()),
        (400, "There are no fields in the record to create . ")
    );
    assert_eq!(
        refusal(instance.update(Entity::Role, 99, json!({"name": "x"})).await).0,
        404
    );
}

#[tokio::test]
async fn app_keys_are_made_and_only_good_unused_ones_are_kept() {
    let instance = Instance::new().await;
    let good = "k".repeat(64);
    let one = json!({"name": "one", "api_key": good});
    let two = json!({"name": "two", "api_key": good});
    let three = json!({"name": "three", "api_key": "short"});
    for record in [one, two, three] {
        instance.create(Entity::App, record).await.unwrap();
    }
    let keys: Vec<_> = instance
        .store
        .policy()
        .await
        .unwrap()
        .apps
        .into_iter()
        .skip(3)
        .map(|a| (a.id, a.api_key))
        .collect();
    assert_eq!(keys[0].1, good);
    assert!(keys[1].1 != good && keys[1].1.len() == 64 && keys[2].1.len() == 64);
    let tx = instance.store.begin(None).await.unwrap();
    let fresh = tx.regenerate_api_key(keys[1].0).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(instance.store.policy().await.unwrap().apps[4].api_key, fresh);
    assert_ne!(fresh, keys[1].1);
}

#[tokio::test]
async fn children_are_written_with_their_owner() {
    let instance = Instance::new().await;
    let access = "role_service_access_by_role_id";
    let record = json!({"name": "reader", "is_active": true,
        access: [{"service_id": 5, "component": "_table/*", "verb_mask": 1, "requestor_mask": 3,
                  "filters": [{"name": "id", "operator": ">", "value": 1}], "filter_op": "OR"},
                 {"service_id": null, "component": "*", "verb_mask": 31, "requestor_mask": 1}],
        "lookup_by_role_id": [{"name": "color", "value": "blue"}]});
    let role = instance.create(Entity::Role, record).await.unwrap();
    let other = instance
        .create(Entity::Role, json!({"name": "other"}))
        .await
        .unwrap();
    let policy = instance.store.policy().await.unwrap();
    let granted = &policy.roles[0].access;
    assert_eq!(
        (granted.len(), granted[0].verb_mask, granted[0].any),
        (2, 1, true)
    );
    assert_eq!(
        (
            granted[0].filters[0].operator.as_str(),
            granted[0].filters[0].value.as_str()
        ),
        (">", "1")
    );
    assert_eq!((granted[1].service_id, granted[1].any), (None, false));

    // The same name is the same lookup; an id changes, moves or deletes a row.
    let change = json!({"lookup_by_role_id": [{"name": "COLOR", "value": "red"}],
        access: [{"id": 1, "verb_mask": 31}, {"id": 2, "role_id": other}]});
    instance.update(Entity::Role, role, change).await.unwrap();
    let policy = instance.store.policy().await.unwrap();
    assert_eq!(
        (policy.lookups.len(), policy.lookups[0].value.as_deref()),
        (1, Some("red"))
    );
    assert_eq!(
        (policy.roles[0].access.len(), policy.roles[0].access[0].verb_mask),
        (1, 31)
    );
    assert_eq!(policy.roles[1].access[0].component, "*");
    let foreign = json!({access: [{"id": 2, "verb_mask": 0}]});
    assert_eq!(
        refusal(instance.update(Entity::Role, role, foreign).await).0,
        404,
        "it is the other role's row"
    );
    instance
        .update(Entity::Role, role, json!({access: [{"id": 1, "role_id": null}]}))
        .await
        .unwrap();
    assert!(instance.store.policy().await.unwrap().roles[0].access.is_empty());

    // All or nothing.
    let half = json!({"name": "half", access: [{"component": "*"}, {"verb_mask": 4096}]});
    assert_eq!(refusal(instance.create(Entity::Role, half).await).0, 400);
    let broken = json!({"name": "half", access: [{"filters": [{"name": "x"}]}]});
    assert_eq!(refusal(instance.create(Entity::Role, broken).await).0, 400);
    assert_eq!(instance.store.counts().await.unwrap().role, 2);
}

#[tokio::test]
async fn what_belongs_to_a_deleted_record_goes_with_it() {
    let (instance, admin) = Instance::with_admin().await;
    let service = json!({"name": "vault", "type": "vault"});
    let service = instance.create(Entity::Service, service).await.unwrap();
    let role = json!({"name": "r", "role_service_access_by_role_id":
        [{"service_id": service, "component": "*"}, {"service_id": 5, "component": "*"}],
        "lookup_by_role_id": [{"name": "l", "value": "v"}]});
    let role = instance.create(Entity::Role, role).await.unwrap();
    let app = instance
        .create(Entity::App, json!({"name": "a", "role_id": role}))
        .await
        .unwrap();
    let user = json!({"email": "user@example.com", "user_to_app_to_role_by_user_id": [{"app_id": app, "role_id": role}]});
    let user = instance.create(Entity::User, user).await.unwrap();

    instance.delete(Entity::Service, service, admin).await.unwrap();
    assert_eq!(instance.store.policy().await.unwrap().roles[0].access.len(), 1);
    instance.delete(Entity::Role, role, admin).await.unwrap();
    let policy = instance.store.policy().await.unwrap();
    assert!(policy.roles.is_empty() && policy.lookups.is_empty());
    assert_eq!(policy.apps[3].role_id, None);
    assert!(
        instance
            .store
            .user(user)
            .await
            .unwrap()
            .unwrap()
            .assignments
            .is_empty()
    );
    let again = instance.create(Entity::Role, json!({"name": "r"})).await.unwrap();
    assert!(again > role, "a number is never given out twice");
    let (status, message, _) = refusal(instance.delete(Entity::Service, 1, admin).await);
    assert_eq!(
        (status, message.as_str()),
        (400, "The service 'system' cannot be deleted.")
    );
}

#[tokio::test]
async fn odd_input_is_refused_or_ignored_and_never_panics() {
    let instance = Instance::new().await;
    let access = "role_service_access_by_role_id";
    for odd in [
        json!({"name": {"a": 1}}),
        json!({"name": ["x"]}),
        json!({"name": "   "}),
        json!({"name": "n".repeat(10_000)}),
        json!({"name": "x", "is_active": {}}),
        json!({"name": "x", access: {}}),
        json!({"name": "x", access: [1]}),
        json!({"name": "x", access: [{"id": {}, "component": "*"}]}),
        json!({"name": "x", access: [{"id": 99, "component": "*"}]}),
        json!({"name": "x", access: [{"service_id": 1.5}]}),
        json!({"name": "x", access: [{"verb_mask": "many"}]}),
        json!({"name": "x", access: [{"filters": "x"}]}),
    ] {
        let status = instance
            .create(Entity::Role, odd.clone())
            .await
            .map_err(|p| p.status());
        assert!(matches!(status, Err(400 | 404)), "{odd} gave {status:?}");
    }
    for odd in [
        json!({"config": 1}),
        json!({"config": [1]}),
        json!({"config": {"host": {}}}),
    ] {
        let mut record = object(json!({"name": "x", "type": "vault"}));
        record.extend(object(odd));
        assert_eq!(
            refusal(instance.create(Entity::Service, Value::Object(record)).await).0,
            400
        );
    }
    let injected = json!({"name": "x'; DROP TABLE \"role\"; --", "nosuch": 1});
    instance.create(Entity::Role, injected).await.unwrap();
    assert_eq!(instance.store.counts().await.unwrap().role, 1);
}

#[tokio::test]
async fn a_service_has_one_document_at_most() {
    let instance = Instance::new().await;
    let doc = "service_doc_by_service_id";
    let count = async || {
        let database = instance.store.driver();
        let text = "SELECT \"content\" FROM \"service_doc\"";
        let rows = driver::rows(&*database, driver::Statement::fixed(text))
            .await
            .unwrap();
        rows.iter().map(|r| r[0].to_text().unwrap()).collect::<Vec<_>>()
    };
    for content in ["one", "two"] {
        let change = json!({doc: {"format": 0, "content": content}});
        instance.update(Entity::Service, 5, change).await.unwrap();
        assert_eq!(count().await, [content]);
    }
    assert!(
        instance
            .update(Entity::Service, 5, json!({doc: {"format": 7}}))
            .await
            .is_err()
    );
    assert!(
        instance
            .update(Entity::Service, 5, json!({doc: [1]}))
            .await
            .is_err()
    );
    instance
        .update(Entity::Service, 5, json!({doc: []}))
        .await
        .unwrap();
    assert!(count().await.is_empty());
    instance
        .update(Entity::Service, 5, json!({doc: {"content": "x"}}))
        .await
        .unwrap();
    instance.delete(Entity::Service, 5, 1).await.unwrap();
    assert!(count().await.is_empty());
}
