//! Records of the system through the pipeline.
#![allow(clippy::unwrap_used)]

mod instance;

use contract::{Value, Verb};
use instance::{Instance, message};
use serde_json::json;

fn names(answer: &Value) -> Vec<&str> {
    answer["resource"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn reads_understand_the_common_words() {
    let i = Instance::new().await;
    let (_, body) = i.get("system/service?fields=id,name&limit=2").await;
    assert_eq!(
        body,
        json!({"resource": [{"id": 1, "name": "system"}, {"id": 2, "name": "api_docs"}]})
    );
    let (_, body) = i
        .get("system/service?include_count=true&limit=1&fields=name")
        .await;
    assert_eq!(
        body,
        json!({"resource": [{"name": "system"}], "meta": {"count": 7}})
    );
    let (_, body) = i.get("system/service?as_list=true&filter=type=\"sqlite\"").await;
    assert_eq!(body, json!({"resource": [5]}));
    assert_eq!(
        i.get("system/service?count_only=true&filter=is_active=true")
            .await
            .1,
        json!(7)
    );
    let (_, body) = i
        .get("system/service?filter=(name like 'f%') or (name='db')&order=name desc&fields=name")
        .await;
    assert_eq!(names(&body), ["files", "db"]);
    let (_, body) = i.get("system/service?ids=5,3&fields=name").await;
    assert_eq!(body["resource"].as_array().unwrap().len(), 2);
    let (status, body) = i.get("system/service?ids=5,99&continue=true&fields=name").await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(1000)));
    assert_eq!(body["error"]["context"]["resource"][0], json!({"name": "db"}));
    let (_, body) = i.get("system/service/5").await;
    assert_eq!(body["config"]["service_id"], 5);
    assert_eq!(body["config"]["database"], "db.sqlite");
    assert_eq!(
        i.get("system/service/2").await.1["config"]["service_id"],
        Value::Null
    );
    for (target, wanted) in [
        ("system/service/99", "Record with identifier '99' not found."),
        (
            "system/service/mysql",
            "Record with identifier 'mysql' not found.",
        ),
        ("system/service?related=nosuch", "Unknown relationship: nosuch"),
        ("system/service?related=*", "Unknown relationship: *"),
        (
            "system/service?filter=nosuch=1",
            "Invalid or unparsable field in filter request: 'nosuch'",
        ),
        (
            "system/nosuch",
            "Resource 'nosuch' not found for service 'system'.",
        ),
    ] {
        assert_eq!(message(&i.get(target).await), wanted, "{target}");
    }
    assert_eq!(i.get("system/service?filter=((((").await.0, 400);
    let (_, body) = i.get("system/service?wrap=false&fields=name&limit=1").await;
    assert_eq!(body, json!([{"name": "system"}]));
}

