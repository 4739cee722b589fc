//! Logins at directories, over HTTP against a real directory server: who gets in, who does not, as whom and with what.

use kit::{Answer, Client, Slapd};
use scenarios::world::{KEY, PASSWORD, TOKEN, World, grant};
use serde_json::{Value, json};

const SESSION: &str = "/api/v2/user/session";
const WRONG: &str = "Invalid username and password provided.";

/// People of a plain directory. Two have the address `shared@ex.com`.
const PEOPLE: &str = "
dn: ou=people,dc=ex,dc=com
objectClass: organizationalUnit
ou: people

dn: uid=ann,ou=people,dc=ex,dc=com
objectClass: inetOrgPerson
objectClass: member-person
uid: ann
cn: Ann Bo Lee
sn: Lee
givenName: Ann
mail: ann@mail.example
userPassword: ann_pw
memberOf: cn=staff,ou=groups,dc=ex,dc=com

dn: uid=bob,ou=people,dc=ex,dc=com
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: B
userPassword: bob_pw

dn: uid=one,ou=people,dc=ex,dc=com
objectClass: inetOrgPerson
uid: one
cn: One
sn: One
mail: shared@ex.com
userPassword: one_pw

dn: uid=two,ou=people,dc=ex,dc=com
objectClass: inetOrgPerson
uid: two
cn: Two
sn: Two
mail: shared@ex.com
userPassword: two_pw
";

async fn service(world: &World, name: &str, kind: &str, config: Value) -> Value {
    let made = json!({"name": name, "label": name, "type": kind, "is_active": true, "config": config});
    world.create("service", made).await["id"].clone()
}

async fn try_in(client: &Client, service: &str, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    client.post(&format!("{SESSION}?service={service}"), &body).await
}

async fn people() -> Option<(Slapd, World)> {
    let slapd = Slapd::own(PEOPLE)?;
    Some((slapd, World::with(&[]).await))
}

