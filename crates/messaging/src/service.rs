//! An e-mail service: `POST /` sends.

use crate::compose::{Placeholders, merge};
use crate::{Mail, Mailbox, Surroundings, TemplateKey, Transport, address, attachment, shapes};
use async_trait::async_trait;
use contract::{
    BuildContext, Caller, Endpoint, Map, Method, Operation, Origin, Payload, Problem, Request, Response,
    Service, Settings, Value, Verb,
};
use serde_json::json;
use std::sync::Arc;

static ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "send",
    path: "",
    methods: &[Method::new(Verb::Post, "send{S}Email", "Sends an e-mail.", &[])
        .takes(shapes::MAIL)
        .gives(shapes::SENT)],
}];

/// A service that sends e-mails through a transport.
pub struct EmailService {
    transport: Box<dyn Transport>,
    surroundings: Arc<dyn Surroundings>,
    settings: Arc<Settings>,
    sender: Map<String, Value>,
    parameters: Map<String, Value>,
}

impl EmailService {
    /// A service of this configuration: the fields of [`crate::SENDER`] and [`crate::PARAMETERS`] are read here.
    pub fn new(
        context: &BuildContext,
        transport: Box<dyn Transport>,
        surroundings: Arc<dyn Surroundings>,
    ) -> EmailService {
        let rows = context.config.get("parameters").and_then(Value::as_array);
        let active = |row: &&Value| row.get("active").is_none_or(|flag| *flag != json!(false));
        let parameters = rows.into_iter().flatten().filter(active).filter_map(|row| {
            let name = row.get("name")?.as_str()?;
            Some((name.to_owned(), row.get("value")?.clone()))
        });
        EmailService {
            transport,
            surroundings,
            settings: Arc::clone(&context.settings),
            sender: context.config.clone(),
            parameters: parameters.collect(),
        }
    }

    /// The mail that a request asks for.
    async fn compose(&self, request: &Request) -> Result<Mail, Problem> {
        let empty = Map::new();
        let body = match &request.payload {
            Payload::Value(Value::Object(body)) => body,
            Payload::None => &empty,
            _ => return Err(Problem::bad_request("No valid data in request.")),
        };
        let template = self.template(request, body).await?;
        if body.is_empty() && template.is_none() {
            return Err(Problem::bad_request("No valid data in request."));
        }
        let data = merge(&self.parameters, template.as_ref(), body);
        let filled = Placeholders {
            data: &data,
            caller: &request.caller,
            modifiers: &self.settings.lookup_modifiers,
        };
        let mut mail = filled.mail()?;
        if mail.from.is_none() {
            mail.from = self.sender(&data)?;
        }
        if mail.reply_to.is_none() {
            mail.reply_to = address::pair(&self.sender, "reply_to_email", "reply_to_name")?;
        }
        mail.attachments = attachment::read(&*self.surroundings, request, &data).await?;
        Ok(mail)
    }

    /// The service's sender, else the instance's; the name that the mail asks for stays.
    fn sender(&self, data: &Map<String, Value>) -> Result<Option<Mailbox>, Problem> {
        let own = address::pair(&self.sender, "from_email", "from_name")?;
        let of_instance = || {
            let email = self.settings.mail_from_address.as_deref()?;
            Some(Mailbox::new(email, self.settings.mail_from_name.as_deref()))
        };
        let wanted = data
            .get("from_name")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty());
        Ok(own.or_else(of_instance).map(|sender| Mailbox {
            name: wanted.map(str::to_owned).or(sender.name),
            ..sender
        }))
    }

    async fn template(
        &self,
        request: &Request,
        body: &Map<String, Value>,
    ) -> Result<Option<Map<String, Value>>, Problem> {
        let sent = |name: &str| {
            let in_body = body.get(name).and_then(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            let text = request.params.get(name).map(str::to_owned).or(in_body);
            text.filter(|text| !text.is_empty())
        };
        let (key, missing) = match (sent("template"), sent("template_id")) {
            (Some(name), _) => (
                TemplateKey::Name(name.clone()),
                format!("Email Template '{name}' not found"),
            ),
            (None, Some(id)) => {
                let missing = format!("Email Template id '{id}' not found");
                match id.trim().parse() {
                    Ok(number) => (TemplateKey::Id(number), missing),
                    Err(_) => return Err(Problem::not_found(missing)),
                }
            }
            (None, None) => return Ok(None),
        };
        let found = self.surroundings.template(&key).await?;
        found.map(Some).ok_or_else(|| Problem::not_found(missing))
    }
}

#[async_trait]
impl Service for EmailService {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, _: Operation, request: Request) -> Result<Response, Problem> {
        let mail = self.compose(&request).await?;
        self.transport.send(&mail).await?;
        Ok(Response::value(json!({"count": 1})))
    }

    async fn check(&self) -> Result<(), Problem> {
        self.transport.check().await
    }
}