#[tokio::test]
async fn writes_answer_what_is_asked_for() {
    let i = Instance::new().await;
    let record = |name: &str| json!({"resource": [{"name": name}]});
    let (status, body) = i.admin(Verb::Post, "system/role", record("one")).await;
    assert_eq!((status, body), (201, json!({"resource": [{"id": 1}]})));
    let (_, body) = i
        .admin(Verb::Post, "system/role?related=lookup_by_role_id", record("two"))
        .await;
    assert_eq!(body, json!({"resource": [{"id": 2, "lookup_by_role_id": []}]}));
    let (_, body) = i
        .admin(
            Verb::Patch,
            "system/role/1?fields=name,is_active",
            json!({"is_active": true}),
        )
        .await;
    assert_eq!(body, json!({"name": "one", "is_active": true}));
    let (_, body) = i
        .admin(Verb::Put, "system/role/1", json!({"description": "d"}))
        .await;
    assert_eq!(body, json!({"id": 1}));
    let patch = json!({"resource": [{"description": "both"}]});
    let (_, body) = i
        .admin(Verb::Patch, "system/role?ids=1,2&fields=description", patch)
        .await;
    assert_eq!(
        body["resource"],
        json!([{"description": "both"}, {"description": "both"}])
    );
    let patch = json!({"resource": [{"id": 1, "description": "x"}, {"id": "2", "description": "y"}]});
    let (_, body) = i
        .admin(Verb::Patch, "system/role?fields=id,description", patch)
        .await;
    assert_eq!(body["resource"][1], json!({"id": 2, "description": "y"}));
    let patch = json!({"description": "filtered"});
    let (status, body) = i
        .admin(Verb::Patch, "system/role?filter=name=\"two\"", patch)
        .await;
    assert_eq!((status, body), (200, json!({"resource": [{"id": 2}]})));
    let (_, body) = i.get("system/role?fields=description&order=id").await;
    assert_eq!(
        body["resource"],
        json!([{"description": "x"}, {"description": "filtered"}])
    );
    let (_, body) = i
        .admin(Verb::Delete, "system/role/1?fields=name", Value::Null)
        .await;
    assert_eq!(body, json!({"name": "one"}));
    let (_, body) = i
        .admin(
            Verb::Delete,
            "system/role?filter=name='two'&fields=name",
            Value::Null,
        )
        .await;
    assert_eq!(body, json!({"resource": [{"name": "two"}]}));
    for (verb, target, body, status, wanted) in [
        (
            Verb::Post,
            "system/role/1",
            record("x"),
            400,
            "Create record by identifier not currently supported.",
        ),
        (
            Verb::Patch,
            "system/role/99",
            json!({"name": "x"}),
            404,
            "Record with identifier '99' not found.",
        ),
        (
            Verb::Delete,
            "system/role",
            Value::Null,
            400,
            "No filter or records given for delete request.",
        ),
        (
            Verb::Post,
            "system/role",
            json!({"name": "bare"}),
            400,
            "No record(s) detected in request. Please make sure record(s) are wrapped in a 'resource' tag. Example: {\"resource\":[{\"record\":1},{\"record\":2}]}",
        ),
    ] {
        let answer = i.admin(verb, target, body).await;
        assert_eq!((answer.0, message(&answer)), (status, wanted), "{target}");
    }
}

#[tokio::test]
async fn a_batch_stops_goes_on_or_is_undone() {
    let i = Instance::new().await;
    let three =
        |a: &str, c: &str| json!({"resource": [{"name": a}, {"description": "nameless"}, {"name": c}]});
    let (status, body) = i.admin(Verb::Post, "system/role", three("a", "b")).await;
    assert_eq!((status, &body["error"]["context"]["error"]), (400, &json!([1])));
    assert_eq!(body["error"]["context"]["resource"].as_array().unwrap().len(), 2);
    let entry = &body["error"]["context"]["resource"][1];
    assert_eq!(entry["context"], json!({"name": ["The name field is required."]}));
    let (_, body) = i
        .admin(Verb::Post, "system/role?continue=true", three("c", "d"))
        .await;
    assert_eq!(body["error"]["context"]["resource"].as_array().unwrap().len(), 3);
    let answer = i
        .admin(Verb::Post, "system/role?rollback=true", three("e", "f"))
        .await;
    assert!(
        message(&answer).ends_with("All changes rolled back."),
        "{answer:?}"
    );
    assert_eq!(names(&i.get("system/role?fields=name").await.1), ["a", "c", "d"]);
    let (_, body) = i
        .admin(Verb::Delete, "system/role?ids=1,99,2&rollback=true", Value::Null)
        .await;
    assert_eq!(body["error"]["context"]["error"], json!([1]));
    let (_, body) = i
        .admin(Verb::Delete, "system/role?ids=1,x,2&continue=true", Value::Null)
        .await;
    assert_eq!(body["error"]["context"]["error"], json!([1]));
    assert_eq!(names(&i.get("system/role?fields=name").await.1), ["d"]);
}

#[tokio::test]
async fn children_are_read_and_written_with_their_owner() {
    let i = Instance::new().await;
    let access = "role_service_access_by_role_id";
    let filters = json!([{"name": "id", "operator": ">", "value": "1"}]);
    let record = json!({"name": "r", access: [{"service_id": 5, "component": "_table/*", "verb_mask": 3,
        "requestor_mask": 1, "filters": filters, "filter_op": "OR"}, {"component": "*"}]});
    let role = i.create("role", record, access).await;
    let rows = &role[access];
    assert_eq!(
        (&rows[0]["filters"], &rows[0]["filter_op"]),
        (&filters, &json!("OR"))
    );
    assert_eq!(
        (&rows[1]["filters"], &rows[1]["filter_op"]),
        (&Value::Null, &json!("and"))
    );
    let target = format!("system/role/{}?fields=id&related={access}", role["id"]);
    let patch =
        json!({access: [{"id": rows[0]["id"], "role_id": null}, {"id": rows[1]["id"], "verb_mask": 31}]});
    let (_, body) = i.admin(Verb::Patch, &target, patch).await;
    assert_eq!(body[access].as_array().unwrap().len(), 1);
    assert_eq!(body[access][0]["verb_mask"], 31);
    // A broken child undoes the whole record.
    let broken = json!({"resource": [{"name": "half", access: [{"component": "*"}, 5]}]});
    assert_eq!(i.admin(Verb::Post, "system/role", broken).await.0, 400);
    assert_eq!(i.get("system/role?count_only=true").await.1, json!(1));

    let doc = "service_doc_by_service_id";
    let target = format!("system/service/5?fields=id&related={doc}");
    let (_, body) = i.get(&target).await;
    assert_eq!(body, json!({"id": 5, doc: []}));
    let (_, body) = i
        .admin(Verb::Patch, &target, json!({doc: {"format": 0, "content": "{}"}}))
        .await;
    assert_eq!(body[doc]["content"], "{}");
}

