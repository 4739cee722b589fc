//! Descriptions, messages and documents together.

use crate::document;
use crate::envelope::{self, Answer, Fault};
use crate::headers::Heading;
use crate::wsdl::{Documents, Version, Wsdl};
use crate::xml::Element;
use contract::Value;
use serde_json::json;

const SHOP: &str = include_str!("../fixtures/shop.wsdl");
const TYPES: &str = include_str!("../fixtures/types.xsd");
const RPC: &str = include_str!("../fixtures/rpc.wsdl");

fn read(texts: &[&str], version: Version) -> Wsdl {
    let mut documents = Documents::default();
    for text in texts {
        documents
            .add(Element::read(text.as_bytes()).unwrap(), None)
            .unwrap();
    }
    documents.read(version).unwrap()
}

fn message(wsdl: &Wsdl, function: &str, arguments: Value) -> Result<String, String> {
    let function = wsdl.function(function).unwrap();
    let object = arguments.as_object().unwrap();
    envelope::call(wsdl, function, object, &Heading::default()).map_err(|problem| {
        assert_eq!(problem.status(), 400);
        problem.message
    })
}

fn result(wsdl: &Wsdl, function: &str, body: &str) -> Value {
    let text = format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><e:Body>{body}</e:Body></e:Envelope>"#
    );
    let message = Element::read(text.as_bytes()).unwrap();
    match envelope::read(wsdl, wsdl.function(function).unwrap(), &message).unwrap() {
        Answer::Result(result) => result,
        Answer::Fault(fault) => panic!("{fault:?}"),
    }
}

#[test]
fn descriptions_name_functions_and_where_they_are() {
    let shop = read(&[SHOP, TYPES], Version::V11);
    assert_eq!(
        (shop.version, shop.location.as_str()),
        (Version::V11, "http://shop.example/soap")
    );
    let names: Vec<_> = shop
        .functions
        .iter()
        .map(|f| (f.name.as_str(), f.action.as_str()))
        .collect();
    assert_eq!(
        names,
        [("Add", "urn:shop/Add"), ("PlaceOrder", "urn:shop/PlaceOrder")]
    );
    assert_eq!(shop.function("ADD").unwrap().description, "Adds two numbers.");
    let shop = read(&[SHOP, TYPES], Version::V12);
    assert_eq!(
        (shop.version, shop.location.as_str()),
        (Version::V12, "http://shop.example/soap12")
    );
    assert_eq!(shop.functions.len(), 1);
    let rpc = read(&[RPC], Version::V12);
    assert_eq!(
        (rpc.version, rpc.functions[0].rpc.as_deref()),
        (Version::V11, Some("urn:rpc:calls"))
    );
    let mut documents = Documents::default();
    assert!(documents.add(Element::read(b"<html/>").unwrap(), None).is_err());
    assert!(documents.read(Version::V11).is_err());
    let imports = documents
        .add(Element::read(SHOP.as_bytes()).unwrap(), None)
        .unwrap();
    assert_eq!(imports[0].location, "types.xsd");
}

