//! The bytes of an object, piece by piece: read for an answer, or put together anew.
use super::errors::{Fault, internal};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::JoinHandle;
use vpclab_cloud::bucket::Piece;
use vpclab_store::{Blob, Blobs, ChecksumKind, PutError};

/// So much is read at a time.
const READ: usize = 256 * 1024;

/// A stretch of a file, which is there as long as this is.
#[derive(Debug)]
pub struct Span {
    blob: Blob,
    from: u64,
    len: u64,
}

/// The stretches of files that `len` bytes of an object from `from` on are in.
pub fn spans(blobs: &Blobs, pieces: &[Piece], mut from: u64, mut len: u64) -> Result<VecDeque<Span>, Fault> {
    let mut spans = VecDeque::new();
    for piece in pieces {
        if len == 0 {
            break;
        }
        if from >= piece.size {
            from -= piece.size;
            continue;
        }
        let here = len.min(piece.size - from);
        let blob = blobs.hold(&piece.sha256).ok_or_else(|| internal(&format!("the file {} is not there", piece.sha256)))?;
        spans.push_back(Span { blob, from, len: here });
        from = 0;
        len -= here;
    }
    Ok(spans)
}

/// Reads stretches one behind the other; it blocks.
struct Reader {
    blobs: Blobs,
    spans: VecDeque<Span>,
    open: Option<(File, u64, Blob)>,
}

impl Reader {
    fn read(&mut self) -> io::Result<Bytes> {
        loop {
            if let Some((file, left, _)) = &mut self.open
                && *left > 0
            {
                let wanted = READ.min(usize::try_from(*left).unwrap_or(READ));
                let mut buffer = vec![0; wanted];
                file.read_exact(&mut buffer)?;
                *left -= u64::try_from(wanted).unwrap_or(*left);
                return Ok(buffer.into());
            }
            let Some(span) = self.spans.pop_front() else { return Ok(Bytes::new()) };
            let mut file = self.blobs.open_blob(&span.blob.sha256)?;
            file.seek(SeekFrom::Start(span.from))?;
            self.open = Some((file, span.len, span.blob));
        }
    }
}

/// The bytes as the body of an answer, read as fast as the client takes them.
pub struct PiecesBody {
    reader: Option<Reader>,
    reading: Option<JoinHandle<(Reader, io::Result<Bytes>)>>,
    left: u64,
}

impl PiecesBody {
    /// A body of these stretches.
    #[must_use]
    pub fn new(blobs: Blobs, spans: VecDeque<Span>) -> Self {
        let left = spans.iter().map(|span| span.len).sum();
        Self { reader: Some(Reader { blobs, spans, open: None }), reading: None, left }
    }
}

impl Body for PiecesBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if let Some(mut reader) = self.reader.take() {
            self.reading = Some(tokio::task::spawn_blocking(move || {
                let read = reader.read();
                (reader, read)
            }));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let done = ready!(Pin::new(reading).poll(cx));
        self.reading = None;
        let (reader, read) = done.map_err(io::Error::other)?;
        self.reader = Some(reader);
        let bytes = read.inspect_err(|why| tracing::error!(%why, "an object cannot be read"))?;
        self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The bytes in one file of their own, with these checksums.
pub async fn copy(blobs: &Blobs, spans: VecDeque<Span>, checksums: Vec<ChecksumKind>) -> Result<Blob, Fault> {
    let blobs = blobs.clone();
    let copied = tokio::task::spawn_blocking(move || -> Result<Blob, PutError> {
        let mut put = blobs.begin(spans.iter().map(|span| span.len).sum(), &checksums)?;
        let mut reader = Reader { blobs, spans, open: None };
        loop {
            let bytes = reader.read()?;
            if bytes.is_empty() {
                return put.finish();
            }
            put.write(&bytes)?;
        }
    });
    copied.await.map_err(|why| internal(&why))?.map_err(|why| internal(&why))
}