#[tokio::test]
async fn secrets_are_masked_and_absent() {
    let i = Instance::new().await;
    let lookups = "lookup_by_role_id";
    let record = json!({"name": "r", lookups: [{"name": "open", "value": "seen"},
        {"name": "closed", "value": "hush", "private": true}]});
    let role = i.create("role", record, lookups).await;
    assert_eq!(
        (&role[lookups][0]["value"], &role[lookups][1]["value"]),
        (&json!("seen"), &json!("**********"))
    );
    i.create(
        "lookup",
        json!({"name": "own", "value": "hush", "private": true}),
        "",
    )
    .await;
    let (_, body) = i.get("system/lookup?fields=name,value").await;
    assert_eq!(
        body["resource"],
        json!([{"name": "own", "value": "**********", "private": true}])
    );
    let (_, body) = i.get("system/lookup?fields=value&group=value").await;
    assert_eq!(body["resource"][0]["value"], "**********");
    let (_, body) = i.get("system/lookup?fields=MAX(value),name&group=name").await;
    assert!(!body.to_string().contains("hush"), "{body}");
    // Setting it to public shows it, as documented.
    let (_, body) = i
        .admin(Verb::Patch, "system/lookup/3?fields=*", json!({"private": false}))
        .await;
    assert_eq!(body["value"], "hush");
    assert!(body.get("role_id").is_none());

    let user = json!({"email": "u@example.com", "password": instance::PASSWORD, "security_answer": "hush"});
    i.create("user", user, "").await;
    for field in [
        "password",
        "security_answer",
        "confirm_code",
        "token_epoch",
        "email_key",
        "remember_token",
    ] {
        for target in [
            format!("system/user?fields={field}"),
            format!("system/user?filter={field} like '$%'"),
            format!("system/user?order={field}"),
            format!("system/user?group={field}"),
            format!("system/user?fields=MAX({field})&group=name"),
            format!("system/user?id_field={field}&ids=1"),
            format!(
                "system/role?related=user_by_user_to_app_to_role&user_by_user_to_app_to_role.fields={field}"
            ),
            format!(
                "system/role?related=user_by_user_to_app_to_role&user_by_user_to_app_to_role.order={field}"
            ),
        ] {
            let (status, body) = i.get(&target).await;
            assert!(status == 400 || status == 404, "{target} gave {status} {body}");
        }
    }
    for target in [
        "system/user",
        "system/user?fields=*",
        "system/admin?include_schema=true",
        "system/user?fields=*&group=",
    ] {
        let text = i.get(target).await.1.to_string();
        assert!(!text.contains("$argon2"), "{target} gave {text}");
        assert!(!text.contains("\"password\""), "{target} gave {text}");
    }
}