#[test]
fn arguments_become_elements_in_the_order_of_the_schema() {
    let shop = read(&[SHOP, TYPES], Version::V11);
    let order = json!({"cash": true, "line": [{"price": {"_": "1.50", "currency": "EUR"}, "sku": "a<b", "amount": 2},
                       {"price": 3, "sku": "c", "amount": "1.0"}], "id": 7, "version": 2, "gift": null,
                       "parent": {"id": 6}, "remark": "r", "tags": ["x", "y"], "unknown": 1});
    let text = message(&shop, "placeorder", json!({"note": "n", "order": order})).unwrap();
    let body = text
        .split("<Body>")
        .nth(1)
        .unwrap()
        .split("</Body>")
        .next()
        .unwrap();
    assert_eq!(
        body,
        concat!(
            r#"<PlaceOrder xmlns="urn:shop"><order version="2"><id xmlns="">7</id>"#,
            r#"<line xmlns="" amount="2"><sku>a&lt;b</sku><price currency="EUR">1.50</price></line>"#,
            r#"<line xmlns="" amount="1.0"><sku>c</sku><price>3</price></line>"#,
            r#"<parent xmlns=""><id>6</id></parent><cash xmlns="">true</cash><remark xmlns="urn:shop:types">r</remark>"#,
            r#"<gift xmlns="" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"></gift>"#,
            r#"<tags xmlns="">x y</tags></order><note>n</note></PlaceOrder>"#
        )
    );
    assert!(text.starts_with(r#"<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>"#));

    for (arguments, said) in [
        (json!({}), "The function needs 'order'."),
        (json!({"order": {}}), "The function needs 'id'."),
        (json!({"order": 1}), "'order' must be an object."),
        (
            json!({"order": {"id": {}}}),
            "'id' must be text, a number or a truth value.",
        ),
        (
            json!({"order": {"id": 1, "line": {"sku": "s", "price": 1}}}),
            "The function needs 'amount'.",
        ),
        (
            json!({"order": {"id": "\u{0}"}}),
            "'id' has signs in it that cannot stand in XML.",
        ),
    ] {
        assert_eq!(message(&shop, "PlaceOrder", arguments).unwrap_err(), said);
    }
    let own = json!({"a": {"soapvar": {"data": 1, "type_name": "short", "type_namespace": "http://www.w3.org/2001/XMLSchema"}}, "b": 2});
    let text = message(&shop, "Add", own).unwrap();
    assert!(text.contains(r#"xsi:type="t:short">1</a><b>2</b>"#), "{text}");
}

#[test]
fn results_are_json_of_the_types() {
    let shop = read(&[SHOP, TYPES], Version::V11);
    let body = r#"<PlaceOrderResponse xmlns="urn:shop"><PlaceOrderResult version="3"><id xmlns="">9007199254740993</id>
        <line xmlns="" amount="2.50"><sku> s </sku><price currency="EUR">1.10</price></line><cash xmlns="">1</cash>
        <tags xmlns="">x  y</tags><gift xmlns="" i:nil="true"/><more xmlns=""><a>1</a><a>2</a></more>
        </PlaceOrderResult><count> 5 </count><big>18446744073709551615</big></PlaceOrderResponse>"#;
    let result = self::result(&shop, "PlaceOrder", body);
    assert_eq!(
        result.to_string(),
        concat!(
            r#"{"PlaceOrderResult":{"version":3,"id":9007199254740993,"#,
            r#""line":[{"amount":2.50,"sku":" s ","price":{"currency":"EUR","_":1.10}}],"cash":true,"tags":["x","y"],"gift":null,"#,
            r#""more":{"a":["1","2"]}},"count":5,"big":18446744073709551615}"#
        )
    );
    let nil = self::result(
        &shop,
        "PlaceOrder",
        r#"<PlaceOrderResponse xmlns="urn:shop"><PlaceOrderResult i:nil="1"/><count>x</count></PlaceOrderResponse>"#,
    );
    assert_eq!(nil, json!({"PlaceOrderResult": null, "count": "x"}));
    assert_eq!(self::result(&shop, "Add", ""), json!({}));
}

#[test]
fn functions_of_the_rpc_style_have_parts() {
    let rpc = read(&[RPC], Version::V11);
    let text = message(&rpc, "forecast", json!({"days": 2, "city": "Oslo"})).unwrap();
    let call =
        r#"<forecast xmlns="urn:rpc:calls"><city xmlns="">Oslo</city><days xmlns="">2</days></forecast>"#;
    assert!(text.contains(call), "{text}");
    let body = r#"<f:forecastResponse xmlns:f="urn:rpc:calls"><degrees>-1.5</degrees><sunny>false</sunny></f:forecastResponse>"#;
    assert_eq!(
        result(&rpc, "forecast", body),
        json!({"degrees": -1.5, "sunny": false})
    );
}

#[test]
fn faults_of_both_versions_are_understood() {
    let rpc = read(&[RPC], Version::V11);
    let read = |text: &str| {
        let message = Element::read(text.as_bytes()).unwrap();
        envelope::read(&rpc, &rpc.functions[0], &message)
    };
    let old = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>404</faultcode>
        <faultstring>No city</faultstring></s:Fault></s:Body></s:Envelope>"#;
    let Some(Answer::Fault(fault)) = read(old) else {
        panic!("a fault")
    };
    assert_eq!((fault.status(), fault.text.as_str()), (404, "No city"));
    let new = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>
        <s:Reason><s:Text xml:lang="en">No city</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#;
    let Some(Answer::Fault(fault)) = read(new) else {
        panic!("a fault")
    };
    let expected = Fault {
        code: "s:Sender".into(),
        text: "No city".into(),
    };
    assert_eq!((fault.status(), &fault), (500, &expected));
    assert!(read("<html/>").is_none());
}

#[test]
fn types_that_are_made_of_themselves_end() {
    let endless = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
        xmlns:t="urn:t" xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"><types><x:schema targetNamespace="urn:t">
        <x:complexType name="A"><x:complexContent><x:extension base="t:B"><x:sequence><x:group ref="t:G"/></x:sequence></x:extension></x:complexContent></x:complexType>
        <x:complexType name="B"><x:complexContent><x:extension base="t:A"/></x:complexContent></x:complexType>
        <x:simpleType name="S"><x:restriction base="t:S"/></x:simpleType>
        <x:group name="G"><x:sequence><x:group ref="t:G"/><x:element name="s" type="t:S"/></x:sequence></x:group>
        <x:element name="E" type="t:A"/></x:schema></types>
        <message name="M"><part name="p" element="t:E"/></message>
        <portType name="P"><operation name="o"><input message="t:M"/><output message="t:M"/></operation></portType>
        <binding name="B" type="t:P"><operation name="o"/></binding>
        <service name="S"><port name="p" binding="t:B"><soap:address location="http://x/"/></port></service></definitions>"#;
    let wsdl = read(&[endless], Version::V11);
    let _ = message(&wsdl, "o", json!({"s": 1}));
    assert!(document::of(&wsdl)["paths"]["/o"].is_object());
}

#[test]
fn documents_describe_functions() {
    let shop = read(&[SHOP, TYPES], Version::V11);
    let document = document::of(&shop);
    let body = document
        .pointer("/paths/~1Add/post/requestBody/content/application~1json/schema")
        .unwrap();
    assert_eq!(
        *body,
        json!({"type": "object", "properties": {"a": {"type": "number", "format": "int32"}, "b": {"type": "number", "format": "int32"}},
               "required": ["a", "b"]})
    );
    let order = document.pointer("/components/schemas/Order").unwrap();
    assert_eq!(
        order["properties"]["line"],
        json!({"type": "array", "items": {"$ref": "#/components/schemas/Line"}})
    );
    assert_eq!(
        order["properties"]["parent"],
        json!({"$ref": "#/components/schemas/Order"})
    );
    assert_eq!(order["properties"]["id"]["description"], "Number of the thing.");
    assert_eq!(order["required"], json!(["id"]));
    let (kind, fields) = document::fields(&shop, &shop.functions[1], &shop.functions[1].input);
    assert_eq!(
        (kind.as_deref(), fields),
        (Some("PlaceOrder"), json!({"order": "Order", "note": "string"}))
    );
}
