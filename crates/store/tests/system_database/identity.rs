//! Users, passwords, tokens and roles of users.

use super::*;

#[tokio::test]
async fn users_are_named_checked_and_found_without_case() {
    let (instance, admin) = Instance::with_admin().await;
    let row = instance.store.user(admin).await.unwrap().unwrap();
    assert_eq!(
        (row.name.as_str(), row.username.as_deref()),
        ("Oracle Admin", Some("Admin@Example.com"))
    );
    assert!(row.is_active && row.is_sys_admin);
    let found = instance
        .store
        .user_by_login(false, "ADMIN@example.COM")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id, admin);
    assert!(
        instance
            .store
            .user_by_login(true, "admin@example.com")
            .await
            .unwrap()
            .is_some()
    );

    let context = |value: Value| async { refusal(instance.create(Entity::User, value).await).2 };
    assert_eq!(
        context(json!({"name": "dup", "email": "admin@EXAMPLE.com"})).await,
        json!({"username": ["The username has already been taken."]})
    );
    assert_eq!(
        context(json!({"username": "another", "email": "admin@example.com"})).await,
        json!({"email": ["The email has already been taken."]})
    );
    assert_eq!(
        context(json!({"email": "not-an-email"})).await,
        json!({"email": ["The email field must be a valid email address."]})
    );
    assert_eq!(
        context(json!({"email": "short@example.com", "password": "abc"})).await,
        json!({"password": ["The password field must be at least 16 characters."]})
    );
    assert_eq!(
        context(json!({"name": "x"})).await,
        json!({"email": ["The email field is required."]})
    );
    assert_eq!(
        context(json!({"email": "a@b.c", "username": "a b c d"})).await,
        json!({"username": ["The username field format is invalid."]})
    );
    let escalated = json!({"email": "user@example.com", "is_sys_admin": true, "token_epoch": 9, "id": 77});
    let user = instance.create(Entity::User, escalated).await.unwrap();
    let row = instance.store.user(user).await.unwrap().unwrap();
    assert!(!row.is_sys_admin && row.token_epoch == 0 && row.name == "user" && row.password_hash.is_none());
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let instance = Instance::new().await;
    assert!(!instance.store.admin_exists().await.unwrap());
    let short = NewAdmin {
        password: "short".into(),
        ..first_admin()
    };
    assert_eq!(refusal(instance.store.create_first_admin(short).await).0, 400);
    let none = NewAdmin {
        password: String::new(),
        ..first_admin()
    };
    assert_eq!(refusal(instance.store.create_first_admin(none).await).0, 400);
    let (one, other) = tokio::join!(
        instance.store.create_first_admin(first_admin()),
        instance.store.create_first_admin(first_admin())
    );
    assert_eq!(i32::from(one.is_ok()) + i32::from(other.is_ok()), 1);
    assert!(instance.store.admin_exists().await.unwrap());
    assert_eq!(
        refusal(instance.store.create_first_admin(first_admin()).await).0,
        409
    );
}

#[tokio::test]
async fn the_last_administrator_and_ones_own_account_stay() {
    let (instance, admin) = Instance::with_admin().await;
    let second = json!({"email": "second@example.com"});
    let second = instance.create(Entity::Admin, second).await.unwrap();
    let (status, message, _) = refusal(instance.delete(Entity::Admin, admin, admin).await);
    assert_eq!((status, message.as_str()), (403, "Cannot delete your account."));
    instance
        .update(Entity::Admin, second, json!({"is_active": false}))
        .await
        .unwrap();
    let (status, message, _) = refusal(
        instance
            .update(Entity::Admin, admin, json!({"is_active": false}))
            .await,
    );
    assert_eq!(
        (status, message.as_str()),
        (400, "The last active administrator cannot be deactivated.")
    );
    let (status, message, _) = refusal(instance.delete(Entity::Admin, admin, second).await);
    assert_eq!(
        (status, message.as_str()),
        (400, "The last active administrator cannot be deleted.")
    );
    instance.delete(Entity::Admin, second, admin).await.unwrap();

    let user = instance
        .create(Entity::User, json!({"email": "user@example.com"}))
        .await
        .unwrap();
    assert_eq!(
        refusal(instance.update(Entity::Admin, user, json!({"name": "x"})).await).0,
        400
    );
    assert_eq!(refusal(instance.delete(Entity::User, admin, user).await).0, 403);
    assert_eq!(refusal(instance.delete(Entity::User, 4711, admin).await).0, 404);
}

