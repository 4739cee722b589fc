//! SOAP services: functions of a WSDL as resources, over HTTP, with logins, faults, roles and documents.
#![allow(clippy::unwrap_used)]

use kit::{Asked, Client, Program, RemoteServer, Reply};
use scenarios::furnished::{APP_KEY, create};
use serde_json::{Value, json};

const SHOP: &str = include_str!("../../connectors/soap/fixtures/shop.wsdl");
const TYPES: &str = include_str!("../../connectors/soap/fixtures/types.xsd");

/// A server of the shop: its description, and answers of its functions. What is not as the description says is a fault.
fn shop(asked: &Asked) -> Reply {
    let host = asked.header("host");
    match asked.target.as_str() {
        "/shop?wsdl" => {
            let wsdl = SHOP.replace("http://shop.example", &format!("http://{host}"));
            return Reply::new(200, "text/xml", wsdl);
        }
        "/types.xsd" => return Reply::new(200, "text/xml", TYPES),
        "/soap12" => {
            let said = "application/soap+xml; charset=utf-8; action=\"urn:shop/Add\"";
            assert_eq!(asked.header("content-type"), said);
            let body = asked.text().replace("Add", "AddResponse");
            return Reply::new(
                200,
                "application/soap+xml",
                body.replace("<a>1</a><b>2</b>", "<AddResult>3</AddResult>"),
            );
        }
        "/soap" => {}
        _ => return Reply::new(404, "text/html", "<h1>Nothing<br>here</h1>"),
    }
    assert_eq!(asked.header("content-type"), "text/xml; charset=utf-8");
    let text = asked.text();
    let body = |body: &str| {
        let envelope = "http://schemas.xmlsoap.org/soap/envelope/";
        format!(
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"{envelope}\"><s:Body>{body}</s:Body></s:Envelope>"
        )
    };
    match asked.header("soapaction") {
        "\"urn:shop/Add\"" if text.contains(r#"<Add xmlns="urn:shop"><a>1</a><b>2</b></Add>"#) => {
            let result = r#"<AddResponse xmlns="urn:shop"><AddResult>3</AddResult></AddResponse>"#;
            Reply::new(200, "text/xml", body(result))
        }
        "\"urn:shop/PlaceOrder\"" if text.contains(r#"<id xmlns="">9</id>"#) => {
            Reply::new(200, "text/xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
        }
        _ => {
            let fault =
                "<s:Fault><faultcode>s:Client</faultcode><faultstring>Not 1 &amp; 2</faultstring></s:Fault>";
            Reply::new(500, "text/xml", body(fault))
        }
    }
}

async fn service(admin: &Client, name: &str, config: Value) -> i64 {
    let service = json!({"name": name, "label": name, "type": "soap", "is_active": true, "config": config});
    create(admin, "service", service).await
}

fn wsdl(server: &RemoteServer) -> String {
    format!("{}/shop?wsdl", server.url())
}

#[tokio::test]
async fn functions_are_called_with_json() {
    let (program, server) = (Program::start(), RemoteServer::start(shop));
    let admin = program.admin().await;
    let headers = json!([
        {"type": "wsse", "name": "username", "data": "ann"},
        {"type": "wsse", "name": "password", "data": "s3cret"},
        {"type": "generic", "namespace": "urn:shop", "name": "Credentials", "data": "{\"Account\":\"{user.email}\"}",
         "mustunderstand": true},
        {"type": "generic", "namespace": "urn:other", "name": "Trace", "data": "df:trace"},
    ]);
    service(
        &admin,
        "shop",
        json!({"wsdl": wsdl(&server), "headers": headers, "wsse_username_token": "T-9"}),
    )
    .await;

    let list = admin.get("/api/v2/shop").await.json();
    assert_eq!(
        list["resource"][0],
        json!({"name": "Add", "description": "Adds two numbers.", "requestType": "Add",
               "requestFields": {"a": "int", "b": "int"}, "responseType": "AddResponse",
               "responseFields": {"AddResult": "int"}, "access": ["GET", "POST"]})
    );
    let names = admin.get("/api/v2/shop?as_list=true").await.json();
    assert_eq!(names, json!({"resource": ["Add", "PlaceOrder"]}));
    let targets: Vec<_> = server.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(targets, ["/shop?wsdl", "/types.xsd"]);
    admin.get("/api/v2/shop?refresh=true").await;
    assert_eq!(server.asked().len(), 2);

    let answer = admin
        .post("/api/v2/shop/add?trace=%3Ct%3E", &json!({"b": 2, "a": 1}))
        .await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"AddResult": 3})),
        "{}",
        answer.text()
    );
    let text = server.asked()[0].text();
    for part in [
        r#"<Credentials xmlns="urn:shop" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:mustUnderstand="1"><Account>admin@example.com</Account></Credentials>"#,
        r#"<Trace xmlns="urn:other">&lt;t&gt;</Trace>"#,
        "<Username>ann</Username>",
        r#"u:Id="T-9""#,
        "#PasswordDigest\">",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("s3cret"));
    assert_eq!(
        admin.get("/api/v2/shop/Add?a=1&b=2").await.json(),
        json!({"AddResult": 3})
    );

    for (path, body, status, said) in [
        (
            "Nothing",
            json!({}),
            404,
            "Function 'Nothing' does not exist on this service.",
        ),
        ("Add", json!({"a": 1}), 400, "The function needs 'b'."),
        (
            "Add",
            json!([1]),
            400,
            "The arguments of a function must be an object.",
        ),
        (
            "Add",
            json!({"a": 2, "b": 2}),
            500,
            "Not 1 & 2 [Fault code:s:Client]",
        ),
        (
            "Add",
            json!({"a": "</a><x>", "b": 2}),
            500,
            "Not 1 & 2 [Fault code:s:Client]",
        ),
        (
            "PlaceOrder",
            json!({"order": {"id": 9}}),
            503,
            "The SOAP server's answer cannot be read.",
        ),
    ] {
        let answer = admin.post(&format!("/api/v2/shop/{path}"), &body).await;
        assert_eq!(answer.refusal(), (status, said.to_owned()), "{path} {body}");
    }
    assert!(server.asked().iter().all(|asked| !asked.text().contains("<x>")));
    assert!(!program.log().contains("s3cret"));
}