fn plain(slapd: &Slapd) -> Value {
    json!({"host": slapd.url(), "base_dn": "ou=people,dc=ex,dc=com"})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_makes_a_user_of_its_own() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    service(&world, "Corp", "ldap", plain(&slapd)).await;
    let client = world.program.client();

    let answer = try_in(&client, "corp", "ANN", "ann_pw").await;
    let session = answer.json();
    assert_eq!(answer.status, 200, "{session}");
    assert_eq!(session["email"], "ann+Corp@mail.example");
    assert_eq!(
        (&session["name"], &session["first_name"], &session["last_name"]),
        (&json!("Ann Bo Lee"), &json!("Ann"), &json!("Lee"))
    );
    assert_eq!(session["is_sys_admin"], json!(false));
    assert_eq!(
        session["groupMembership"],
        json!(["cn=staff,ou=groups,dc=ex,dc=com"])
    );
    let token = session["session_token"].as_str().unwrap();
    let own = client.with(TOKEN, token).get(SESSION).await.json();
    assert_eq!(own["id"], session["id"]);

    // The service may be named in the body; the user stays the same, and others are made by their name.
    let body = json!({"service": "corp", "username": "ann", "password": "ann_pw"});
    assert_eq!(client.post(SESSION, &body).await.json()["id"], session["id"]);
    let bob = try_in(&client, "corp", "bob", "bob_pw").await.json();
    assert_eq!(
        (&bob["email"], &bob["groupMembership"]),
        (&json!("bob+Corp@ex.com"), &json!([]))
    );
    let path = format!("/api/v2/system/user/{}?fields=username,is_active", bob["id"]);
    assert_eq!(world.admin.get(&path).await.json()["username"], json!("bob+Corp"));

    // They have no password here, whatever an administrator sets, and none can be recovered.
    let path = format!("/api/v2/system/user/{}", session["id"]);
    let set = json!({"password": PASSWORD, "security_question": "q", "security_answer": "a"});
    assert_eq!(world.admin.call("PATCH", &path, Some(&set)).await.status, 200);
    let login = json!({"email": "ann+Corp@mail.example", "password": PASSWORD});
    assert_eq!(client.post(SESSION, &login).await.status, 401);
    let basic = client.with(
        "Authorization",
        "Basic YW5uK0NvcnBAbWFpbC5leGFtcGxlOkxvbmctRW5vdWdoLVBhc3N3MHJk",
    );
    assert_eq!(basic.get("/api/v2/user/profile").await.status, 401);
    let reset = json!({"email": "ann+Corp@mail.example"});
    assert_eq!(
        client
            .post("/api/v2/user/password?reset=true", &reset)
            .await
            .status,
        404
    );

    // An inactive user stays out.
    let off = json!({"is_active": false});
    assert_eq!(world.admin.call("PATCH", &path, Some(&off)).await.status, 200);
    assert_eq!(try_in(&client, "corp", "ann", "ann_pw").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_their_own_password() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    service(&world, "corp", "ldap", plain(&slapd)).await;
    let client = world.program.client();
    for (username, password) in [
        ("ann", "bob_pw"),
        ("nobody", "ann_pw"),
        ("a*", "ann_pw"),
        ("*", "ann_pw"),
        ("ann)(uid=*", "ann_pw"),
        ("ann)(|(uid=*))(", "ann_pw"),
        ("x)(|(uid=ann)", "ann_pw"),
        ("ann\u{0}", "ann_pw"),
        ("uid=ann,ou=people,dc=ex,dc=com", "ann_pw"),
    ] {
        let answer = try_in(&client, "corp", username, password).await;
        assert_eq!(answer.refusal(), (401, WRONG.to_owned()), "{username}");
        // Every address may fail so often; what is tried here is not the count.
        let reset = world.admin.call("DELETE", "/api/v2/system/cache", None).await;
        assert_eq!(reset.status, 200);
    }
    for (username, password) in [("ann", ""), ("", "ann_pw"), (" ", "ann_pw"), ("", "")] {
        let answer = try_in(&client, "corp", username, password).await;
        assert_eq!(
            answer.refusal(),
            (400, "No username and/or password provided.".to_owned())
        );
    }
    // No parameter makes somebody else of whoever logs in.
    let body = json!({"username": "bob", "password": "bob_pw", "email": "ann@mail.example", "id": 1, "user_id": 1,
        "is_sys_admin": true, "oauth_callback": true, "state": "x", "uid": "ann"});
    let answer = client
        .post(&format!("{SESSION}?service=corp&email=ann@mail.example"), &body)
        .await
        .json();
    assert_eq!(
        (&answer["email"], &answer["is_sys_admin"]),
        (&json!("bob+corp@ex.com"), &json!(false))
    );
    // The administrators' endpoint logs nobody in from elsewhere.
    let body = json!({"username": "bob", "password": "bob_pw"});
    let answer = client
        .post("/api/v2/system/admin/session?service=corp", &body)
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_counted() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    service(&world, "corp", "ldap", plain(&slapd)).await;
    let client = world.program.client();
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(try_in(&client, "corp", "ann", "guess").await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(try_in(&client, "corp", "ann", "ann_pw").await.status, 429);
    assert_eq!(try_in(&client, "corp", "bob", "bob_pw").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_belongs_to_who_came_with_it_first() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    service(&world, "corp", "ldap", plain(&slapd)).await;
    let client = world.program.client();
    // A user with a password has the address that a login would make.
    let user = json!({"name": "squatter", "email": "ann+corp@mail.example", "password": PASSWORD, "is_active": true});
    world.create("user", user).await;
    assert_eq!(try_in(&client, "corp", "ann", "ann_pw").await.status, 401);
    // Whoever can write an address into the directory is not the one who had it before.
    assert_eq!(try_in(&client, "corp", "one", "one_pw").await.status, 200);
    assert_eq!(try_in(&client, "corp", "two", "two_pw").await.status, 401);
    assert_eq!(try_in(&client, "corp", "one", "one_pw").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_come_from_groups_defaults_and_the_map() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    let db = world.bases[0].id;
    let read = world.role("read", &[grant(db, "*", 1, Value::Null)]).await;
    let write = world.role("write", &[grant(db, "*", 31, Value::Null)]).await;
    let mapped = world.role("mapped", &[grant(db, "*", 3, Value::Null)]).await;
    let app = async |name: &str| {
        world
            .create("app", json!({"name": name, "is_active": true}))
            .await
    };
    let (first, second) = (app("first").await, app("second").await);
    let group = json!({"role_adldap_by_role_id": [{"dn": "CN=Staff, OU=Groups,DC=ex,DC=com"}]});
    let path = format!("/api/v2/system/role/{write}?related=role_adldap_by_role_id");
    let answer = world.admin.call("PATCH", &path, Some(&group)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let shown = world.admin.get(&path).await.json();
    assert_eq!(
        shown["role_adldap_by_role_id"][0]["dn"],
        "CN=Staff, OU=Groups,DC=ex,DC=com"
    );

    let mut config = plain(&slapd);
    config["default_role"] = read.clone();
    config["map_group_to_role"] = json!(true);
    config["app_role_map"] = json!([{"app_id": second["id"], "role_id": mapped}]);
    let id = service(&world, "corp", "ldap", config).await;
    let role = async |username: &str, password: &str, app: &Value| {
        let client = world.program.client().with(KEY, app["api_key"].as_str().unwrap());
        try_in(&client, "corp", username, password).await.json()["role_id"].clone()
    };
    assert_eq!(role("ann", "ann_pw", &first).await, write);
    assert_eq!(role("bob", "bob_pw", &first).await, read);
    assert_eq!(role("ann", "ann_pw", &second).await, mapped);

    // Another default fills gaps only.
    let path = format!("/api/v2/system/service/{id}");
    let change = json!({"config": {"default_role": mapped}});
    assert_eq!(world.admin.call("PATCH", &path, Some(&change)).await.status, 200);
    assert_eq!(role("bob", "bob_pw", &first).await, read);

    // New people stay out where none are wanted.
    let change = json!({"config": {"allow_new_users": false}});
    assert_eq!(world.admin.call("PATCH", &path, Some(&change)).await.status, 200);
    let client = world.program.client();
    let answer = try_in(&client, "corp", "one", "one_pw").await;
    assert!(
        answer
            .message()
            .starts_with("New user registration is not allowed"),
        "{}",
        answer.text()
    );
    assert_eq!(answer.status, 401);
    assert_eq!(try_in(&client, "corp", "bob", "bob_pw").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_lists_active_directories_for_anybody() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    service(&world, "Corp", "ldap", plain(&slapd)).await;
    let off =
        json!({"name": "off", "label": "off", "type": "ldap", "is_active": false, "config": plain(&slapd)});
    world.create("service", off).await;
    let client = world.program.client();
    let shown = client.get("/api/v2/system/environment").await.json();
    assert_eq!(
        shown["authentication"]["adldap"],
        json!([{"path": "user/session?service=corp", "name": "Corp", "label": "Corp", "verb": "POST",
                "payload": {"username": "string", "password": "string", "service": "Corp", "remember_me": "bool"}}])
    );
    assert_eq!(try_in(&client, "off", "ann", "ann_pw").await.status, 403);
    let answer = client.get(&format!("{SESSION}?service=corp")).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_away_is_no_wrong_password() {
    let Some((slapd, world)) = people().await else {
        return;
    };
    service(&world, "corp", "ldap", plain(&slapd)).await;
    let client = world.program.client();
    slapd.crash();
    for _ in 0..7 {
        let answer = try_in(&client, "corp", "ann", "ann_pw").await;
        assert_eq!(
            answer.refusal(),
            (503, "The directory cannot be reached.".to_owned())
        );
    }
    slapd.start();
    assert_eq!(try_in(&client, "corp", "ann", "ann_pw").await.status, 200);
}

/// A small domain: a user in a group that is in another, one with a primary group alone, and a computer.
const DOMAIN: &str = "
dn: cn=Jane Doe,dc=ex,dc=com
objectClass: user
cn: Jane Doe
sn: Doe
displayName: Jane Doe
sAMAccountName: jdoe
objectCategory: person
mail: jane@ex.com
userPassword: jane_pw
objectSid:: AQIAAAAAAAUVAAAAUQQAAA==
primaryGroupID: 513
memberOf: cn=Staff,dc=ex,dc=com
memberOf: cn=Readers,dc=ex,dc=com

dn: cn=Reader,dc=ex,dc=com
objectClass: user
cn: Reader
sn: Reader
sAMAccountName: reader
objectCategory: person
userPassword: reader_pw

dn: cn=Staff,dc=ex,dc=com
objectClass: group
cn: Staff
objectCategory: group
memberOf: cn=Everyone,dc=ex,dc=com

dn: cn=Readers,dc=ex,dc=com
objectClass: group
cn: Readers
objectCategory: group

dn: cn=Everyone,dc=ex,dc=com
objectClass: group
cn: Everyone
objectCategory: group

dn: cn=Domain Users,dc=ex,dc=com
objectClass: group
cn: Domain Users
objectCategory: group
objectSid:: AQIAAAAAAAUVAAAAAQIAAA==

dn: cn=PC1,dc=ex,dc=com
objectClass: computer
cn: PC1
objectCategory: computer
";

fn domain(slapd: &Slapd) -> Value {
    json!({"host": slapd.url(), "base_dn": Slapd::BASE, "username": Slapd::ROOT, "password": Slapd::PASSWORD})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_logged_in_to_with_its_groups() {
    let Some(slapd) = Slapd::own(DOMAIN) else { return };
    let world = World::with(&[]).await;
    service(&world, "ad", "adldap", domain(&slapd)).await;
    let mut above = domain(&slapd);
    above["map_group_hierarchy"] = json!(true);
    service(&world, "above", "adldap", above).await;
    let client = world.program.client();
    let answer = try_in(&client, "ad", "JDoe", "jane_pw").await.json();
    assert_eq!(answer["email"], "jane+ad@ex.com", "{answer}");
    let groups = json!([
        "cn=Domain Users,dc=ex,dc=com",
        "cn=Staff,dc=ex,dc=com",
        "cn=Readers,dc=ex,dc=com"
    ]);
    assert_eq!(answer["groupMembership"], groups);
    let answer = try_in(&client, "above", "jdoe", "jane_pw").await.json();
    assert_eq!(answer["groupMembership"][3], "cn=Everyone,dc=ex,dc=com");
    // Without an address it is made of the domain.
    let answer = try_in(&client, "ad", "reader", "reader_pw").await.json();
    assert_eq!(answer["email"], "reader+ad@ex.com", "{answer}");
    for (username, password) in [
        ("jdoe", "wrong"),
        ("*", "jane_pw"),
        ("jdoe@ex.com", "jane_pw"),
        (Slapd::ROOT, Slapd::PASSWORD),
    ] {
        let answer = try_in(&client, "ad", username, password).await;
        assert_eq!(answer.refusal(), (401, WRONG.to_owned()), "{username}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_can_be_read() {
    let Some(slapd) = Slapd::own(DOMAIN) else { return };
    let world = World::with(&[]).await;
    service(&world, "ad", "adldap", domain(&slapd)).await;
    let read = async |path: &str| {
        let answer = world.admin.get(&format!("/api/v2/ad{path}")).await;
        (answer.status, answer.json())
    };
    assert_eq!(
        read("").await.1,
        json!({"resource": [{"name": "user"}, {"name": "group"}, {"name": "computer"}]})
    );
    let (status, users) = read("/user?fields=samaccountname,mail").await;
    assert_eq!(status, 200);
    assert_eq!(
        users,
        json!({"resource": [{"samaccountname": "jdoe", "mail": "jane@ex.com"},
        {"samaccountname": "reader", "mail": null}]})
    );
    assert_eq!(
        read("/user?as_list=true&filter=(sn=Doe)").await.1,
        json!({"resource": [{"samaccountname": "jdoe"}]})
    );
    assert_eq!(read("/user?filter=(sn=None)").await.1, json!({"resource": []}));
    let (_, jane) = read("/user/jdoe").await;
    assert_eq!(
        (&jane["cn"], &jane["memberof"][1]),
        (&json!("Jane Doe"), &json!("cn=Readers,dc=ex,dc=com"))
    );
    assert_eq!((jane.get("userpassword"), jane.get("objectsid")), (None, None));
    assert_eq!(
        read("/user/jdoe?fields=primarygroupid").await.1,
        json!({"primarygroupid": "513"})
    );
    assert_eq!(
        read("/group?user=jdoe&fields=cn").await.1,
        json!({"resource": [{"cn": "Domain Users"}, {"cn": "Staff"}, {"cn": "Readers"}]})
    );
    assert_eq!(read("/computer/PC1?fields=cn").await.1, json!({"cn": "PC1"}));
    for (path, status) in [
        ("/user/none", 404),
        ("/user/*", 404),
        ("/group/none", 404),
        ("/group?user=none", 404),
        ("/user?filter=sn=Doe", 400),
        ("/user?filter=(sn=a))(|(sn=*)", 400),
        ("/user?filter=(userPassword=*)", 400),
        ("/user?fields=userPassword", 400),
    ] {
        assert_eq!(read(path).await.0, status, "{path}");
    }
    // Whoever has no grant sees nothing, and the account of the service is needed.
    assert_eq!(world.program.client().get("/api/v2/ad/user").await.status, 400);
    let mut config = domain(&slapd);
    config["password"] = json!("wrong");
    service(&world, "bad", "adldap", config).await;
    assert_eq!(world.admin.get("/api/v2/bad/user").await.status, 401);
    let none = json!({"host": slapd.url(), "base_dn": Slapd::BASE});
    service(&world, "none", "adldap", none).await;
    assert_eq!(world.admin.get("/api/v2/none/user").await.status, 400);
}
