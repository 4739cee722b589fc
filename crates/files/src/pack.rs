//! A folder as a zip archive, made while it is sent.

use crate::download::attachment;
use crate::tree::{Item, walk};
use crate::{FilePath, FileService, Store};
use bytes::Bytes;
use contract::{Body, ByteStream, Problem, Request, Response, Verb};
use futures_util::{StreamExt, stream};
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Bytes that leave at once.
const PIECE: usize = 64 * 1024;
/// Archives whose files are larger than this need the newer form.
const LARGE: u64 = u32::MAX as u64;

impl FileService {
    /// Answers with all of a folder that the caller may read. Entries have their paths from the root of the service.
    pub(crate) async fn pack(&self, folder: &FilePath, request: &Request) -> Result<Response, Problem> {
        let mut items = walk(&*self.store, folder, self.settings.max_records_returned).await?;
        items.retain(|item| item.is_shown() && request.permit(item.path.as_str(), Verb::Get).is_ok());
        let name = match folder.is_root() {
            true => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                format!(
                    "{}_{}",
                    request.service.name,
                    now.map_or(0, |since| since.as_secs())
                )
            }
            false => folder.name().to_owned(),
        };
        Ok(Response {
            status: 200,
            headers: vec![(
                "content-disposition".to_owned(),
                attachment(&format!("{name}.zip")),
            )],
            body: Body::Stream {
                media: "application/zip".to_owned(),
                stream: packed(Arc::clone(&self.store), items),
            },
        })
    }
}

/// Packs in a thread of its own, as fast as the pieces are taken.
fn packed(store: Arc<dyn Store>, items: Vec<Item>) -> ByteStream {
    let (send, pieces) = mpsc::channel(2);
    let end = send.clone();
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let pieces = BufWriter::with_capacity(PIECE, Pieces(send));
        if let Err(problem) = pack(&*store, &items, pieces, &runtime) {
            // When nobody listens any more, that was the problem.
            let _ = end.blocking_send(Err(problem));
        }
    });
    ByteStream::new(stream::unfold(pieces, |mut pieces| async {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    }))
}

fn pack(
    store: &dyn Store,
    items: &[Item],
    pieces: BufWriter<Pieces>,
    runtime: &Handle,
) -> Result<(), Problem> {
    let broken = |e: zip::result::ZipError| Problem::internal(e);
    let mut archive = ZipWriter::new_stream(pieces);
    for item in items {
        let Some(length) = item.found.length() else {
            let options = SimpleFileOptions::default();
            archive
                .add_directory(item.path.folder(), options)
                .map_err(broken)?;
            continue;
        };
        let options = SimpleFileOptions::default().large_file(length >= LARGE);
        archive.start_file(item.path.as_str(), options).map_err(broken)?;
        let mut content = runtime.block_on(store.read(&item.path, 0, length))?;
        while let Some(piece) = runtime.block_on(content.next()) {
            archive.write_all(&piece?).map_err(Problem::internal)?;
        }
    }
    let pieces = archive.finish().map_err(broken)?.into_inner();
    pieces
        .into_inner()
        .map(drop)
        .map_err(|e| Problem::internal(e.into_error()))
}

/// Where pieces of the archive go.
struct Pieces(mpsc::Sender<Result<Bytes, Problem>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes the archive any more");
        sent.map(|()| bytes.len()).map_err(gone)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