#[tokio::test]
async fn roles_grant_functions_and_documents_tell_of_them() {
    let (program, server) = (Program::start(), RemoteServer::start(shop));
    let admin = program.admin().await;
    let id = service(
        &admin,
        "shop",
        json!({"wsdl": wsdl(&server), "options": {"soap_version": 1}}),
    )
    .await;
    let list = admin.get("/api/v2/shop?as_access_list=true").await.json();
    assert_eq!(list, json!({"resource": ["", "*", "Add", "PlaceOrder"]}));
    let role = json!({"name": "clerk", "is_active": true, "role_service_access_by_role_id": [
        {"service_id": id, "component": "Add", "verb_mask": 2, "requestor_mask": 1}]});
    let role = create(&admin, "role", role).await;
    create(
        &admin,
        "app",
        json!({"name": "till", "api_key": APP_KEY, "is_active": true, "role_id": role}),
    )
    .await;
    let clerk = program.client().with("X-DreamFactory-API-Key", APP_KEY);
    let sum = json!({"a": 1, "b": 2});
    assert_eq!(
        clerk.post("/api/v2/shop/ADD", &sum).await.json(),
        json!({"AddResult": 3})
    );
    for (verb, path) in [("GET", "Add?a=1&b=2"), ("POST", "PlaceOrder"), ("GET", "")] {
        assert_eq!(
            clerk
                .call(verb, &format!("/api/v2/shop/{path}"), None)
                .await
                .status,
            401,
            "{verb} {path}"
        );
    }
    let document = clerk.get("/api/v2/api_docs/shop").await.json();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/Add"]);
    let document = admin.get("/api/v2/shop/_spec").await.json();
    let line = &document["components"]["schemas"]["Order"]["properties"]["line"];
    assert_eq!(
        *line,
        json!({"type": "array", "items": {"$ref": "#/components/schemas/Line"}})
    );
    assert_eq!(
        document["paths"]["/PlaceOrder"]["post"]["operationId"],
        "callShopPlaceOrder"
    );

    service(
        &admin,
        "new",
        json!({"wsdl": wsdl(&server), "options": {"soap_version": "SOAP_1_2"}, "cache_enabled": true,
                                  "cache_ttl": 600}),
    )
    .await;
    for _ in 0..2 {
        assert_eq!(
            admin.get("/api/v2/new/Add?a=1&b=2").await.json(),
            json!({"AddResult": 3})
        );
    }
    let calls = server
        .asked()
        .into_iter()
        .filter(|asked| asked.target == "/soap12")
        .count();
    assert_eq!(calls, 1, "the second answer was kept");
}

#[tokio::test]
async fn descriptions_come_from_files_and_what_is_none_is_refused() {
    let (program, server) = (Program::start(), RemoteServer::start(shop));
    let admin = program.admin().await;
    let folder = program.data().join("storage/wsdl/shop");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("shop.wsdl"), SHOP).unwrap();
    std::fs::write(folder.join("types.xsd"), TYPES).unwrap();
    let location = json!({"location": format!("{}/soap", server.url())});
    service(
        &admin,
        "file",
        json!({"wsdl": "shop/shop.wsdl", "options": location}),
    )
    .await;
    let sum = json!({"a": 1, "b": 2});
    assert_eq!(
        admin.post("/api/v2/file/Add", &sum).await.json(),
        json!({"AddResult": 3})
    );

    let none = json!({"options": {"location": format!("{}/soap", server.url()), "uri": "urn:free"}});
    service(&admin, "free", none).await;
    admin
        .post("/api/v2/free/anything", &json!({"list": [1, 2], "o": {"k": "<"}}))
        .await;
    let text = server.asked().pop().unwrap().text();
    assert!(text.contains(r#"<anything xmlns="urn:free"><list xmlns="">1</list><list xmlns="">2</list><o xmlns=""><k>&lt;</k></o></anything>"#), "{text}");

    for (config, status) in [
        (json!({"wsdl": "../../../../etc/passwd"}), 400),
        (json!({"wsdl": "file:///etc/passwd"}), 400),
        (json!({"wsdl": "missing.wsdl"}), 503),
        (json!({"wsdl": format!("{}/nothing", server.url())}), 503),
        (json!({"wsdl": format!("{}/types.xsd", server.url())}), 400),
        (json!({}), 400),
        (
            json!({"wsdl": "shop/shop.wsdl", "options": {"ntlm_username": "u"}}),
            400,
        ),
    ] {
        let name = format!("wrong{}", server.asked().len() + status);
        let id = service(&admin, &name, config.clone()).await;
        let answer = admin.get(&format!("/api/v2/{name}")).await;
        assert_eq!(answer.status, status as u16, "{config}: {}", answer.text());
        assert!(!answer.text().contains("/etc"), "{}", answer.text());
        admin
            .call("DELETE", &format!("/api/v2/system/service/{id}"), None)
            .await;
    }
    let tried = json!({"resource": [{"name": "t", "type": "soap", "config": {"wsdl": wsdl(&server)}}]});
    let answer = admin.post("/api/v2/system/service?test=true", &tried).await;
    assert_eq!(
        (answer.status, answer.json()["success"].clone()),
        (200, json!(true)),
        "{}",
        answer.text()
    );
}
