//! Files that a call names by an address (`import_url`) instead of sending them.

use crate::answer::sent;
use bytes::BytesMut;
use contract::{Form, Kind, Payload, Problem, Request, Settings, Upload};
use futures_util::TryStreamExt;
use outbound::Fetcher;

/// The address of the file that a call names; `None` when it names none.
pub(crate) fn address(request: &Request) -> Option<String> {
    sent(request, "import_url")
}

/// The body of a call as if its caller had sent the file at `url` himself.
///
/// Fails with 400 when the file cannot be had, which is so for every address that is not public, and with 413 when it
/// is larger than a body may be.
pub(crate) async fn as_sent(url: &str, request: &Request, settings: &Settings) -> Result<Payload, Problem> {
    let opened = Fetcher::new(settings)?.open(url).await;
    let (name, mut content) = opened.map_err(|e| {
        let sentence =
            "The file at 'import_url' could not be fetched; it must have a public address of the web.";
        Problem::bad_request(sentence).with_source(e)
    })?;
    let most = settings.max_body_bytes;
    let mut bytes = BytesMut::new();
    while let Some(piece) = content.try_next().await? {
        if (bytes.len() + piece.len()) as u64 > most {
            let sentence = format!("The file at 'import_url' is larger than {most} bytes.");
            return Err(Problem::new(Kind::TooLarge, sentence));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Payload::Form(Form {
        fields: request.object().cloned().unwrap_or_default(),
        files: vec![Upload {
            field: "files".to_owned(),
            name,
            bytes: bytes.freeze(),
        }],
    }))
}
