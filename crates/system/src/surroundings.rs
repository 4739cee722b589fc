//! What e-mail services need of the instance: its templates, and the files that a caller may attach.

use crate::instance::Instance;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use contract::{Body, ByteStream, Format, Map, Params, Payload, Problem, Request, Value, Verb};
use futures_util::StreamExt;
use messaging::{Attachment, Surroundings, TemplateKey};
use platform::Incoming;
use std::sync::Arc;

#[async_trait]
impl Surroundings for Instance {
    async fn template(&self, key: &TemplateKey) -> Result<Option<Map<String, Value>>, Problem> {
        let platform = self.platform()?;
        match key {
            TemplateKey::Id(id) => platform.store().email_template(*id).await,
            TemplateKey::Name(name) => platform.store().email_template_by_name(name).await,
        }
    }

    async fn file(
        &self,
        request: &Request,
        (service, path): (&str, &str),
        most: usize,
    ) -> Result<Attachment, Problem> {
        let incoming = Incoming {
            verb: Verb::Get,
            service: service.to_owned(),
            path: path.trim_matches('/').to_owned(),
            trailing_slash: false,
            params: Params::default(),
            headers: Vec::new(),
            payload: Payload::None,
            origin: request.origin.clone(),
            format: Format::Other,
            base_url: Arc::clone(&request.base_url),
            peer: None,
        };
        let answer = self.platform()?.run_as(request.caller.clone(), incoming).await?;
        let (media, bytes) = match answer.body {
            Body::Bytes { media, bytes } => (media, bytes),
            Body::Stream { media, stream } => (media, gathered(stream, most).await?),
            _ => {
                return Err(Problem::bad_request(format!(
                    "'{path}' of the service '{service}' is no file that can be attached."
                )));
            }
        };
        Ok(Attachment {
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            media,
            bytes,
        })
    }
}

/// All of a file that is not too large.
async fn gathered(mut stream: ByteStream, most: usize) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    while let Some(piece) = stream.next().await {
        let piece = piece?;
        if whole.len() + piece.len() > most {
            return Err(messaging::too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}