#[tokio::test]
async fn administrators_and_users_are_two_faces_of_one_table() {
    let i = Instance::new().await;
    let user = i
        .create(
            "user",
            json!({"email": "user@example.com", "phone": "", "is_active": "true"}),
            "",
        )
        .await;
    assert_eq!(
        (&user["name"], &user["username"]),
        (&json!("user"), &json!("user@example.com"))
    );
    assert_eq!(
        (&user["confirmed"], &user["expired"], &user["phone"]),
        (&json!(true), &json!(false), &Value::Null)
    );
    assert!(user.get("is_sys_admin").is_none());
    let (_, body) = i.get("system/user?fields=name,email").await;
    let wanted = json!({"name": "user", "email": "user@example.com", "confirmed": true, "expired": false});
    assert_eq!(body["resource"], json!([wanted]));
    let (_, body) = i.get("system/user?as_list=true").await;
    assert_eq!(body["resource"], json!([2]));
    assert_eq!(i.get("system/admin/2").await.0, 404);
    assert_eq!(i.get("system/user/1").await.0, 404);
    assert_eq!(i.get("system/admin/nobody").await.0, 404);
    for (verb, target, status, wanted) in [
        (
            Verb::Patch,
            "system/user/1",
            403,
            "Not allowed to change an admin user.",
        ),
        (
            Verb::Delete,
            "system/user/1",
            403,
            "Not allowed to delete an admin user.",
        ),
        (
            Verb::Patch,
            "system/admin/2",
            400,
            "Cannot update a non-admin user.",
        ),
        (
            Verb::Delete,
            "system/admin/2",
            400,
            "Cannot delete a non-admin user.",
        ),
        (Verb::Delete, "system/admin/1", 403, "Cannot delete your account."),
    ] {
        let body = if verb == Verb::Patch {
            json!({"name": "x"})
        } else {
            Value::Null
        };
        let answer = i.admin(verb, target, body).await;
        assert_eq!((answer.0, message(&answer)), (status, wanted), "{verb} {target}");
    }
    let escalate = json!({"is_sys_admin": true, "created_by_id": 9, "id": 77});
    assert_eq!(i.admin(Verb::Patch, "system/user/2", escalate).await.0, 200);
    assert_eq!(i.get("system/admin?count_only=true").await.1, json!(1));
    let invite = i.admin(
        Verb::Post,
        "system/user?send_invite=true",
        json!({"resource": [{"email": "i@example.com"}]}),
    );
    assert_eq!(invite.await.0, 400, "mail is not configured");
    assert_eq!(i.get("system/user?count_only=true").await.1, json!(1));
}

#[tokio::test]
async fn apps_show_where_they_open_and_get_new_keys() {
    let i = Instance::new().await;
    let (_, body) = i.get("system/app?fields=name").await;
    let wanted = json!({"name": "admin", "launch_url": "http://localhost/dreamfactory/dist/index.html"});
    assert_eq!(body["resource"][0], wanted);
    let app = i
        .create(
            "app",
            json!({"name": "own", "type": 1, "storage_service_id": 3, "storage_container": "web"}),
            "",
        )
        .await;
    assert_eq!(app["launch_url"], "http://localhost/files/web");
    assert_eq!(
        (&app["is_active"], &app["toggle_location"]),
        (&json!(false), &json!("top"))
    );
    let target = format!("system/app/{}?regenerate=true&fields=api_key", app["id"]);
    let (status, body) = i.admin(Verb::Patch, &target, json!({})).await;
    assert_eq!(status, 200);
    assert_ne!(body["api_key"], app["api_key"]);
}

#[tokio::test]
async fn a_delegate_gets_what_the_role_grants_and_no_further() {
    let i = Instance::new().await;
    let headers = i
        .delegate(&[("role/*", 31), ("service/*", 1), ("admin/*", 31)])
        .await;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let get = |target: &'static str| i.call(Verb::Get, target, &headers, Value::Null);
    assert_eq!(
        get("system/role?related=role_service_access_by_role_id").await.0,
        200
    );
    // A relation leads to another resource: its own grant counts.
    let hop = get("system/role?related=user_by_user_to_app_to_role").await;
    assert_eq!(
        (hop.0, message(&hop)),
        (
            403,
            "GET access to component 'user' of service 'system' is not allowed by this user's role."
        )
    );
    assert_eq!(get("system/role?related=app_by_role_id").await.0, 403);
    assert_eq!(get("system/user").await.0, 403);
    let (_, body) = get("system/service?fields=name").await;
    assert_eq!(
        body["resource"],
        json!([{"name": "system"}]),
        "only the services that the role names"
    );
    assert_eq!(get("system/service/5").await.0, 404);
    let admin = json!({"resource": [{"email": "new@example.com", "password": instance::PASSWORD}]});
    let answer = i.call(Verb::Post, "system/admin", &headers, admin).await;
    assert_eq!(answer.0, 403, "{answer:?}");
    let takeover = json!({"password": "another-long-password"});
    assert_eq!(
        i.call(Verb::Patch, "system/admin/1", &headers, takeover).await.0,
        403
    );
}