#[tokio::test]
async fn passwords_are_renewed_and_end_sessions() {
    let (instance, admin) = Instance::with_admin().await;
    let store = &instance.store;
    let row = store.user(admin).await.unwrap().unwrap();
    let right = password::check(row.password_hash.clone(), "a-long-enough-password".into())
        .await
        .unwrap();
    assert_eq!((right, row.token_epoch), (Check::Right, 0));

    // A hash that was brought over from the original, as an import would store it.
    let text =
        "UPDATE \"user\" SET \"password\" = '$2y$04$b1Vd8EyHFaQzsODROBvBLO4JCsz7gK9JYCGVeodCYsDVr0A4rFQ0m'";
    store.driver().batch(text).await.unwrap();
    let generation = store.generation();
    store
        .upgrade_password_hash(admin, row.password_hash.as_deref().unwrap())
        .await
        .unwrap();
    let upgraded = store.user(admin).await.unwrap().unwrap();
    assert_eq!(upgraded.password_hash, row.password_hash);
    // One that is current stays: the password was changed while the old one was being compared.
    store
        .upgrade_password_hash(admin, "$argon2id$something-older")
        .await
        .unwrap();
    assert_eq!(
        store.user(admin).await.unwrap().unwrap().password_hash,
        row.password_hash
    );
    assert_eq!(
        (upgraded.token_epoch, store.generation()),
        (0, generation),
        "sessions stay"
    );

    store
        .change_password(admin, "another-long-password")
        .await
        .unwrap();
    let changed = store.user(admin).await.unwrap().unwrap();
    assert_eq!(changed.token_epoch, 1);
    assert_eq!(store.generation(), generation + 1);
    instance
        .update(Entity::Admin, admin, json!({"password": "yet-another-long-one"}))
        .await
        .unwrap();
    assert_eq!(store.user(admin).await.unwrap().unwrap().token_epoch, 2);
    instance
        .update(Entity::Admin, admin, json!({"phone": "1", "password": ""}))
        .await
        .unwrap();
    assert_eq!(store.user(admin).await.unwrap().unwrap().token_epoch, 2);
    let user = json!({"email": "user@example.com", "is_active": true});
    let user = instance.create(Entity::User, user).await.unwrap();
    instance
        .update(Entity::User, user, json!({"is_active": false}))
        .await
        .unwrap();
    assert_eq!(store.user(user).await.unwrap().unwrap().token_epoch, 1);
}

#[tokio::test]
async fn logins_are_noted_and_tokens_revoked_until_they_expire() {
    let (instance, admin) = Instance::with_admin().await;
    let store = &instance.store;
    let generation = store.generation();
    store
        .touch_last_login(admin, "2026-01-02 03:04:05")
        .await
        .unwrap();
    assert_eq!(
        store.counts().await.unwrap().last_admin_login.as_deref(),
        Some("2026-01-02 03:04:05")
    );
    store.revoke("one", admin, 100).await.unwrap();
    store.revoke("two", admin, 200).await.unwrap();
    store.revoke("two", admin, 200).await.unwrap();
    assert_eq!(store.revoked(150).await.unwrap(), ["two"]);
    assert_eq!(store.generation(), generation);
}

#[tokio::test]
async fn a_user_has_one_role_per_app() {
    let instance = Instance::new().await;
    let role = instance.create(Entity::Role, json!({"name": "r"})).await.unwrap();
    let rows = "user_to_app_to_role_by_user_id";
    let user = json!({"email": "user@example.com", rows: [{"app_id": 1, "role_id": role}]});
    let user = instance.create(Entity::User, user).await.unwrap();
    let twice = json!({rows: [{"app_id": 1, "role_id": role}]});
    let (status, message, _) = refusal(instance.update(Entity::User, user, twice).await);
    assert_eq!(status, 400);
    assert!(
        message.starts_with("Multiple user-to-app-to-role assignment."),
        "{message}"
    );
    let unknown = json!({rows: [{"app_id": 99, "role_id": role}]});
    assert_eq!(refusal(instance.update(Entity::User, user, unknown).await).0, 400);
    let assignments = instance.store.user(user).await.unwrap().unwrap().assignments;
    assert_eq!(
        (assignments.len(), assignments[0].app_id, assignments[0].role_id),
        (1, 1, role)
    );
}
