//! The head of a message: configured headers, and the login of WS-Security.

use crate::config::{Config, Login};
use crate::encode::Encoder;
use crate::envelope;
use crate::schema::Type;
use crate::wsdl::{Version, Wsdl};
use crate::xml::{Name, Writer, is_name};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{Problem, Request, Settings, Value};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const DIGEST: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
/// How the value of a header begins that is taken from a parameter.
const FROM_PARAMETER: &str = "df:";

/// A header with its value.
#[derive(Debug)]
struct Filled {
    name: Name,
    value: Value,
    must_understand: bool,
    actor: String,
}

/// The head of the messages of one call.
#[derive(Debug, Default)]
pub(crate) struct Heading<'a> {
    headers: Vec<Filled>,
    login: Option<&'a Login>,
}

impl<'a> Heading<'a> {
    /// What the configuration asks for. Lookups are replaced in configured values alone.
    pub(crate) fn of(config: &'a Config, request: &Request, settings: &Settings) -> Heading<'a> {
        let allowed = |name: &str| settings.allows_modifier(name);
        let headers = config
            .headers
            .iter()
            .filter(|header| is_name(&header.name))
            .map(|header| {
                let value = match header.data.strip_prefix(FROM_PARAMETER) {
                    Some(parameter) => Value::from(request.params.get(parameter.trim()).unwrap_or_default()),
                    None => {
                        let data = query::lookup::replace(&header.data, &allowed, &|name| {
                            request.caller.lookup(name)
                        });
                        let object = serde_json::from_str(&data).ok().filter(Value::is_object);
                        object.unwrap_or_else(|| Value::from(data.into_owned()))
                    }
                };
                Filled {
                    name: Name::new(&header.namespace, &header.name),
                    value,
                    must_understand: header.must_understand,
                    actor: header.actor.clone(),
                }
            });
        Heading {
            headers: headers.collect(),
            login: config.login.as_ref(),
        }
    }

    /// What answers depend on here.
    pub(crate) fn key(&self) -> Vec<&Value> {
        self.headers.iter().map(|header| &header.value).collect()
    }

    /// Writes it; nothing when there is none.
    pub(crate) fn write(&self, wsdl: &Wsdl, out: &mut Writer) -> Result<(), Problem> {
        if self.headers.is_empty() && self.login.is_none() {
            return Ok(());
        }
        let own = envelope::space(wsdl.version);
        out.open(&Name::new(own, "Header"), &[]);
        for header in &self.headers {
            let mut said = Vec::new();
            if header.must_understand {
                said.push(("s:mustUnderstand", "1"));
            }
            if !header.actor.is_empty() {
                let name = match wsdl.version {
                    Version::V11 => "s:actor",
                    Version::V12 => "s:role",
                };
                said.push((name, header.actor.as_str()));
            }
            if !said.is_empty() {
                said.insert(0, ("xmlns:s", own));
            }
            let kind = wsdl
                .schema
                .elements
                .get(&header.name)
                .map_or(&Type::Any, |field| &field.kind);
            let mut encoder = Encoder {
                schema: &wsdl.schema,
                out: &mut *out,
            };
            encoder.element(&header.name, kind, &header.value, &said)?;
        }
        if let Some(login) = self.login {
            security(login, own, out)?;
        }
        out.close();
        Ok(())
    }
}

/// The login, with a digest in the place of the password that holds for this message alone.
fn security(login: &Login, own: &str, out: &mut Writer) -> Result<(), Problem> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|e| Problem::internal(e.to_string()))?;
    let created = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let digest = digest(&nonce, &created, &login.password);
    let wsse = |local: &str| Name::new(WSSE, local);
    out.open(&wsse("Security"), &[("xmlns:s", own), ("s:mustUnderstand", "1")]);
    out.open(
        &wsse("UsernameToken"),
        &[("xmlns:u", WSU), ("u:Id", &login.token)],
    );
    out.leaf(&wsse("Username"), &[], &login.user);
    out.leaf(&wsse("Password"), &[("Type", DIGEST)], &digest);
    out.leaf(
        &wsse("Nonce"),
        &[("EncodingType", BASE64)],
        &STANDARD.encode(nonce),
    );
    out.leaf(&Name::new(WSU, "Created"), &[], &created);
    out.close();
    out.close();
    Ok(())
}

/// The digest that WS-Security asks for; its strength lies in the nonce.
fn digest(nonce: &[u8], created: &str, password: &str) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(nonce);
    context.update(created.as_bytes());
    context.update(password.as_bytes());
    STANDARD.encode(context.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // sha1("abc")
        assert_eq!(digest(b"a", "b", "c"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    }
}
